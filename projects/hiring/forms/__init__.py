"""The shapes of what people fill in; rules live in the actions."""

from projects.hiring.forms.applications import ApplicationForm, CandidateFilterForm, DeclineForm
from projects.hiring.forms.contracts import (
    AmendForm,
    ContractFilterForm,
    EndForm,
    PageForm,
    RatingForm,
    ReasonForm,
    ReportDecisionForm,
    WordsForm,
)
from projects.hiring.forms.offers import AcceptForm, MoneyField, OfferForm, SignForm

__all__ = [
    "AcceptForm",
    "AmendForm",
    "ApplicationForm",
    "CandidateFilterForm",
    "ContractFilterForm",
    "DeclineForm",
    "EndForm",
    "MoneyField",
    "OfferForm",
    "PageForm",
    "RatingForm",
    "ReasonForm",
    "ReportDecisionForm",
    "SignForm",
    "WordsForm",
]
