"""Declaring credentials, and moving them on their ladder: how sure we are, since when, from which source."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction

from experts.credentials import policies, tasks
from experts.credentials.checkers import checker_for
from experts.credentials.enums import LADDER_MOVES, REGISTER_OF_KIND, CredentialKind, DocumentState, LadderStep, height
from experts.credentials.models import Credential, CredentialStep, Document
from experts.profiles.models import Expert
from marketplace.accounts.models import User
from marketplace.audit.actions import record
from marketplace.kernel.actors import Actor, System
from marketplace.kernel.crypto import keyed_hash
from marketplace.kernel.errors import Invalid, NotAllowed, Refused, TooMany, WrongState
from marketplace.kernel.states import require_move
from marketplace.notices.actions import notify

MOST_CREDENTIALS = 40
REHASH_BATCH = 500
CHECKER = System("credentials.checkers")
PAGE = "/me/credentials/"
HAND_STEPS = frozenset({LadderStep.DOCUMENT_SEEN, LadderStep.CONFIRMED})
"""What a person may say; the other steps are said by checkers and registries."""


@transaction.atomic(durable=True)
def declare_credential(
    *,
    expert_id: UUID,
    kind: str,
    by: User,
    now: datetime,
    title: str = "",
    issuer: str = "",
    country: str = "",
    region: str = "",
    number: str = "",
    expires_on: date | None = None,
    awarded_year: int | None = None,
) -> Credential:
    """
    Write down what an expert says they hold. This function will let its checker look at the number at once, so that
    the credential stands at “declared” or at “number well formed”.

    :raises Invalid: if the number can only be a slip of the hand, or there is nothing to go by.
    :raises Refused: if the same number is declared already.
    :raises TooMany: if the expert has forty credentials.
    """
    expert = Expert.objects.select_for_update(of=("self",), no_key=True).get(public_id=expert_id)
    return write_declaration(
        expert, kind, by=by, now=now, title=title, issuer=issuer, country=country, region=region, number=number,
        expires_on=expires_on, awarded_year=awarded_year,
    )  # fmt: skip


def write_declaration(
    expert: Expert,
    kind: str,
    *,
    by: User,
    now: datetime,
    title: str = "",
    issuer: str = "",
    country: str = "",
    region: str = "",
    number: str = "",
    expires_on: date | None = None,
    awarded_year: int | None = None,
) -> Credential:
    """Do what `declare_credential` does as a part of another action, which has locked the expert. Needs an open transaction."""
    policies.require_owner(by, expert)
    checker = checker_for(CredentialKind(kind))
    credential = Credential(
        expert=expert, kind=kind, title=title.strip(), issuer=issuer.strip(), country=country, region=region,
        number=checker.normalise(number), expires_on=expires_on, awarded_year=awarded_year, declared_at=now,
    )  # fmt: skip
    if not credential.number and not credential.title:
        raise Invalid("Give a number or a title, so that somebody can look it up.", field="number")
    credential.number_hash = hash_of(credential)
    credential.number_last4 = _tail(credential.number)
    standing = Credential.objects.standing().filter(expert=expert)
    if standing.count() >= MOST_CREDENTIALS:
        raise TooMany(f"You have {MOST_CREDENTIALS} credentials. Withdraw those that nobody asks for.")
    if credential.number_hash and standing.filter(kind=kind, number_hash=credential.number_hash).exists():
        raise Refused("You have declared this number already. Withdraw the first one to correct it.", field="number")
    outcome = checker.check(credential)
    if outcome.ok is False and outcome.is_certain:
        raise Invalid(outcome.explanation, field="number")
    credential.save()
    _write_step(credential, "", LadderStep.DECLARED, by=by, now=now)
    if outcome.step != LadderStep.DECLARED:
        move(credential, outcome.step, by=CHECKER, now=now, source=outcome.source, explanation=outcome.explanation)
    # The number stays out of the trail: it is sealed in its own column.
    record(what="credentials.declare_credential", by=by, about=credential, now=now,
           after={"kind": str(kind), "step": credential.step})  # fmt: skip
    if credential.kind in REGISTER_OF_KIND:
        tasks.compare_credential.delay_on_commit(credential_id=str(credential.pk))
    return credential


@transaction.atomic(durable=True)
def withdraw_credential(*, credential_id: UUID, by: User, now: datetime) -> Credential:
    """Take back what one declared. This function will keep the row for the record; it counts for nothing any more."""
    credential = locked_credential(credential_id)
    policies.require_owner(by, credential.expert)
    if credential.withdrawn_at is None:
        credential.withdrawn_at = now
        credential.save(update_fields=["withdrawn_at"])
        record(what="credentials.withdraw_credential", by=by, about=credential, now=now)
    return credential


@transaction.atomic(durable=True)
def attach_document(*, credential_id: UUID, document_id: UUID, by: User, now: datetime) -> Credential:
    """
    Put a document behind a credential. This function will take back “document seen” when another document replaces
    the one that was seen.

    :raises WrongState: if the document was refused or the credential withdrawn.
    """
    credential = locked_credential(credential_id)
    policies.require_owner(by, credential.expert)
    require_standing(credential)
    document = Document.objects.get(public_id=document_id, expert=credential.expert)
    if document.state == DocumentState.REFUSED:
        raise WrongState("That file was refused, so it cannot stand behind a credential.")
    if credential.document_id == document.pk:
        return credential
    if credential.step == LadderStep.DOCUMENT_SEEN:
        move(credential, step_without_document(credential), by=CHECKER, now=now,
              explanation="Another document was attached; nobody has read that one yet.")  # fmt: skip
    credential.document = document
    credential.save(update_fields=["document"])
    record(what="credentials.attach_document", by=by, about=credential, now=now,
           after={"document": str(document.public_id)})  # fmt: skip
    return credential


@transaction.atomic(durable=True)
def climb_ladder(
    *,
    credential_id: UUID,
    to_step: str,
    by: Actor,
    now: datetime,
    source: str = "",
    seen_on: date | None = None,
    explanation: str = "",
) -> Credential:
    """
    Say that we are surer of a credential than before. This function will tell the expert, and keep who said so.

    :param source: where it was looked up, for example “Ohio board, licence page”.
    :param seen_on: the day on which the source was looked at; needed to confirm.
    :raises NotAllowed: if `by` may not judge it, or says a step that only a program can say.
    :raises Invalid: if the source or the day is missing, or the day lies ahead.
    :raises WrongState: if it is withdrawn, has expired, or stands as high already. What is confirmed may be confirmed
        again, which starts its year anew.
    """
    credential = locked_credential(credential_id)
    policies.require_judge(by, credential)
    step = LadderStep(to_step)
    require_standing(credential)
    is_again = step == credential.step == LadderStep.CONFIRMED and not isinstance(by, System)
    if not is_again:
        require_move(LADDER_MOVES, current=credential.step, target=step, what="credential")
    if height(step) < height(credential.step):
        raise WrongState("It stands higher already. Use “step down” and say why.")
    if isinstance(by, System) == (step in HAND_STEPS):
        raise NotAllowed("People say that they have seen or confirmed something; programs say the other steps.")
    if step == LadderStep.DOCUMENT_SEEN and not _has_clean_document(credential):
        raise WrongState("There is no checked document behind it that anybody could have seen.")
    if step == LadderStep.CONFIRMED:
        _require_source(source, seen_on, now)
    climb(credential, step, by=by, now=now, source=source, seen_on=seen_on, explanation=explanation)
    return credential


def climb(
    credential: Credential,
    step: LadderStep,
    *,
    by: Actor,
    now: datetime,
    source: str = "",
    seen_on: date | None = None,
    explanation: str = "",
) -> None:
    """
    Write a climb and tell the expert. Needs an open transaction and the credential's lock.

    Whoever looks at a credential that was renewed looks at the renewed one, so its new last day counts from then on.

    :raises WrongState: if it has expired.
    """
    before = {"step": credential.step, "expires_on": str(credential.expires_on or "")}
    if step in HAND_STEPS and credential.renewal_expires_on is not None:
        credential.expires_on, credential.renewal_expires_on = credential.renewal_expires_on, None
        credential.save(update_fields=["expires_on", "renewal_expires_on"])
    if credential.expires_on is not None and credential.expires_on < now.date():
        raise WrongState(f"It expired on {credential.expires_on:%d %b %Y}, so it cannot climb.")
    move(credential, step, by=by, now=now, source=source, seen_on=seen_on, explanation=explanation)
    record(what="credentials.climb_ladder", by=by, about=credential, now=now, before=before,
           after={"step": str(step), "source": source, "expires_on": str(credential.expires_on or "")})  # fmt: skip
    notify(
        user=credential.expert.user, kind="credentials", now=now, path=PAGE, button="See your credentials",
        title=f"{credential.label}: {step.label.lower()}",
        body=f"{credential.label} now stands at “{step.label}”." + (f"\n\nSource: {source}." if source else ""),
    )  # fmt: skip


@transaction.atomic(durable=True)
def step_down(*, credential_id: UUID, to_step: str, reason: str, by: Actor, now: datetime) -> Credential:
    """
    Say that we are less sure of a credential than before. This function will tell the expert why.

    :raises NotAllowed: if `by` may not judge it.
    :raises Invalid: if the reason has fewer than twenty characters.
    :raises WrongState: if it is withdrawn or does not stand higher than that.
    """
    credential = locked_credential(credential_id)
    policies.require_judge(by, credential)
    require_standing(credential)
    step, reason = LadderStep(to_step), reason.strip()
    if len(reason) < 20:
        raise Invalid("Say why in at least twenty characters; the expert reads it.", field="reason")
    if height(step) >= height(credential.step):
        raise WrongState(f"It stands at “{credential.get_step_display()}”, which is no higher.")
    fall(credential, step, reason=reason, by=by, now=now)
    return credential


@transaction.atomic(durable=True)
def reveal_number(*, credential_id: UUID, by: User, now: datetime) -> str:
    """
    Return the whole number to a member of vetting staff who looks it up. This function will write into the trail
    that they saw it.

    :raises NotAllowed: if `by` may not judge the credential.
    """
    credential = Credential.objects.select_related("expert").get(public_id=credential_id)
    policies.require_judge(by, credential)
    record(what="credentials.reveal_number", by=by, about=credential, now=now)
    return str(credential.number)


def hash_of(credential: Credential) -> str:
    """Return the keyed hash by which equal numbers are found; a number means something only in its place and kind."""
    if not credential.number:
        return ""
    place = f"{credential.country}:{credential.region}"
    return keyed_hash(credential.number.upper(), purpose=f"credential:{credential.kind}:{place}")


def rehash_numbers() -> int:
    """
    Hash every number with the present key, a batch at a time; return how many had another hash. Twice is once.

    A row is written only if it still holds the hash that was read, so an edit in between stays.
    """
    changed, after = 0, 0
    while rows := list(Credential.objects.exclude(number_hash="").filter(pk__gt=after).order_by("pk")[:REHASH_BATCH]):
        with transaction.atomic(durable=True):
            for row in rows:
                fresh, before = hash_of(row), row.number_hash
                if fresh != before:
                    changed += Credential.objects.filter(pk=row.pk, number_hash=before).update(number_hash=fresh)
        after = rows[-1].pk
    return changed


def step_without_document(credential: Credential) -> LadderStep:
    """Return where a credential stands when no document counts: by its number alone."""
    return checker_for(credential.kind).check(credential).step


def lose_document(credential: Credential, *, now: datetime) -> None:
    """Step down from “document seen” because the document is gone. Needs an open transaction."""
    if credential.step == LadderStep.DOCUMENT_SEEN:
        move(credential, step_without_document(credential), by=CHECKER, now=now,
              explanation="The document was removed by its owner.")  # fmt: skip


def _tail(number: str) -> str:
    """Return the end of a number that may be shown: four characters, two of a short number."""
    return number[-4:] if len(number) >= 8 else number[-2:] if len(number) >= 4 else ""


def locked_credential(credential_id: UUID) -> Credential:
    """Return the credential with its row locked. The document is not joined: it would be the one from before the wait."""
    rows = Credential.objects.select_related("expert__user")
    found: Credential = rows.select_for_update(of=("self",), no_key=True).get(public_id=credential_id)
    return found


def require_standing(credential: Credential) -> None:
    if credential.withdrawn_at is not None:
        raise WrongState("This credential was withdrawn.")


def _has_clean_document(credential: Credential) -> bool:
    return credential.document is not None and credential.document.state == DocumentState.CLEAN


def _require_source(source: str, seen_on: date | None, now: datetime) -> None:
    if not source.strip():
        raise Invalid("Name the source where you looked it up.", field="source")
    if seen_on is None or seen_on > now.date():
        raise Invalid("Give the day on which you looked at the source; it cannot lie ahead.", field="seen_on")


def fall(credential: Credential, step: LadderStep, *, reason: str, by: Actor, now: datetime) -> None:
    """Step a credential down and tell the expert why. Needs an open transaction and the credential's lock."""
    before = credential.step
    move(credential, step, by=by, now=now, explanation=reason)
    record(what="credentials.step_down", by=by, about=credential, now=now, before={"step": before},
           after={"step": str(step), "reason": reason})  # fmt: skip
    notify(
        user=credential.expert.user, kind="credentials", now=now, path=PAGE, button="See your credentials",
        title=f"{credential.label} was stepped down",
        body=f"{credential.label} now stands at “{step.label}”.\n\n{reason}",
    )  # fmt: skip


def move(
    credential: Credential,
    step: LadderStep,
    *,
    by: Actor,
    now: datetime,
    source: str = "",
    seen_on: date | None = None,
    explanation: str = "",
) -> None:
    """Put the credential on another step, or confirm it once more, and write that down. Needs its lock."""
    before = credential.step
    if step != before:
        require_move(LADDER_MOVES, current=before, target=step, what="credential")
        credential.step = step
    until = seen_on + timedelta(days=settings.CONFIRMATION_DAYS) if seen_on is not None else None
    credential.confirmed_until = until if step == LadderStep.CONFIRMED else None
    credential.save(update_fields=["step", "confirmed_until"])
    _write_step(
        credential, before, step, by=by, now=now, source=source.strip(), seen_on=seen_on, explanation=explanation
    )


def _write_step(credential: Credential, before: str, after: str, *, by: Actor, now: datetime, **facts: object) -> None:
    CredentialStep.objects.create(
        credential=credential, from_step=before, to_step=after, at=now, actor_kind=by.actor_kind,
        actor_ref=by.actor_ref, **facts,
    )  # fmt: skip
