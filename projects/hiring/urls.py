"""Addresses of hiring."""

from __future__ import annotations

from django.urls import path

from projects.hiring.views import expert, lab

app_name = "hiring"
urlpatterns = [
    path("gigs/<uuid:project_id>/apply/", expert.apply, name="apply"),
    path("me/applications/", expert.application_list, name="applications"),
    path("me/applications/<uuid:application_id>/", expert.application, name="application"),
    path("me/applications/<uuid:application_id>/withdraw/", expert.application_withdraw, name="application_withdraw"),
    path("me/offers/<uuid:offer_id>/", expert.offer, name="offer"),
    path("me/offers/<uuid:offer_id>/sign/", expert.offer_sign, name="offer_sign"),
    path("me/offers/<uuid:offer_id>/accept/", expert.offer_accept, name="offer_accept"),
    path("me/offers/<uuid:offer_id>/decline/", expert.offer_decline, name="offer_decline"),
    path("me/contracts/", expert.contract_list, name="contracts"),
    path("me/contracts/<uuid:contract_id>/", expert.contract, name="contract"),
    path("me/contracts/<uuid:contract_id>/end/", expert.contract_end, name="contract_end"),
    path("lab/<slug:slug>/candidates/", lab.candidates, name="candidates"),
    path("lab/<slug:slug>/candidates/<uuid:application_id>/", lab.candidate, name="candidate"),
    path("lab/<slug:slug>/candidates/<uuid:application_id>/shortlist/", lab.candidate_shortlist, name="shortlist"),
    path("lab/<slug:slug>/candidates/<uuid:application_id>/decline/", lab.candidate_decline, name="decline"),
    path("lab/<slug:slug>/candidates/<uuid:application_id>/offer/", lab.candidate_offer, name="make_offer"),
    path(
        "lab/<slug:slug>/candidates/<uuid:application_id>/offers/<uuid:offer_id>/withdraw/",
        lab.offer_withdraw,
        name="offer_withdraw",
    ),
    path("lab/<slug:slug>/contracts/", lab.contract_list, name="lab_contracts"),
    path("lab/<slug:slug>/contracts/<uuid:contract_id>/", lab.contract, name="lab_contract"),
    path("lab/<slug:slug>/contracts/<uuid:contract_id>/pause/", lab.contract_pause, name="contract_pause"),
    path("lab/<slug:slug>/contracts/<uuid:contract_id>/resume/", lab.contract_resume, name="contract_resume"),
    path("lab/<slug:slug>/contracts/<uuid:contract_id>/end/", lab.contract_end, name="lab_contract_end"),
]
