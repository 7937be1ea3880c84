"""From an application through an offer to a contract with immutable versions."""

from projects.hiring.models.applications import Application, ApplicationQuerySet
from projects.hiring.models.contracts import Contract, ContractQuerySet, ContractVersion
from projects.hiring.models.offers import Offer, OfferQuerySet, TermsSignature

__all__ = [
    "Application",
    "ApplicationQuerySet",
    "Contract",
    "ContractQuerySet",
    "ContractVersion",
    "Offer",
    "OfferQuerySet",
    "TermsSignature",
]
