"""The shapes of what people fill in; rules live in the actions."""

from projects.hiring.forms.applications import ApplicationForm, DeclineForm
from projects.hiring.forms.candidates import (
    AnswerForm,
    BackForm,
    BulkDeclineForm,
    CandidateFilterForm,
    CriteriaForm,
    InviteForm,
    MatchesForm,
    NoteForm,
    PickForm,
    ScorecardForm,
)
from projects.hiring.forms.contracts import PageForm, ReasonForm
from projects.hiring.forms.offers import AcceptForm, MoneyField, OfferForm, SignForm

__all__ = [
    "AcceptForm",
    "AnswerForm",
    "ApplicationForm",
    "BackForm",
    "BulkDeclineForm",
    "CandidateFilterForm",
    "CriteriaForm",
    "DeclineForm",
    "InviteForm",
    "MatchesForm",
    "MoneyField",
    "NoteForm",
    "OfferForm",
    "PageForm",
    "PickForm",
    "ReasonForm",
    "ScorecardForm",
    "SignForm",
]
