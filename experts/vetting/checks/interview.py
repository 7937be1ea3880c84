"""How the structured interview of the field was scored."""

from __future__ import annotations

from experts.assessments.queries import interview_result
from experts.vetting.checks.base import Finding, attention, needs_person, passed
from experts.vetting.models import Check


def look_at_interview(check: Check) -> Finding:
    """Return the score of two people with the credit of each answer. It has no pass mark, so a person weighs it."""
    result = interview_result(check.case.expert, check.case.field)
    if result is None:
        return passed("No interview is asked in this field any more.")
    evidence = {
        "title": result.title,
        "score_bps": result.score_bps,
        "answers": [{"question": question, "credit_bps": credit} for question, credit in result.answers],
    }
    if result.score_bps is not None:
        words = f"Scored {result.score_bps / 100:g} % by two people. It has no pass mark; weigh it."
        return needs_person(words, **evidence)
    states = {"SCORING": "Handed in, being scored by two people.", "OPEN": "Begun, not handed in yet."}
    return attention(states.get(result.state, "Not begun yet."), **evidence)
