"""Questions about vetting that other rooms ask too, and what the pages of a case show."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from experts.credentials.enums import DocumentKind, DocumentState
from experts.credentials.models import Credential, Document
from experts.profiles.models import Expert, ExpertField, Field
from experts.profiles.queries import missing_from_profile
from experts.vetting.enums import CaseState, CheckResult
from experts.vetting.models import Case, Check, Decision, Evidence
from marketplace.accounts.models import User
from marketplace.audit.models import AuditEvent
from marketplace.kernel.registry import PALETTE_ROWS


def vetted_fields(expert: Expert) -> set[int]:
    """
    Return the ids of the fields the expert is vetted for.

    Who is vetted for a specialty counts as vetted for the field above it too (cardiology for medicine), never the
    other way round.
    """
    return vetted_fields_by_expert([expert])[expert.pk]


def vetted_fields_by_expert(experts: Iterable[Expert]) -> dict[int, set[int]]:
    """Return the ids of the vetted fields of many experts by the expert's id, in one query."""
    found: dict[int, set[int]] = {expert.pk: set() for expert in experts}
    rows = Case.objects.approved().filter(expert__in=found).values_list("expert_id", "field_id", "field__parent_id")
    for expert_id, field_id, parent_id in rows:
        found[expert_id].update({field_id} if parent_id is None else {field_id, parent_id})
    return found


def is_vetted(expert: Expert, field: Field) -> bool:
    """Whether the expert is vetted for the field or for a specialty of it."""
    rows = Case.objects.approved().filter(expert=expert)
    return bool(rows.filter(Q(field=field) | Q(field__parent=field)).exists())


def approved_cases(expert: Expert) -> QuerySet[Case]:
    """Return the approved cases with their fields, the newest first, for “vetted in cardiology since”."""
    rows = Case.objects.approved().filter(expert=expert).select_related("field__parent")
    return rows.order_by("-decided_at", "-pk")


def askable_fields(expert: Expert) -> list[Field]:
    """Return the claimed fields for which a case can be opened: still offered, not vetted yet, and no case open."""
    taken = Case.objects.filter(expert=OuterRef("expert"), field=OuterRef("field")).exclude(
        state__in=[CaseState.DECLINED, CaseState.WITHDRAWN]
    )
    rows = ExpertField.objects.filter(~Exists(taken), expert=expert, field__retired_at__isnull=True).select_related(
        "field__parent"
    )
    return [row.field for row in rows.order_by("field__tree_order")]


def has_evidence(expert: Expert) -> bool:
    """Whether there is anything to look at: a résumé that was not refused, or a standing credential."""
    resumes = Document.objects.filter(expert=expert, kind=DocumentKind.RESUME).exclude(state=DocumentState.REFUSED)
    return bool(resumes.exists() or Credential.objects.standing().filter(expert=expert).exists())


def missing_for_case(expert: Expert, *, evidence: bool | None = None) -> list[str]:
    """Return in words what is missing before any case can be opened; empty when the expert is ready."""
    is_there = has_evidence(expert) if evidence is None else evidence
    return [*missing_from_profile(expert), *([] if is_there else [_("a résumé or a credential")])]


@dataclass(frozen=True, slots=True)
class Step:
    """One step on the way to being vetted: state "done", "current" or "todo", where it is taken, what is missing."""

    label: str
    state: str
    hint: str
    url_name: str


def steps_of(expert: Expert | None, *, evidence: bool | None = None, cases: list[Case] | None = None) -> list[Step]:
    """
    Return the way from an empty profile to being vetted, with the step that is next.

    :param evidence: what `has_evidence` said, and `cases` what `cases_of` returned, where the page knows them already.
    """
    profile = missing_from_profile(expert) if expert else [_("everything")]
    is_there = evidence if evidence is not None else expert is not None and has_evidence(expert)
    if cases is None:
        cases = list(Case.objects.filter(expert=expert).select_related("field").order_by("-pk")) if expert else []
    vetted = [case.field.name for case in cases if case.state == CaseState.APPROVED]
    waiting = [case for case in cases if case.is_open]
    facts = [
        (_("Profile"), not profile, _("Missing: %s") % ", ".join(profile) if profile else "", "profiles:edit"),
        (_("Résumé or credential"), is_there, "" if is_there else _("At least one of them"), "credentials:list"),
        (_("Ask to be vetted"), bool(cases), "" if cases else _("For a field of your profile"), "vetting:mine"),
        (_("A person decides"), bool(vetted), _decision_words(vetted, waiting), "vetting:mine"),
    ]
    first_open = next((index for index, (_label, is_done, _hint, _url) in enumerate(facts) if not is_done), len(facts))
    return [
        Step(label, "done" if is_done else "current" if index == first_open else "todo", hint, url)
        for index, (label, is_done, hint, url) in enumerate(facts)
    ]


def _decision_words(vetted: list[str], waiting: list[Case]) -> str:
    if vetted:
        return _("Vetted for %s") % ", ".join(vetted)
    if waiting:
        return _("%(case)s: %(state)s") % {
            "case": waiting[0].field.name,
            "state": waiting[0].get_state_display().lower(),
        }
    return _("Within three days, with reasons")


