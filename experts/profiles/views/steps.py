"""The way through a profile, one step a page. Each is saved when it is left, so it can be gone on with at any time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from experts.profiles import actions, queries
from experts.profiles.enums import SectionCode
from experts.profiles.forms.sections import SECTION_FORMS, StepForm, TermsForm
from experts.profiles.models import Expert
from experts.profiles.views.profile import REFUSED, write
from marketplace.kernel import clock
from marketplace.kernel.http import Request

REVIEW = "review"
ORDER: tuple[str, ...] = (*SectionCode.values, REVIEW)


@dataclass(frozen=True, slots=True)
class Step:
    """One step as the row of steps shows it."""

    code: str
    label: str
    state: str

    @property
    def url(self) -> str:
        return reverse("profiles:step", args=[self.code])


@require_GET
def steps(request: Request) -> HttpResponse:
    """Go on where the person stopped: at the first section that is not done, or at the end."""
    expert = queries.expert_of(request.user, with_history=True)
    if expert is None:
        return redirect("profiles:edit")
    following = queries.progress_of(expert).next
    return redirect("profiles:step", following.code if following else REVIEW)


@require_http_methods(["GET", "POST"])
def step(request: Request, step: str) -> HttpResponse:
    """One step: its form, or its list of entries. What was sent is saved, then the person goes where they wished."""
    expert = queries.expert_of(request.user, with_history=True)
    if expert is None or step not in ORDER:
        raise Http404
    if request.method == "GET":
        return _render(request, expert, step)
    form_of = SECTION_FORMS.get(step)
    form = form_of(request.POST, expert=expert, auto_id=f"{step}_%s") if form_of else None
    wish = StepForm(request.POST).wish()
    if form is not None:
        is_valid = form.is_valid()
        if isinstance(form, TermsForm) and (preset := form.with_preset(request.POST, expert)):
            return _render(request, expert, step, preset)
        if not is_valid:
            return _render(request, expert, step, form, status=REFUSED)
        write(request, expert, form)
    elif wish == "skip":
        actions.skip_section(expert_id=expert.public_id, section=step, by=request.user, now=clock.now())
    if wish == "stay":
        return redirect("profiles:step", step)
    if wish == "leave":
        messages.success(request, _("Saved. You can go on at any time."))
        return redirect("pages:expert_home")
    return redirect("profiles:step", ORDER[min(ORDER.index(step) + 1, len(ORDER) - 1)])


def _render(request: Request, expert: Expert, code: str, form: Any = None, status: int = 200) -> HttpResponse:
    progress = queries.progress_of(expert)
    sections = {section.code: section for section in progress.sections}
    at = ORDER.index(code)
    if form is None and code in SECTION_FORMS:
        form = SECTION_FORMS[code](expert=expert, auto_id=f"{code}_%s")
    context = {
        "expert": expert,
        "step": code,
        "number": at + 1,
        "of": len(ORDER),
        "steps": _row(progress, code),
        "section": sections.get(code),
        "sections": sections,
        "progress": progress,
        "form": form,
        "before": ORDER[at - 1] if at else "",
        "stepping": True,
        "free_time": queries.free_time_of(expert, reader_zone=expert.user.time_zone, now=clock.now())
        if code == REVIEW
        else None,
    }
    return render(request, "profiles/step.html", context, status=status)


def _row(progress: queries.Progress, current: str) -> list[Step]:
    found = [
        Step(one.code, one.title, "current" if one.code == current else "done" if one.is_done else "todo")
        for one in progress.sections
    ]
    return [*found, Step(REVIEW, _("Review"), "current" if current == REVIEW else "todo")]
