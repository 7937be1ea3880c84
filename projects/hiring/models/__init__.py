"""From an application through an offer to a contract with immutable versions, its amendments and its ratings."""

from projects.hiring.models.amendments import Amendment, AmendmentQuerySet
from projects.hiring.models.applications import Application, ApplicationQuerySet
from projects.hiring.models.contracts import Contract, ContractQuerySet, ContractVersion
from projects.hiring.models.held import HeldDecision
from projects.hiring.models.invitations import GigInvitation, LabMute
from projects.hiring.models.matching import MatchWeights
from projects.hiring.models.offers import Offer, OfferQuerySet, TermsSignature
from projects.hiring.models.ratings import Rating, RatingQuerySet
from projects.hiring.models.reviewing import CandidateNote, Criteria, Scorecard, ScorecardMark

__all__ = [
    "Amendment",
    "AmendmentQuerySet",
    "Application",
    "ApplicationQuerySet",
    "CandidateNote",
    "Contract",
    "ContractQuerySet",
    "ContractVersion",
    "Criteria",
    "GigInvitation",
    "HeldDecision",
    "LabMute",
    "MatchWeights",
    "Offer",
    "OfferQuerySet",
    "Rating",
    "RatingQuerySet",
    "Scorecard",
    "ScorecardMark",
    "TermsSignature",
]
