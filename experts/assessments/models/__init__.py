"""The tables of this area."""

from experts.assessments.models.attempts import Ask, Attempt, AttemptQuestion
from experts.assessments.models.bank import (
    Assessment,
    AssessmentVersion,
    Authored,
    Guide,
    GuideVersion,
    Question,
    QuestionVersion,
)
from experts.assessments.models.interviews import Interview, InterviewAnswer, Recording
from experts.assessments.models.people import Accommodation, ResultEvent
from experts.assessments.models.scoring import Script, Sheet

__all__ = [
    "Accommodation",
    "Ask",
    "Assessment",
    "AssessmentVersion",
    "Attempt",
    "AttemptQuestion",
    "Authored",
    "Guide",
    "GuideVersion",
    "Interview",
    "InterviewAnswer",
    "Question",
    "QuestionVersion",
    "Recording",
    "ResultEvent",
    "Script",
    "Sheet",
]  # fmt: skip
