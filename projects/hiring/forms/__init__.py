"""The shapes of what people fill in; rules live in the actions."""

from projects.hiring.forms.applications import ApplicationForm, CandidateFilterForm, DeclineForm
from projects.hiring.forms.contracts import PageForm, ReasonForm
from projects.hiring.forms.offers import AcceptForm, MoneyField, OfferForm, SignForm

__all__ = [
    "AcceptForm",
    "ApplicationForm",
    "CandidateFilterForm",
    "DeclineForm",
    "MoneyField",
    "OfferForm",
    "PageForm",
    "ReasonForm",
    "SignForm",
]
