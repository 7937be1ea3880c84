"""Answering a structured interview, in words or as recordings."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from csp.decorators import csp
from django.contrib import messages
from django.http import FileResponse, HttpResponse, JsonResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from experts.assessments import actions, queries
from experts.assessments.forms import InterviewTextForm, RecordingForm
from experts.assessments.models import Ask, Guide, Interview, Recording
from marketplace.kernel import clock
from marketplace.kernel.errors import Invalid
from marketplace.kernel.http import Request

STALE, REFUSED = 409, 422


@require_http_methods(["GET", "POST"])
def start(request: Request, ask_id: UUID, guide_id: UUID) -> HttpResponse:
    """What it is and how it is scored; then the questions are made from the profile."""
    ask = get_object_or_404(Ask.objects.visible_to(request.user).select_related("field", "expert"), public_id=ask_id)
    rows = Guide.objects.for_field(ask.field).filter(current__isnull=False).select_related("current")
    guide = get_object_or_404(rows, public_id=guide_id)
    if request.method == "POST":
        begun = actions.start_interview(
            ask_id=ask.public_id, guide_id=guide.public_id, by=request.user, now=clock.now()
        )
        return redirect("assessments:interview", begun.public_id)
    asked = next((one for one in queries.asks_of(ask.expert, now=clock.now()) if one.ask == ask), None)
    may_write = ask.expert.accommodations.granted().filter(may_write=True).exists()
    context = {"ask": ask, "asked": asked, "guide": guide, "version": guide.current, "may_write": may_write}
    return render(request, "assessments/interview_start.html", context)


@require_GET
def interview(request: Request, interview_id: UUID) -> HttpResponse:
    """The questions with what I have answered; closed, how it went."""
    row = _own(request, interview_id)
    if row.is_open:
        return _page(request, row)
    context = {"interview": row, "answers": row.answers.prefetch_related("recordings").order_by("position")}
    return render(request, "assessments/interview_result.html", context)


@require_http_methods(["POST", "PUT"])
def answer(request: Request, interview_id: UUID, position: int) -> HttpResponse:
    """Save the words of one answer: PUT by the script as one writes, POST by the button."""
    row = _own(request, interview_id)
    one = get_object_or_404(row.answers, position=position)
    form = InterviewTextForm(QueryDict(request.body) if request.method == "PUT" else request.POST)
    if not form.is_valid():
        raise Invalid("An answer has at most 6000 characters. Shorten it and save it again.")
    saved = actions.save_interview_answer(
        interview_id=row.public_id, position=one.position, by=request.user, now=clock.now(), **form.cleaned_data
    )
    if request.method == "PUT":
        return JsonResponse({"revision": saved.answer.revision}, status=STALE if saved.is_stale else 200)
    if saved.is_stale:
        return _page(request, row, stale=(saved.answer.position, form.cleaned_data["text"]), status=STALE)
    messages.success(request, _("The answer is saved."))
    return redirect(f"{reverse('assessments:interview', args=[row.public_id])}#q{position}")


@require_POST
def upload(request: Request, interview_id: UUID, position: int) -> HttpResponse:
    """Take a recording; it replaces the one before it."""
    row = _own(request, interview_id)
    one = get_object_or_404(row.answers, position=position)
    form = RecordingForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, row, refused=(position, form), status=REFUSED)
    actions.upload_recording(
        interview_id=row.public_id, position=one.position, upload=form.cleaned_data["file"], by=request.user,
        now=clock.now(),
    )  # fmt: skip
    messages.success(request, _("Your recording is being checked."))
    return redirect(f"{reverse('assessments:interview', args=[row.public_id])}#q{position}")


@require_POST
def submit(request: Request, interview_id: UUID) -> HttpResponse:
    """Hand it in."""
    row = _own(request, interview_id)
    actions.submit_interview(interview_id=row.public_id, by=request.user, now=clock.now())
    messages.success(request, _("Handed in. Two people score it within two days."))
    return redirect("assessments:interview", row.public_id)


@require_GET
@csp({"default-src": ["'none'"], "sandbox": [""]})  # type: ignore[arg-type]
def recording(request: Request, recording_id: UUID) -> HttpResponseBase:
    """The speaker's way to a recording."""
    return serve(request, _own_recording(request, recording_id))


@require_POST
def remove(request: Request, recording_id: UUID) -> HttpResponse:
    """Delete a recording."""
    found = _own_recording(request, recording_id)
    interview_id = found.answer.interview.public_id
    actions.remove_recording(recording_id=found.public_id, by=request.user, now=clock.now())
    messages.success(request, _("The recording was deleted."))
    return redirect("assessments:interview", interview_id)


def serve(request: Request, found: Recording) -> HttpResponseBase:
    """Send a checked recording as a file to be saved, under a name that tells nothing of the speaker."""
    opened = actions.open_recording(recording_id=found.public_id, by=request.user, now=clock.now())
    response = FileResponse(
        opened.file.open("rb"), as_attachment=True, filename=opened.shown_name, content_type=opened.media_type
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store, private"
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response


def _page(
    request: Request,
    row: Interview,
    *,
    stale: tuple[int, str] | None = None,
    refused: tuple[int, RecordingForm] | None = None,
    status: int = 200,
) -> HttpResponse:
    parts: list[dict[str, Any]] = []
    for one in row.answers.prefetch_related("recordings").order_by("position"):
        is_stale = stale is not None and stale[0] == one.position
        text = stale[1] if stale is not None and is_stale else one.text
        parts.append(
            {
                "answer": one,
                "form": InterviewTextForm(
                    initial={"text": text, "revision": one.revision}, auto_id=f"q{one.position}_%s"
                ),
                "stale": is_stale,
                "upload": refused[1] if refused and refused[0] == one.position else
                RecordingForm(auto_id=f"q{one.position}_%s"),
            }
        )  # fmt: skip
    done = sum(bool(part["answer"].recording or (part["answer"].text and not row.must_speak)) for part in parts)
    context = {"interview": row, "parts": parts, "done": done}
    return render(request, "assessments/interview.html", context, status=status)


def _own(request: Request, interview_id: UUID) -> Interview:
    rows = Interview.objects.visible_to(request.user).select_related("version", "expert")
    return get_object_or_404(rows, public_id=interview_id)


def _own_recording(request: Request, recording_id: UUID) -> Recording:
    rows = Recording.objects.visible_to(request.user).select_related("answer__interview")
    return get_object_or_404(rows, public_id=recording_id, answer__interview__expert__user=request.user)
