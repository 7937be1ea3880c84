"""What people have earned: signed certificates, and referrals with what they bring."""

from projects.standing.models.certificates import Certificate, CertificateCredential, Revocation
from projects.standing.models.referrals import Referral, ReferralCode, Reward, RewardPurse

__all__ = [
    "Certificate",
    "CertificateCredential",
    "Referral",
    "ReferralCode",
    "Revocation",
    "Reward",
    "RewardPurse",
]