def cases_of(user: User) -> list[Case]:
    """Return the person's own cases, open ones first, with the decisions and their answers."""
    decisions = Prefetch("decisions", Decision.objects.select_related("answer", "appeal").order_by("-pk"))
    rows = Case.objects.filter(expert__user=user).select_related("field__parent", "expert")
    cases = list(with_counts(rows).prefetch_related(decisions).order_by("-pk"))
    return sorted(cases, key=lambda case: not case.is_open)


def decided(*, field: Field | None = None) -> QuerySet[Case]:
    """Return the cases that were decided, each with its last decision."""
    last = Prefetch("decisions", Decision.objects.select_related("decided_by", "appeal__judged_by").order_by("-pk"))
    rows = Case.objects.decided()
    rows = rows.filter(Q(field=field) | Q(field__parent=field)) if field else rows
    return rows.with_people().prefetch_related(last)


def with_counts(rows: QuerySet[Case]) -> Any:
    """Count for each case the checks of its round: all, those that are in, and those that a person must judge."""
    this_round = Q(checks__round=F("round"))
    doubtful = Q(checks__result__in=[CheckResult.ATTENTION, CheckResult.NEEDS_PERSON])
    return rows.annotate(
        checks_total=Count("checks", filter=this_round),
        checks_in=Count("checks", filter=this_round & ~Q(checks__result=CheckResult.PENDING)),
        checks_doubtful=Count("checks", filter=this_round & doubtful),
    )


def checks_of(case: Case) -> list[Check]:
    """Return the checks of the case's round in the order in which they are read, with credential and document."""
    rows = case.checks.filter(round=case.round).select_related("credential")
    kinds = ("PROFILE", "RESUME", "CREDENTIAL", "REGISTRY", "SANCTIONS", "ASSESSMENT", "INTERVIEW", "DUPLICATE")
    order = {kind: place for place, kind in enumerate(kinds)}
    return sorted(rows, key=lambda check: (order[check.kind], check.pk))


def decisions_of(case: Case) -> list[Decision]:
    """Return what was decided on the case so far, the newest first: what it rests on, the answer, and the appeal."""
    rests_on = Prefetch("evidence", Evidence.objects.select_related("document").order_by("pk"))
    rows = case.decisions.select_related("decided_by", "second_by", "answer", "appeal__judged_by")
    return list(rows.prefetch_related(rests_on).order_by("-pk"))


WORDS_OF_EVENTS = {
    "vetting.open_case": "Asked to be vetted.",
    "vetting.finish_checks": "All checks are in.",
    "vetting.claim_case": "Took the case.",
    "vetting.release_case": "Handed the case back.",
    "vetting.take_over_case": "Took the case over.",
    "vetting.retry_check": "Had a check run again.",
    "vetting.ask_opinion": "Asked for a second opinion.",
    "vetting.give_opinion": "Gave a second opinion.",
    "vetting.withdraw_opinion": "Took back the question for a second opinion.",
    "vetting.free_opinion": "No second opinion in time; anybody may give it now.",
    "vetting.file_appeal": "Appealed against the decline.",
    "vetting.judge_appeal": "Judged the appeal.",
    "vetting.decide_case": "Decided.",
    "vetting.answer_case": "Answered; the checks run again.",
    "vetting.withdraw_case": "Withdrew the request.",
    "vetting.pass_on_case": "The promised day passed; back to the queue.",
    "vetting.close_unanswered_case": "Closed, because nothing was answered.",
}


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of the record; `why` are the words that a colleague gave."""

    event: AuditEvent
    words: str
    why: str


def record_of(case: Case) -> list[Happening]:
    """Return what happened to the case, the newest first."""
    events = AuditEvent.objects.about("case", case.public_id)
    return [_happening(event) for event in events]


def _happening(event: AuditEvent) -> Happening:
    facts = event.after or {}
    parts = [str(facts[name]) for name in ("check", "why") if facts.get(name)]
    return Happening(event, WORDS_OF_EVENTS.get(event.what, event.what), ": ".join(parts))


def earlier_cases(case: Case) -> list[Case]:
    """Return the other cases of the same person, the newest first."""
    rows = Case.objects.filter(expert=case.expert_id).exclude(pk=case.pk).select_related("field")
    return list(rows.order_by("-pk")[:10])


def last_cases(expert_ids: Collection[int]) -> dict[int, Case]:
    """Return the newest case of each of these people by the expert's id, in one query."""
    rows = Case.objects.filter(expert__in=expert_ids).order_by("expert_id", "-pk").distinct("expert_id")
    return {row.expert_id: row for row in rows}


def named(text: str) -> Q:
    """What finds a case by what people type: V-1182, 1182, or a part of the expert's name."""
    digits = text.strip().upper().removeprefix("V-")
    if digits.isdecimal() and len(digits) < 10:
        return Q(number=int(digits))
    return Q(expert__user__full_name__icontains=text.strip())


def found_cases(user: User, text: str) -> list[tuple[str, str, str]]:
    """Return the cases that vetting staff name by number (V-1182) or by the expert's name, the newest first."""
    if not user.is_vetting_staff:
        return []
    rows = Case.objects.visible_to(user).filter(named(text)).select_related("expert__user", "field").order_by("-pk")
    return [
        (f"{row}, {row.expert.user.get_full_name()}", str(row.field), reverse("vetting:case", args=[row.public_id]))
        for row in rows[:PALETTE_ROWS]
    ]
