"""The profile: one page, one form a section, each saved by itself."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from experts.profiles import actions, queries
from experts.profiles.forms.entries import FromForm
from experts.profiles.forms.sections import SECTION_FORMS, ClaimForm, FindForm, OpenForm, TermsForm
from experts.profiles.models import Expert, Field
from marketplace.accounts.actions import set_time_zone
from marketplace.kernel import clock
from marketplace.kernel.http import Request

REFUSED = 422


@require_GET
def edit(request: Request) -> HttpResponse:
    """The profile with its sections, or the invitation to start one."""
    expert = queries.expert_of(request.user, with_history=True)
    if expert is None:
        return render(request, "profiles/start.html")
    return render(request, "profiles/edit.html", _page(expert))


@require_POST
def start(request: Request) -> HttpResponse:
    """Make the person an expert and lead them to the first step."""
    actions.start_expert(by=request.user, now=clock.now())
    return redirect("profiles:steps")


@require_http_methods(["GET", "POST"])
def save(request: Request, section: str) -> HttpResponse:
    """Save one section. htmx gets that section and the progress back, everybody else the page."""
    expert = queries.expert_of(request.user, with_history=True)
    if expert is None or section not in SECTION_FORMS:
        raise Http404
    if request.method == "GET":
        return redirect("profiles:edit")
    form = SECTION_FORMS[section](request.POST, expert=expert, auto_id=f"{section}_%s")
    is_valid = form.is_valid()
    if isinstance(form, TermsForm) and (preset := form.with_preset(request.POST, expert)):
        return _answer(request, section, _page(expert, terms=preset))
    if not is_valid:
        return _answer(request, section, _page(expert, **{section: form}), status=REFUSED)
    write(request, expert, form)
    if not request.htmx:
        messages.success(request, _("Saved."))
        return redirect(f"{reverse('profiles:edit')}#{section}")
    fresh = queries.expert_of(request.user, with_history=True)
    assert fresh is not None  # noqa: S101 -- a profile is never deleted while its owner is signed in
    answer = _answer(request, section, _page(fresh) | {"saved": section, "saved_at": clock.now()})
    answer["HX-Trigger-After-Swap"] = "profile-saved"  # The steps beside the profile look again.
    return answer


def write(request: Request, expert: Expert, form: Any) -> None:
    """Write what a section's form says. The zone belongs to the person, not to the profile."""
    now = clock.now()
    if zone := form.cleaned_data.get("zone"):
        set_time_zone(zone=zone, by=request.user, now=now)
    actions.edit_profile(expert_id=expert.public_id, by=request.user, now=now, **form.change())


@require_POST
def open_to_work(request: Request) -> HttpResponse:
    """Turn the switch on the first screen; htmx gets the switch back."""
    expert = get_object_or_404(Expert, user=request.user)
    form = OpenForm(request.POST)
    is_open = form.is_valid() and form.cleaned_data["is_open"]
    expert = actions.set_open_to_work(expert_id=expert.public_id, is_open=is_open, by=request.user, now=clock.now())
    if request.htmx:
        return render(request, "profiles/open.html", {"expert": expert, "saved_at": clock.now()})
    messages.success(request, _("You are open to work.") if is_open else _("You are not looking for work."))
    return redirect("pages:expert_home")


@require_GET
def find_fields(request: Request) -> HttpResponse:
    """What may be meant by the words typed so far, as options of the list below the box."""
    form = FindForm(request.GET)
    text = form.cleaned_data["add"] if form.is_valid() else ""
    expert = queries.expert_of(request.user)
    claimed = {entry.field_id for entry in expert.field_entries.all()} if expert else set()
    found = queries.find_fields(text, Field.objects.offered().in_reading_order())
    return render(request, "profiles/found.html", {"found": found, "claimed": claimed, "text": text.strip()})


@require_GET
def all_fields(request: Request) -> HttpResponse:
    """The whole taxonomy to read and to choose from."""
    expert = queries.expert_of(request.user)
    claimed = {entry.field_id for entry in expert.field_entries.all()} if expert else set()
    context = {
        "taxonomy": queries.field_groups(),
        "expert": expert,
        "claimed": claimed,
        "in_steps": FromForm(request.GET).in_steps(),
    }
    return render(request, "profiles/fields.html", context)


@require_POST
def claim(request: Request) -> HttpResponse:
    """Add one field of the whole list to the profile, and go back to where its years are asked."""
    expert = queries.expert_of(request.user)
    form = ClaimForm(request.POST)
    if expert is None or not form.is_valid():
        raise Http404
    field = form.cleaned_data["field"]
    fields = {entry.field_id: entry.years for entry in expert.field_entries.all()} | {field.pk: 0}
    actions.edit_profile(expert_id=expert.public_id, by=request.user, now=clock.now(), fields=fields)
    messages.success(request, _("%(name)s is in your profile. Say how many years.") % {"name": field.name})
    if form.cleaned_data["steps"]:
        return redirect("profiles:step", "fields")
    return redirect(f"{reverse('profiles:edit')}#fields")


def _page(expert: Expert, **bound: forms.Form) -> dict[str, Any]:
    progress = queries.progress_of(expert)
    unbound = {code: form(expert=expert, auto_id=f"{code}_%s") for code, form in SECTION_FORMS.items()}
    return {
        "expert": expert,
        "sections": {section.code: section for section in progress.sections},
        "progress": progress,
        "form": unbound | bound,
    }


def _answer(request: Request, section: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    if not request.htmx:
        return render(request, "profiles/edit.html", context, status=status)
    parts = [render_to_string(f"profiles/edit.html#{name}", context | {"oob": name == "progress"}, request)
             for name in (section, "progress")]  # fmt: skip
    return HttpResponse("".join(parts), status=status)
