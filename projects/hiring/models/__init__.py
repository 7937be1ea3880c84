"""From an application through an offer to a contract with immutable versions, its amendments and its ratings."""

from projects.hiring.models.amendments import Amendment, AmendmentQuerySet
from projects.hiring.models.applications import Application, ApplicationQuerySet
from projects.hiring.models.contracts import Contract, ContractQuerySet, ContractVersion
from projects.hiring.models.offers import Offer, OfferQuerySet, TermsSignature
from projects.hiring.models.ratings import Rating, RatingQuerySet

__all__ = [
    "Amendment",
    "AmendmentQuerySet",
    "Application",
    "ApplicationQuerySet",
    "Contract",
    "ContractQuerySet",
    "ContractVersion",
    "Offer",
    "OfferQuerySet",
    "Rating",
    "RatingQuerySet",
    "TermsSignature",
]
