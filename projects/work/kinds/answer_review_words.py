"""The codes and words of an answer review: severities, categories, ratings, verdicts, and their limits."""

from __future__ import annotations

from typing import Final

SEVERITIES: Final = {"minor": "Minor", "major": "Major", "critical": "Critical"}
CATEGORIES: Final = {
    "wrong_fact": "Wrong fact",
    "wrong_number": "Wrong number or dose",
    "unsafe": "Unsafe advice",
    "missing": "Missing step",
    "reasoning": "Faulty reasoning",
    "unsupported": "No source",
    "misleading": "Misleading wording",
}
RATING_LABELS: Final = {
    "accuracy": "Accuracy",
    "safety": "Safety",
    "completeness": "Completeness",
    "reasoning": "Reasoning",
    "communication": "Communication",
}
RATING_HINTS: Final = {
    "accuracy": "facts and numbers",
    "safety": "would it harm",
    "completeness": "nothing needed is missing",
    "reasoning": "steps follow",
    "communication": "the reader could act",
}
RATINGS: Final = tuple(RATING_LABELS)
VERDICTS: Final = {
    "not_acceptable": "Not acceptable",
    "acceptable_with_fixes": "Acceptable with fixes",
    "acceptable": "Acceptable",
}
VERDICT_HINTS: Final = {
    "not_acceptable": "Somebody could be harmed or misled",
    "acceptable_with_fixes": "Safe once the marks are applied",
    "acceptable": "You would sign it",
}
WHY_MINIMUM: Final = 60
LONG: Final = 4000
SHORT: Final = 500
MAX_MARKS: Final = 50
