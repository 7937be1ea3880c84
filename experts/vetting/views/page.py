"""What the page of a case shows to staff, whichever form brought them back to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from experts.credentials.models import Credential, Document
from experts.credentials.queries import credentials_of, current_resume, ladder_of, names_of_confirmers
from experts.profiles.models import Expert
from experts.vetting import policies, queries
from experts.vetting.enums import (
    NEEDS_TWO,
    REASONS_OF_OUTCOME,
    WAITING_FOR_STAFF,
    AppealOutcome,
    CaseState,
    CheckKind,
    CheckResult,
    Outcome,
)
from experts.vetting.forms import (
    DecisionForm,
    JudgeForm,
    LadderForm,
    OpinionAskForm,
    OpinionForm,
    StepDownForm,
    WhyForm,
    prefix_of,
)
from experts.vetting.models import Case, Check
from experts.vetting.starters import starters_by_outcome
from marketplace.kernel import clock
from marketplace.kernel.http import Request

REFUSED = 422
Forms = Mapping[int, Form]


def require_staff(request: Request) -> None:
    """Whoever is not behind this door finds nothing here."""
    if not policies.may_enter(request.user):
        raise Http404


def case_or_404(request: Request, case_id: UUID) -> Case:
    require_staff(request)
    return get_object_or_404(Case.objects.visible_to(request.user).with_people(), public_id=case_id)


def refused(request: Request, row: Case, **forms: Any) -> HttpResponse:
    """Show the case again with what is missing next to its field."""
    return render(request, "vetting/case.html", page_of_case(request, row, **forms), status=REFUSED)


def documents_of(credentials: list[Credential], resume: Document | None) -> list[Document]:
    """Return the files that a decision may rest on: the résumé and what stands behind the credentials."""
    found = {row.document.pk: row.document for row in credentials if row.document is not None}
    return [*([resume] if resume is not None else []), *found.values()]


def page_of_case(
    request: Request,
    row: Case,
    *,
    outcome: str = "",
    form: DecisionForm | None = None,
    ladder_forms: Forms | None = None,
    fall_forms: Forms | None = None,
    why_form: WhyForm | None = None,
    retry_forms: Forms | None = None,
    ask_form: OpinionAskForm | None = None,
    opinion_form: OpinionForm | None = None,
    judge_form: JudgeForm | None = None,
) -> dict[str, Any]:
    """Return everything on the page; a form that was refused is shown as it was sent."""
    now, user = clock.now(), request.user
    checks, credentials = queries.checks_of(row), credentials_of(row.expert)
    decisions = queries.decisions_of(row)
    is_mine, why_not = row.claimed_by_id == user.pk, policies.why_not(user, row)
    resume = current_resume(row.expert)
    files = documents_of(credentials, resume)
    decision = form or DecisionForm(checks=checks, documents=files, initial={"outcome": outcome})
    if outcome:
        decision.fields["reason_code"].widget.attrs["autofocus"] = True
    return {
        "door": "vetting",
        "now": now,
        "case": row,
        "expert": Expert.objects.with_profile().with_history().get(pk=row.expert_id),
        "checks": [
            (check, (retry_forms or {}).get(check.pk) or WhyForm(prefix=f"retry-{check.pk}")) for check in checks
        ],
        "total": len(checks),
        "by_kind": {check.kind: check for check in checks},
        "tallies": _tallies(checks),
        "checks_in": sum(check.result != CheckResult.PENDING for check in checks),
        "panels": _panels(credentials, checks, ladder_forms or {}, fall_forms or {}),
        "resume": resume,
        "decisions": decisions,
        "record": queries.record_of(row),
        "earlier": queries.earlier_cases(row),
        "form": decision,
        "codes": {str(one): [str(code) for code in codes] for one, codes in REASONS_OF_OUTCOME.items()},
        "starters": starters_by_outcome(),
        "needs_two": [code.label for code in NEEDS_TWO],
        "why_not": why_not,
        "may_work": not why_not,
        "is_mine": is_mine,
        "is_held": row.claimed_until is not None and row.claimed_until > now,
        "why_form": why_form or WhyForm(prefix="over"),
        "may_retry": not why_not and row.state in (CaseState.CHECKING, *WAITING_FOR_STAFF),
        "outcomes": [
            (Outcome.APPROVE, _("Counts as vetted for %s from now on") % row.field.name, "a"),
            (Outcome.ASK_FOR_MORE, _("They have 7 days to answer, then the checks run again"), "m"),
            (Outcome.DECLINE, _("They read why and have 7 days to appeal"), "d"),
        ],
        "may_decide": row.state == CaseState.AWAITING_DECISION and is_mine and not why_not,
        **_second(request, row, is_mine=is_mine, may_work=not why_not, ask_form=ask_form, opinion_form=opinion_form),
        **_appeal(row, is_mine=is_mine, may_work=not why_not, judge_form=judge_form),
    }


def _second(
    request: Request, row: Case, *, is_mine: bool, may_work: bool, ask_form: OpinionAskForm | None,
    opinion_form: OpinionForm | None,
) -> dict[str, Any]:  # fmt: skip
    """The second opinion: asked for, given, or still to be asked."""
    opinions = queries.opinions_of(row)
    waiting = next((one for one in opinions if one.given_at is None), None)
    awaits = row.state == CaseState.AWAITING_DECISION
    asked_me = (
        waiting is not None and waiting.asked_by_id != request.user.pk and waiting.of_id in (None, request.user.pk)
    )
    others = queries.colleagues(row, of=request.user) if is_mine and awaits and waiting is None else []
    return {
        "opinions": [one for one in opinions if one.given_at is not None],
        "opinion": waiting,
        "may_give": awaits and asked_me and may_work,
        "may_ask": bool(others) and may_work,
        "ask_form": ask_form or OpinionAskForm(others=others, prefix="ask"),
        "opinion_form": opinion_form or OpinionForm(prefix="opinion"),
    }


def _appeal(row: Case, *, is_mine: bool, may_work: bool, judge_form: JudgeForm | None) -> dict[str, Any]:
    """The appeal that waits for a judge, with what the expert has added since the decision."""
    appeal = queries.open_appeal(row) if row.state == CaseState.APPEALED else None
    if appeal is None:
        return {"appeal": None}
    return {
        "appeal": appeal,
        "added": queries.added_since(row, appeal.decision.decided_at),
        "may_judge": is_mine and may_work,
        "judge_form": judge_form or JudgeForm(prefix="judge"),
        "judgements": [
            (AppealOutcome.UPHELD, _("Final. They may ask again when something has changed")),
            (AppealOutcome.APPROVED, _("Counts as vetted for %s from now on") % row.field.name),
            (AppealOutcome.REOPENED, _("The checks run on what is there now; not the same person decides")),
        ],
    }


def _panels(credentials: list[Credential], checks: list[Check], climbs: Forms, falls: Forms) -> list[dict[str, Any]]:
    names = names_of_confirmers(credentials)
    by_credential = {check.credential_id: check for check in checks if check.kind == CheckKind.CREDENTIAL}
    by_registry = {check.credential_id: check for check in checks if check.kind == CheckKind.REGISTRY}
    return [
        {
            "credential": credential,
            "check": by_credential.get(credential.pk),
            "registry": by_registry.get(credential.pk),
            "ladder": ladder_of(credential, names),
            "climb": climbs.get(credential.pk) or LadderForm(prefix=prefix_of("up", credential)),
            "fall": falls.get(credential.pk) or StepDownForm(prefix=prefix_of("down", credential)),
        }
        for credential in credentials
    ]


def _tallies(checks: list[Check]) -> list[tuple[str, str, int]]:
    """Return (tone, words, count) for the head of the table."""
    tones = [
        ("success", _("passed"), {CheckResult.PASSED}),
        ("warning", _("to judge"), {CheckResult.ATTENTION, CheckResult.NEEDS_PERSON}),
        ("info", _("running"), {CheckResult.PENDING}),
    ]
    counted = [(tone, words, sum(check.result in results for check in checks)) for tone, words, results in tones]
    return [row for row in counted if row[2]]
