"""Addresses of this area."""

from __future__ import annotations

from django.urls import path

from experts.vetting.views import claims, expert, figures, sanctions, second, staff

app_name = "vetting"
urlpatterns = [
    path("me/vetting/", expert.mine, name="mine"),
    path("me/vetting/steps/", expert.steps, name="steps"),
    path("me/vetting/ask/", expert.ask, name="ask"),
    path("me/vetting/<uuid:case_id>/", expert.own_case, name="own_case"),
    path("me/vetting/<uuid:case_id>/progress/", expert.progress, name="progress"),
    path("me/vetting/<uuid:case_id>/answer/", expert.answer, name="answer"),
    path("me/vetting/<uuid:case_id>/withdraw/", expert.withdraw, name="withdraw"),
    path("me/vetting/<uuid:case_id>/appeal/", expert.appeal, name="appeal"),
    path("how-vetting-works/", figures.how, name="how"),
    path("vetting/", staff.queue, name="queue"),
    path("vetting/next/", claims.claim_next, name="next"),
    path("vetting/workload/", figures.workload, name="workload"),
    path("vetting/decided/", staff.decided, name="decided"),
    path("vetting/sanctions/", sanctions.hits, name="hits"),
    path("vetting/sanctions/<uuid:hit_id>/", sanctions.hit, name="hit"),
    path("vetting/sanctions/<uuid:hit_id>/decide/", sanctions.decide, name="hit_decide"),
    path("vetting/rechecks/", staff.rechecks, name="rechecks"),
    path("vetting/cases/<uuid:case_id>/", staff.case, name="case"),
    path("vetting/cases/<uuid:case_id>/claim/", claims.claim, name="claim"),
    path("vetting/cases/<uuid:case_id>/release/", claims.release, name="release"),
    path("vetting/cases/<uuid:case_id>/keep/", claims.keep, name="keep"),
    path("vetting/cases/<uuid:case_id>/take-over/", claims.take_over, name="take_over"),
    path("vetting/cases/<uuid:case_id>/decide/", staff.decide, name="decide"),
    path("vetting/cases/<uuid:case_id>/opinion/ask/", second.ask, name="opinion_ask"),
    path("vetting/cases/<uuid:case_id>/opinion/", second.give, name="opinion_give"),
    path("vetting/cases/<uuid:case_id>/opinion/withdraw/", second.withdraw, name="opinion_withdraw"),
    path("vetting/cases/<uuid:case_id>/appeal/", second.judge, name="judge"),
    path("vetting/cases/<uuid:case_id>/checks/<uuid:check_id>/retry/", staff.retry, name="retry"),
    path("vetting/cases/<uuid:case_id>/documents/<uuid:document_id>/", staff.read, name="read"),
    path("vetting/cases/<uuid:case_id>/credentials/<uuid:credential_id>/up/", staff.climb, name="climb"),
    path("vetting/cases/<uuid:case_id>/credentials/<uuid:credential_id>/down/", staff.fall, name="fall"),
    path("vetting/cases/<uuid:case_id>/credentials/<uuid:credential_id>/number/", staff.reveal, name="reveal"),
]
