"""Addresses of this area."""

from __future__ import annotations

from django.urls import path

from experts.vetting.views import expert, sanctions, staff

app_name = "vetting"
urlpatterns = [
    path("me/vetting/", expert.mine, name="mine"),
    path("me/vetting/steps/", expert.steps, name="steps"),
    path("me/vetting/ask/", expert.ask, name="ask"),
    path("me/vetting/<uuid:case_id>/", expert.own_case, name="own_case"),
    path("me/vetting/<uuid:case_id>/progress/", expert.progress, name="progress"),
    path("me/vetting/<uuid:case_id>/answer/", expert.answer, name="answer"),
    path("me/vetting/<uuid:case_id>/withdraw/", expert.withdraw, name="withdraw"),
    path("vetting/", staff.queue, name="queue"),
    path("vetting/decided/", staff.decided, name="decided"),
    path("vetting/sanctions/", sanctions.hits, name="hits"),
    path("vetting/sanctions/<uuid:hit_id>/", sanctions.hit, name="hit"),
    path("vetting/sanctions/<uuid:hit_id>/decide/", sanctions.decide, name="hit_decide"),
    path("vetting/rechecks/", staff.rechecks, name="rechecks"),
    path("vetting/cases/<uuid:case_id>/", staff.case, name="case"),
    path("vetting/cases/<uuid:case_id>/claim/", staff.claim, name="claim"),
    path("vetting/cases/<uuid:case_id>/release/", staff.release, name="release"),
    path("vetting/cases/<uuid:case_id>/decide/", staff.decide, name="decide"),
    path("vetting/cases/<uuid:case_id>/credentials/<uuid:credential_id>/up/", staff.climb, name="climb"),
    path("vetting/cases/<uuid:case_id>/credentials/<uuid:credential_id>/down/", staff.fall, name="fall"),
    path("vetting/cases/<uuid:case_id>/credentials/<uuid:credential_id>/number/", staff.reveal, name="reveal"),
]
