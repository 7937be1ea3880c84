"""The shapes of what people send in."""

from experts.assessments.forms.answers import AccommodationForm, AnswerForm, InterviewTextForm, RecordingForm
from experts.assessments.forms.authoring import (
    AssessmentForm,
    BankForm,
    GuideForm,
    NewPaperForm,
    NewQuestionForm,
    QuestionForm,
)
from experts.assessments.forms.scoring import AfterPlace, FieldForm, GrantForm, MarksForm

__all__ = [
    "AccommodationForm", "AfterPlace", "AnswerForm", "AssessmentForm", "BankForm", "FieldForm", "GrantForm", "GuideForm",
    "InterviewTextForm", "MarksForm", "NewPaperForm", "NewQuestionForm", "QuestionForm", "RecordingForm",
]  # fmt: skip
