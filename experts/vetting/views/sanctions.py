"""The queue of sanctions hits: a person beside the entry whose name is alike, and what staff say about it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from experts.credentials.queries import standing_credentials
from experts.profiles.models import Expert
from experts.registries.enums import Register
from experts.registries.queries import latest_import, standing_rows
from experts.vetting import actions, policies, queries
from experts.vetting.enums import VERDICTS_IN, WAITING_HITS, HitState, Verdict
from experts.vetting.forms import HitForm, HitListForm
from experts.vetting.models import Hit
from experts.vetting.paging import page_of
from marketplace.kernel import clock
from marketplace.kernel.http import Request

REFUSED = 422
HINTS = {
    Verdict.NOT_SAME: gettext_lazy("Payouts go on; it comes back only when the name or the entry changes"),
    Verdict.MATCH: gettext_lazy("Nothing is paid; a second person must confirm it"),
    Verdict.CONFIRM: gettext_lazy("No case is approved and nothing is paid from now on"),
    Verdict.DISAGREE: gettext_lazy("It goes back to the queue, and stays held until then"),
    Verdict.LOOK_AGAIN: gettext_lazy("It goes back to the queue, and payouts are held"),
}


@require_GET
def hits(request: Request) -> HttpResponse:
    """Hits that wait for somebody, the oldest first, and the list that people are compared with."""
    _require_staff(request)
    form = HitListForm(request.GET)
    state = form.value("state")
    rows = queries.hits(request.user, states=[state] if state else WAITING_HITS)
    page = page_of(rows, by="opened_at", position=form.value("at"))
    newest = latest_import(Register.OFAC)
    context = {
        "door": "vetting",
        "form": form,
        "page": page,
        "query": f"&state={state}" if state else "",
        "newest": newest,
        "entries": standing_rows(Register.OFAC) if newest else 0,
    }
    return render(request, "vetting/hits.html", context)


@require_GET
def hit(request: Request, hit_id: UUID) -> HttpResponse:
    """One hit: the person and the entry side by side."""
    return render(request, "vetting/hit.html", _page(request, _hit_or_404(request, hit_id)))


@require_POST
def decide(request: Request, hit_id: UUID) -> HttpResponse:
    """Say whether it is the same person; what is missing is said next to its field."""
    row = _hit_or_404(request, hit_id)
    form = HitForm(request.POST, verdicts=Verdict)
    if not form.is_valid():
        return render(request, "vetting/hit.html", _page(request, row, form=form), status=REFUSED)
    decision = actions.decide_hit(
        hit_id=row.public_id,
        verdict=form.cleaned_data["verdict"],
        reason=form.cleaned_data["reason"],
        by=request.user,
        now=clock.now(),
    )
    words = {
        Verdict.NOT_SAME: _("%(name)s is cleared."),
        Verdict.MATCH: _("A second person looks at %(name)s now."),
        Verdict.CONFIRM: _("%(name)s is stopped."),
        Verdict.DISAGREE: _("%(name)s is compared again."),
        Verdict.LOOK_AGAIN: _("%(name)s is compared again."),
    }
    messages.success(request, words[Verdict(decision.verdict)] % {"name": row.expert.user.get_full_name()})
    return redirect("vetting:hit", row.public_id)


def _page(request: Request, row: Hit, *, form: HitForm | None = None) -> dict[str, Any]:
    expert = Expert.objects.with_profile().get(pk=row.expert_id)
    verdicts = VERDICTS_IN[HitState(row.state)]
    may_say = policies.may_compare(request.user, row)
    is_own_word = row.state == HitState.MATCH_SAID and row.said_by_id == request.user.pk
    return {
        "door": "vetting",
        "hit": row,
        "entry": row.entry,
        "aliases": row.entry.aliases.standing().order_by("alt_num"),
        "addresses": row.entry.addresses.standing().order_by("add_num"),
        "expert": expert,
        "credentials": standing_credentials([expert])[expert.pk],
        "screenings": queries.screenings_of(expert),
        "decisions": queries.decisions_on(row),
        "choices": [(verdict, HINTS[verdict]) for verdict in verdicts],
        "form": form or HitForm(verdicts=verdicts),
        "may_say": may_say and bool(verdicts) and not is_own_word,
        "is_own_word": is_own_word,
    }


def _require_staff(request: Request) -> None:
    if not policies.may_enter(request.user):
        raise Http404


def _hit_or_404(request: Request, hit_id: UUID) -> Hit:
    _require_staff(request)
    return get_object_or_404(Hit.objects.visible_to(request.user).with_both(), public_id=hit_id)
