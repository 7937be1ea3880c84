"""Addresses of this area."""

from __future__ import annotations

from django.urls import path

from experts.assessments.views import attempts, authoring, expert, interviews, scoring

app_name = "assessments"
_ATTEMPT, _INTERVIEW = "me/assessments/attempts/<uuid:attempt_id>/", "me/assessments/interviews/<uuid:interview_id>/"
urlpatterns = [
    path("me/assessments/", expert.mine, name="mine"),
    path("me/assessments/accommodations/", expert.accommodations, name="accommodations"),
    path("me/assessments/accommodations/<uuid:request_id>/withdraw/", expert.withdraw, name="withdraw"),
    path("me/assessments/asks/<uuid:ask_id>/<uuid:assessment_id>/", attempts.start, name="start"),
    path("me/assessments/asks/<uuid:ask_id>/interview/<uuid:guide_id>/", interviews.start, name="interview_start"),
    path(_ATTEMPT, attempts.attempt, name="attempt"),
    path(f"{_ATTEMPT}<int:position>/", attempts.question, name="question"),
    path(f"{_ATTEMPT}submit/", attempts.submit, name="submit"),
    path(f"{_ATTEMPT}pause/", attempts.pause, name="pause"),
    path(f"{_ATTEMPT}resume/", attempts.resume, name="resume"),
    path(_INTERVIEW, interviews.interview, name="interview"),
    path(f"{_INTERVIEW}<int:position>/", interviews.answer, name="interview_answer"),
    path(f"{_INTERVIEW}<int:position>/recording/", interviews.upload, name="interview_upload"),
    path(f"{_INTERVIEW}submit/", interviews.submit, name="interview_submit"),
    path("me/assessments/recordings/<uuid:recording_id>/", interviews.recording, name="recording"),
    path("me/assessments/recordings/<uuid:recording_id>/remove/", interviews.remove, name="recording_remove"),
    path("vetting/questions/", authoring.bank, name="bank"),
    path("vetting/questions/new/", authoring.new_question, name="question_new"),
    path("vetting/questions/<uuid:question_id>/", authoring.edit_question, name="question_edit"),
    path("vetting/questions/<uuid:question_id>/preview/", authoring.preview, name="question_preview"),
    path("vetting/questions/<uuid:question_id>/publish/", authoring.publish_question, name="question_publish"),
    path("vetting/questions/<uuid:question_id>/retire/", authoring.retire_question, name="question_retire"),
    path("vetting/papers/", authoring.papers, name="papers"),
    path("vetting/papers/new/", authoring.new_paper, name="paper_new"),
    path("vetting/papers/<slug:what>/<uuid:paper_id>/", authoring.edit_paper, name="paper_edit"),
    path("vetting/papers/<slug:what>/<uuid:paper_id>/publish/", authoring.publish_paper, name="paper_publish"),
    path("vetting/papers/<slug:what>/<uuid:paper_id>/retire/", authoring.retire_paper, name="paper_retire"),
    path("vetting/scoring/", scoring.queue, name="scoring"),
    path("vetting/scoring/<uuid:script_id>/", scoring.script, name="script"),
    path("vetting/scoring/<uuid:script_id>/take/", scoring.take, name="script_take"),
    path("vetting/scoring/<uuid:script_id>/put-back/", scoring.put_back, name="script_put_back"),
    path("vetting/scoring/recordings/<uuid:recording_id>/", scoring.recording, name="script_recording"),
    path("vetting/statistics/", scoring.statistics, name="statistics"),
    path("vetting/accommodations/", scoring.requests, name="requests"),
    path("vetting/accommodations/<uuid:request_id>/", scoring.answer_request, name="request"),
]
