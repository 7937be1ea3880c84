"""What the expert's attempts at the assessments of the field came to."""

from __future__ import annotations

from typing import Any

from experts.assessments.queries import AssessmentResult, assessment_results
from experts.vetting.checks.base import Finding, attention, passed
from experts.vetting.models import Check


def look_at_assessments(check: Check) -> Finding:
    """
    Return the best score of each assessment. Conditions that were granted to the expert are not part of it.

    It waits for nobody: what is not taken or not scored yet is said, and looked at again when that changes.
    """
    results = assessment_results(check.case.expert, check.case.field)
    if not results:
        return passed("No assessment is asked in this field any more.")
    words = " ".join(_words(one) for one in results)
    evidence = {"results": [_facts(one) for one in results]}
    if all(one.has_passed for one in results):
        return passed(words, **evidence)
    return attention(words, **evidence)


def _words(one: AssessmentResult) -> str:
    mark = f"{one.pass_bps / 100:g} % passes"
    if one.has_passed and one.score_bps is not None:
        return f"{one.title}: passed with {one.score_bps / 100:g} % ({mark})."
    if one.is_scoring:
        return f"{one.title}: being scored by two people."
    if one.score_bps is not None:
        tries = f"{one.attempts} attempt" if one.attempts == 1 else f"{one.attempts} attempts"
        return f"{one.title}: {one.score_bps / 100:g} % at best in {tries} ({mark})."
    return f"{one.title}: {'begun' if one.is_open else 'not taken yet'}."


def _facts(one: AssessmentResult) -> dict[str, Any]:
    return {
        "title": one.title,
        "version": one.version,
        "score_bps": one.score_bps,
        "pass_bps": one.pass_bps,
        "attempts": one.attempts,
        "has_passed": one.has_passed,
        "scored_at": one.scored_at.isoformat() if one.scored_at else "",
    }
