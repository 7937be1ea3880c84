"""Questions about credentials and documents that other rooms ask too."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import F, Q, QuerySet

from experts.credentials.enums import (
    LADDER,
    REGISTER_OF_KIND,
    STEP_MEANINGS,
    DocumentKind,
    DocumentState,
    LadderStep,
    height,
)
from experts.credentials.models import Comparison, Credential, CredentialStep, Document, PartialUpload
from experts.profiles.models import Expert
from experts.registries.models import RegistryImport
from marketplace.accounts.models import User


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of the ladder as a page shows it. `state` is "done", "current" or "todo"; `at` and the rest if it was reached."""

    step: LadderStep
    meaning: str
    state: str
    at: datetime | None = None
    source: str = ""
    seen_on: date | None = None
    explanation: str = ""
    by: str = ""


def credentials_meeting(expert: Expert, kind: str, step: str, on: date | None = None) -> QuerySet[Credential]:
    """
    Return the expert's credentials of a kind that count, at this step of the ladder or above it.

    :param on: the day on which they must be in force. Without it, one that expires counts until the sweep has let it
        lapse, which is a minute.
    """
    rows = Credential.objects.counting().filter(expert=expert, kind=kind).at_least_at(step)
    return rows.in_force(on) if on is not None else rows


def standing_credentials(experts: Iterable[Expert]) -> dict[int, list[Credential]]:
    """Return the credentials that count of many experts by the expert's id, in one query."""
    found: dict[int, list[Credential]] = {expert.pk: [] for expert in experts}
    for credential in Credential.objects.counting().filter(expert__in=found).order_by("pk"):
        found[credential.expert_id].append(credential)
    return found


def credentials_of(expert: Expert) -> list[Credential]:
    """Return what an expert declared and did not withdraw, with steps and documents, for a page."""
    return list(Credential.objects.standing().filter(expert=expert).with_ladder())


def compared_with_register(credential: Credential) -> Comparison | None:
    """Return what the newest imported register says of a credential, if it was compared with one."""
    rows = Comparison.objects.filter(credential=credential).select_related("seen_in")
    found: Comparison | None = rows.first()
    return found


def to_compare(register: str, newest: RegistryImport) -> QuerySet[Credential]:
    """Return the credentials that were not compared with this import, or not under the present name of the account."""
    kinds = [kind for kind, of in REGISTER_OF_KIND.items() if of == register]
    rows = Credential.objects.standing().filter(kind__in=kinds)
    stale = (
        Q(comparison__isnull=True) | ~Q(comparison__seen_in=newest) | ~Q(comparison__name=F("expert__user__full_name"))
    )
    return rows.filter(stale).order_by("pk")


def to_confirm_again(until: date) -> QuerySet[Credential]:
    """Return the credentials whose staff confirmation counts until this day or ends before it, the nearest first."""
    rows = Credential.objects.counting().filter(confirmed_until__lte=until)
    return rows.select_related("expert__user").defer("number").order_by("confirmed_until", "pk")


def current_resume(expert: Expert) -> Document | None:
    """Return the newest résumé that was not refused, in quarantine or clean. Its text is read when it is asked for."""
    rows = Document.objects.filter(expert=expert, kind=DocumentKind.RESUME).exclude(state=DocumentState.REFUSED)
    return rows.without_text().order_by("-pk").first()


def resumes_of(expert: Expert) -> tuple[Document | None, Document | None]:
    """Return the résumé that counts, and the one sent after it if that was refused, so that the page can say why."""
    newest = list(Document.objects.filter(expert=expert, kind=DocumentKind.RESUME).without_text().order_by("-pk")[:10])
    current = next((row for row in newest if row.state != DocumentState.REFUSED), None)
    refused = newest[0] if newest and newest[0].state == DocumentState.REFUSED else None
    return current, refused


def is_in_use(expert: Expert, kind: str, sha256: str, credential: Credential | None) -> bool:
    """Whether this very file is the document behind a credential, or the résumé that counts."""
    document = credential.document if credential is not None else None
    if credential is None and kind == DocumentKind.RESUME:
        document = current_resume(expert)
    return document is not None and document.sha256 == sha256


def uploads_of(
    expert: Expert, kind: str, *, now: datetime, credential: Credential | None = None
) -> list[PartialUpload]:
    """Return the files that stopped on their way and may be gone on with, the newest first."""
    rows = PartialUpload.objects.filter(expert=expert, kind=kind, credential=credential)
    return list(rows.open_at(now))


def twins_of(credential: Credential) -> QuerySet[Credential]:
    """Return standing credentials of other people with the same number, found by its keyed hash."""
    if not credential.number_hash:
        return Credential.objects.none()
    rows = Credential.objects.standing().filter(kind=credential.kind, number_hash=credential.number_hash)
    return rows.exclude(expert=credential.expert_id).select_related("expert__user").order_by("pk")


def ladder_of(credential: Credential, names: dict[str, str] | None = None) -> list[Rung]:
    """
    Return the ladder of a credential from the bottom up. Reads its steps.

    A step that was taken back counts as not reached, and one that was jumped over as not done. Why it fell to a step is
    said there only as long as it stands there.

    :param names: names of people by their public id, for “confirmed by”.
    """
    reached = reached_steps(credential)
    rungs = []
    for step in LADDER:
        move_to = reached.get(step)
        is_here = step == credential.step
        state = "todo" if move_to is None else "current" if is_here and step != LADDER[-1] else "done"
        was_fall = move_to is not None and move_to.from_step != "" and height(move_to.from_step) > height(step)
        facts: dict[str, Any] = {} if move_to is None else {
            "at": move_to.at, "source": move_to.source, "seen_on": move_to.seen_on,
            "explanation": "" if was_fall and not is_here else move_to.explanation, "by": (names or {}).get(move_to.actor_ref, ""),
        }  # fmt: skip
        rungs.append(Rung(step=step, meaning=STEP_MEANINGS[step], state=state, **facts))
    return rungs


def reached_steps(credential: Credential) -> dict[str, CredentialStep]:
    """Return the steps that the credential has reached and was not taken down from, each with its last move."""
    reached: dict[str, CredentialStep] = {}
    for move in sorted(credential.steps.all(), key=lambda step: step.pk):
        reached = {step: kept for step, kept in reached.items() if height(step) < height(move.to_step)}
        reached[move.to_step] = move
    return reached


def last_fall(credential: Credential) -> CredentialStep | None:
    """Return the last move on the ladder if it went down, so that the page can say why."""
    moves = list(credential.steps.all())
    last = moves[-1] if moves else None
    if last is None or not last.from_step or height(last.to_step) >= height(last.from_step):
        return None
    return last


def names_of_confirmers(credentials: Iterable[Credential]) -> dict[str, str]:
    """Return who moved these credentials by hand, name by public id, in one query."""
    refs = {move.actor_ref for row in credentials for move in row.steps.all() if move.actor_kind == "user"}
    people = User.objects.filter(public_id__in=refs)
    return {str(person.public_id): person.get_full_name() for person in people}
