"""Vetting: cases with their checks and decisions, second opinions and appeals, and sanctions screening."""

from experts.vetting.models.appeals import Appeal, Opinion
from experts.vetting.models.cases import Answer, Case, Check, CheckQuerySet, Decision, Evidence
from experts.vetting.models.sanctions import Hit, HitDecision, Screening

__all__ = [
    "Answer",
    "Appeal",
    "Case",
    "Check",
    "CheckQuerySet",
    "Decision",
    "Evidence",
    "Hit",
    "HitDecision",
    "Opinion",
    "Screening",
]
