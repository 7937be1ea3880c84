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
    "AnswerForm",
    "ApplicationForm",
    "BackForm",
    "BulkDeclineForm",
    "CandidateFilterForm",
    "ContractFilterForm",
    "CriteriaForm",
    "DeclineForm",
    "EndForm",
    "InviteForm",
    "MatchesForm",
    "MoneyField",
    "NoteForm",
    "OfferForm",
    "PageForm",
    "PickForm",
    "RatingForm",
    "ReasonForm",
    "ReportDecisionForm",
    "ScorecardForm",
    "SignForm",
    "WordsForm",
]
