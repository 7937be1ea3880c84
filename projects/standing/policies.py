"""Who may issue, revoke, and decide about referrals."""

from __future__ import annotations

from experts.profiles.models import Expert
from marketplace.accounts.models import User
from marketplace.kernel.errors import NotAllowed
from projects.standing.enums import STAFF_REASONS, RevocationReason
from projects.standing.models import Certificate, Referral


def require_holder(by: User, expert: Expert) -> None:
    """
    Let the expert themselves pass.

    :raises NotAllowed: for everybody else: nobody issues a certificate for somebody else.
    """
    if not by.is_active or by.pk != expert.user_id:
        raise NotAllowed("A certificate is issued by the person it is about.")


def may_revoke(by: User, certificate: Certificate, reason: str) -> bool:
    """The holder takes back their own; vetting staff revoke for their reasons, never their own."""
    if certificate.expert.user_id == by.pk:
        return reason == RevocationReason.ASKED
    return by.is_vetting_staff and reason in STAFF_REASONS


def require_revoker(by: User, certificate: Certificate, reason: str) -> None:
    """
    Let those pass who may revoke for this reason.

    :raises NotAllowed: for everybody else.
    """
    if not by.is_active or not may_revoke(by, certificate, reason):
        raise NotAllowed("Holders take back their own certificates, and vetting staff those of others.")


def require_referral_judge(by: User, referral: Referral) -> None:
    """
    Let vetting staff pass who are neither side of it.

    :raises NotAllowed: for everybody else.
    """
    if not by.is_active or not by.is_vetting_staff or by.pk in {referral.referrer_id, referral.referred_id}:
        raise NotAllowed("Vetting staff decide about a referral, and never about one of their own.")
