"""Addresses of this area."""

from __future__ import annotations

from django.urls import path

from projects.standing.views import certificates, fairness, joining, public, referrals, staff

app_name = "standing"
urlpatterns = [
    path("verify/", public.verify, name="verify"),
    path("verify/check_certificate.py", public.checker, name="checker"),
    path("verify/revocations/<int:number>/", public.revocations, name="revocations"),
    path("verify/<uuid:certificate_id>/", public.verify_one, name="verify_one"),
    path("verify/<uuid:certificate_id>/certificate.json", public.certificate_json, name="json"),
    path(".well-known/did.json", public.did_document, name="did"),
    path("labs/<slug:slug>/fairness/", fairness.of_lab, name="lab_fairness"),
    path("labs/<slug:slug>/fairness.json", fairness.of_lab_json, name="lab_fairness_json"),
    path("gigs/<uuid:project_id>/fairness/", fairness.of_gig, name="gig_fairness"),
    path("gigs/<uuid:project_id>/fairness.json", fairness.of_gig_json, name="gig_fairness_json"),
    path("r/<slug:code>/", joining.invited, name="invited"),
    path("r/<slug:code>/<slug:gig_code>/", joining.invited, name="invited_to"),
    path("me/certificates/", certificates.certificate_list, name="certificates"),
    path("me/certificates/new/", certificates.new, name="new"),
    path("me/certificates/<uuid:certificate_id>/", certificates.certificate, name="certificate"),
    path("me/certificates/<uuid:certificate_id>/pdf/", certificates.pdf, name="pdf"),
    path("me/certificates/<uuid:certificate_id>/take-back/", certificates.take_back, name="take_back"),
    path("me/referrals/", referrals.referrals, name="referrals"),
    path("me/referrals/link/", referrals.open_link, name="open_link"),
    path("me/referrals/share/<slug:gig_code>/", referrals.share, name="share"),
    path("vetting/certificates/", staff.certificates, name="staff_certificates"),
    path("vetting/certificates/<uuid:certificate_id>/", staff.certificate, name="staff_certificate"),
    path("vetting/referrals/", staff.referrals, name="staff_referrals"),
    path("vetting/referrals/<uuid:referral_id>/", staff.referral, name="staff_referral"),
]
