"""Addresses of hiring."""

from __future__ import annotations

from django.urls import path

from projects.hiring.views import (
    applications,
    candidates,
    contracts,
    invitations,
    lab_contracts,
    matches,
    offers,
    papers,
    pipeline,
    ratings,
    reviewing,
)

app_name = "hiring"
_CANDIDATES = "lab/<slug:slug>/candidates/"
_CANDIDATE = "lab/<slug:slug>/candidates/<uuid:application_id>/"
_MATCHES = "lab/<slug:slug>/projects/<uuid:project_id>/matches/"
urlpatterns = [
    path("gigs/<uuid:project_id>/apply/", applications.apply, name="apply"),
    path("me/applications/", applications.application_list, name="applications"),
    path("me/applications/<uuid:application_id>/", applications.application, name="application"),
    path(
        "me/applications/<uuid:application_id>/withdraw/",
        applications.application_withdraw,
        name="application_withdraw",
    ),
    path("me/invitations/", invitations.invitation_list, name="invitations"),
    path("me/invitations/<uuid:invitation_id>/", invitations.invitation, name="invitation"),
    path("me/invitations/<uuid:invitation_id>/decline/", invitations.invitation_decline, name="invitation_decline"),
    path("me/invitations/muted/<uuid:mute_id>/unmute/", invitations.unmute, name="unmute"),
    path("me/offers/<uuid:offer_id>/", offers.offer, name="offer"),
    path("me/offers/<uuid:offer_id>/sign/", offers.offer_sign, name="offer_sign"),
    path("me/offers/<uuid:offer_id>/accept/", offers.offer_accept, name="offer_accept"),
    path("me/offers/<uuid:offer_id>/decline/", offers.offer_decline, name="offer_decline"),
    path("me/contracts/", contracts.contract_list, name="contracts"),
    path("me/contracts/<uuid:contract_id>/", contracts.contract, name="contract"),
    path("me/contracts/<uuid:contract_id>/end/", contracts.contract_end, name="contract_end"),
    path("me/contracts/<uuid:contract_id>/record/", papers.record, name="record"),
    path("me/contracts/<uuid:contract_id>/contract.pdf", papers.pdf, name="contract_pdf"),
    path(
        "me/contracts/<uuid:contract_id>/amendments/<uuid:amendment_id>/accept/",
        contracts.amendment_accept,
        name="amendment_accept",
    ),
    path(
        "me/contracts/<uuid:contract_id>/amendments/<uuid:amendment_id>/decline/",
        contracts.amendment_decline,
        name="amendment_decline",
    ),
    path("me/contracts/<uuid:contract_id>/rate/", ratings.rate, name="rate"),
    path("me/contracts/<uuid:contract_id>/rating/reply/", ratings.reply, name="rating_reply"),
    path("me/contracts/<uuid:contract_id>/rating/report/", ratings.report, name="rating_report"),
    path(_CANDIDATES, pipeline.candidates, name="candidates"),
    path(_CANDIDATES + "board/", pipeline.board, name="board"),
    path(_CANDIDATES + "file.csv", pipeline.candidates_csv, name="candidates_csv"),
    path(_CANDIDATES + "decide/", pipeline.bulk, name="bulk"),
    path(_CANDIDATES + "held/<uuid:group>/undo/", pipeline.undo, name="undo"),
    path(_CANDIDATE + "notes/", reviewing.note_add, name="note_add"),
    path(_CANDIDATE + "notes/<uuid:note_id>/remove/", reviewing.note_remove, name="note_remove"),
    path(_CANDIDATE + "score/", reviewing.score, name="score"),
    path("lab/<slug:slug>/projects/<uuid:project_id>/criteria/", reviewing.criteria, name="criteria"),
    path(_MATCHES, matches.matches, name="matches"),
    path(_MATCHES + "<uuid:expert_id>/invite/", matches.invite, name="invite"),
    path(
        _MATCHES + "invitations/<uuid:invitation_id>/withdraw/", matches.invitation_withdraw, name="invitation_withdraw"
    ),
    path("lab/<slug:slug>/candidates/<uuid:application_id>/", candidates.candidate, name="candidate"),
    path(
        "lab/<slug:slug>/candidates/<uuid:application_id>/shortlist/", candidates.candidate_shortlist, name="shortlist"
    ),
    path("lab/<slug:slug>/candidates/<uuid:application_id>/decline/", candidates.candidate_decline, name="decline"),
    path("lab/<slug:slug>/candidates/<uuid:application_id>/offer/", candidates.candidate_offer, name="make_offer"),
    path(
        "lab/<slug:slug>/candidates/<uuid:application_id>/offers/<uuid:offer_id>/withdraw/",
        candidates.offer_withdraw,
        name="offer_withdraw",
    ),
    path("lab/<slug:slug>/contracts/", lab_contracts.contract_list, name="lab_contracts"),
    path("lab/<slug:slug>/contracts/<uuid:contract_id>/", lab_contracts.contract, name="lab_contract"),
    path("lab/<slug:slug>/contracts/<uuid:contract_id>/pause/", lab_contracts.contract_pause, name="contract_pause"),
    path("lab/<slug:slug>/contracts/<uuid:contract_id>/resume/", lab_contracts.contract_resume, name="contract_resume"),
    path("lab/<slug:slug>/contracts/<uuid:contract_id>/end/", lab_contracts.contract_end, name="lab_contract_end"),
    path("lab/<slug:slug>/contracts/<uuid:contract_id>/amend/", lab_contracts.amend, name="amend"),
    path(
        "lab/<slug:slug>/contracts/<uuid:contract_id>/amendments/<uuid:amendment_id>/withdraw/",
        lab_contracts.amendment_withdraw,
        name="amendment_withdraw",
    ),
    path("lab/<slug:slug>/contracts/<uuid:contract_id>/record/", papers.lab_record, name="lab_record"),
    path("lab/<slug:slug>/contracts/<uuid:contract_id>/contract.pdf", papers.lab_pdf, name="lab_contract_pdf"),
    path("lab/<slug:slug>/contracts/<uuid:contract_id>/rate/", ratings.lab_rate, name="lab_rate"),
    path("lab/<slug:slug>/contracts/<uuid:contract_id>/rating/reply/", ratings.lab_reply, name="lab_rating_reply"),
    path("lab/<slug:slug>/contracts/<uuid:contract_id>/rating/report/", ratings.lab_report, name="lab_rating_report"),
    path("labs/<slug:slug>/ratings/", ratings.of_lab, name="lab_ratings"),
    path("vetting/ratings/", ratings.reports, name="rating_reports"),
    path("vetting/ratings/<uuid:rating_id>/", ratings.report_decide, name="rating_decide"),
]
