"""
Answer review: the expert marks the spans that are wrong, rates the answer, and says whether it can stand.

Offsets are Unicode code points of the answer as stored (line ends are \\n), checked against the quoted words, so that
they mean the same in Python, in Postgres and in a file; JavaScript converts from its UTF-16 units.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from django.http import QueryDict

from projects.work.kinds.answer_review_form import AnswerReviewForm
from projects.work.kinds.answer_review_words import (
    CATEGORIES,
    LONG,
    MAX_MARKS,
    RATING_LABELS,
    RATINGS,
    SEVERITIES,
    SHORT,
    VERDICTS,
    WHY_MINIMUM,
)
from projects.work.kinds.base import Answer, AnswerForm, Column, Problem, Prompt, RowError, text_of
from projects.work.marked import paragraphs_of

TEXT_LIMIT: Final = 60_000
FACTS_LIMIT: Final = 40
_PARTS: Final = {"question": ("The question", 20_000, True), "context": ("The context", TEXT_LIMIT, False),
                 "answer": ("The answer", TEXT_LIMIT, True)}  # fmt: skip

_TEXT: Final = {"type": "string"}
_SCORE: Final = {"type": "integer", "minimum": 1, "maximum": 5}


def _object(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


PROMPT_SCHEMA: Final = _object(
    {
        "question": {"type": "string", "minLength": 1, "maxLength": 20_000},
        "context": {"type": "string", "maxLength": TEXT_LIMIT},
        "answer": {"type": "string", "minLength": 1, "maxLength": TEXT_LIMIT},
        "facts": {"type": "array", "maxItems": FACTS_LIMIT, "items": _object({"label": _TEXT, "value": _TEXT})},
    }
)
MARK_SCHEMA: Final = _object(
    {
        "start": {"type": "integer", "minimum": 0},
        "end": {"type": "integer", "minimum": 1},
        "quote": {"type": "string", "minLength": 1},
        "severity": {"enum": list(SEVERITIES)},
        "category": {"enum": list(CATEGORIES)},
        "correction": {"type": "string", "maxLength": LONG},
        "source": {"type": "string", "maxLength": SHORT},
    }
)
ANSWER_SCHEMA: Final = _object(
    {
        "marks": {"type": "array", "maxItems": MAX_MARKS, "items": MARK_SCHEMA},
        "ratings": _object(dict.fromkeys(RATINGS, _SCORE)),
        "verdict": {"enum": list(VERDICTS)},
        "why": {"type": "string", "minLength": WHY_MINIMUM, "maxLength": LONG},
        "confidence": _SCORE,
    }
)


class AnswerReview:
    """The kind. Its answer: marks, five ratings, a verdict with its reason, and how sure the expert is."""

    code = "ANSWER_REVIEW"
    label = "Answer review"
    summary = "Marks what is wrong in an answer, rates it and gives a verdict"
    minutes = 15
    columns = (
        Column("question", "Question", "What was asked", aliases=frozenset(
            {"question", "prompt", "query", "instruction", "input", "userprompt"})),
        Column("answer", "Answer to review", "What the expert reviews", aliases=frozenset(
            {"answer", "response", "output", "completion", "longanswer", "modelanswer", "modelresponse"})),
        Column("context", "Context", "Shown above the question: a case, a passage", required=False, aliases=frozenset(
            {"context", "background", "passage", "case", "vignette", "abstract", "evidence", "document"})),
    )  # fmt: skip
    prompt_schema = PROMPT_SCHEMA
    answer_schema = ANSWER_SCHEMA
    workbench_template = "work/kinds/answer_review/workbench.html"
    review_template = "work/kinds/answer_review/review.html"
    anchors = (
        ("marks", "The marks"),
        *((code, label) for code, label in RATING_LABELS.items()),
        ("verdict", "The verdict"),
        ("why", "The reason"),
    )
    sample = (
        {
            "question": "Is it safe to add spironolactone today?",
            "context": "An invented case: heart failure, potassium 5.4 mmol/L, eGFR 38 mL/min.",
            "answer": "Yes. A potassium of 5.4 mmol/L is not a reason to wait.",
            "facts": [{"label": "Potassium", "value": "5.4 mmol/L"}],
        },
        {
            "marks": [
                {
                    "start": 5,
                    "end": 54,
                    "quote": "A potassium of 5.4 mmol/L is not a reason to wait",
                    "severity": "critical",
                    "category": "unsafe",
                    "correction": "Do not start above 5.0 mmol/L; lower it first.",
                    "source": "2022 heart failure guideline, 7.3.1",
                }
            ],
            "ratings": {"accuracy": 1, "safety": 1, "completeness": 2, "reasoning": 2, "communication": 4},
            "verdict": "not_acceptable",
            "why": "The answer starts the drug above the safe potassium limit and names no check afterwards.",
            "confidence": 5,
        },
    )

    def prompt_of(self, parts: Mapping[str, object], facts: Sequence[tuple[str, object]]) -> Prompt:
        prompt: Prompt = {
            name: text_of(parts.get(name), what=what, limit=limit, required=required)
            for name, (what, limit, required) in _PARTS.items()
        }
        if len(facts) > FACTS_LIMIT:
            raise RowError(f"There are {len(facts)} facts; at most {FACTS_LIMIT} are possible.")
        shown = [(label, text_of(value, what=f"“{label}”", limit=SHORT, required=False)) for label, value in facts]
        prompt["facts"] = [{"label": label, "value": value} for label, value in shown if value]
        return prompt

    def prompt_of_json(self, value: object) -> Prompt:
        if not isinstance(value, dict):
            raise RowError("The prompt is not an object.")
        if unknown := sorted(str(key) for key in set(value) - {*_PARTS, "facts"}):
            raise RowError(f"The prompt has a key that this kind does not know: {unknown[0][:60]}.")
        facts = value.get("facts", [])
        if not isinstance(facts, list):
            raise RowError("The facts are not a list.")
        return self.prompt_of(value, [_fact(entry) for entry in facts])

    def form(self, prompt: Prompt, *, draft: Answer | None = None, data: QueryDict | None = None) -> AnswerForm:
        return AnswerReviewForm(prompt, find_problems=self.problems, draft=draft, data=data)

    def problems(self, prompt: Prompt, answer: object) -> list[Problem]:
        if not isinstance(answer, dict) or set(answer) != set(ANSWER_SCHEMA["properties"]):
            return [Problem("", "The answer has another shape than this kind of task.")]
        found = list(_problems_of_marks(prompt["answer"], answer["marks"]))
        ratings = answer["ratings"] if isinstance(answer["ratings"], dict) else {}
        if set(ratings) - set(RATINGS):
            found.append(Problem("", "The answer has a rating that this kind of task does not know."))
        missing = [code for code in RATINGS if not _is_score(ratings.get(code))]
        found += [Problem(code, f"Rate {RATING_LABELS[code].lower()} from 1 to 5.") for code in missing]
        if not _is_one_of(VERDICTS, answer["verdict"]):
            found.append(Problem("verdict", "Choose a verdict."))
        why = answer["why"].strip() if isinstance(answer["why"], str) else ""
        if not WHY_MINIMUM <= len(why) <= LONG:
            found.append(Problem("why", f"Say why in {WHY_MINIMUM} to {LONG:,} characters; there are {len(why)}."))
        if not _is_score(answer["confidence"]):
            found.append(Problem("confidence", "Say how sure you are, from 1 to 5."))
        critical = isinstance(answer["marks"], list) and any(
            isinstance(mark, dict) and mark.get("severity") == "critical" for mark in answer["marks"]
        )
        if answer["verdict"] == "acceptable" and critical:
            found.append(Problem("verdict", "An answer with a critical mark cannot be acceptable as it stands."))
        return found

    def title_of(self, prompt: Prompt) -> str:
        return str(prompt["question"])

    def summary_of(self, answer: Answer) -> str:
        counts = Counter(mark.get("severity") for mark in answer.get("marks", []))
        marks = ", ".join(f"{counts[code]} {code}" for code in reversed(SEVERITIES) if counts[code])
        return f"{VERDICTS.get(answer.get('verdict', ''), 'No verdict')}, {marks or 'no marks'}"

    def rows_of(self, answer: Answer) -> list[tuple[str, str]]:
        ratings = answer.get("ratings") or {}
        rows = [("Verdict", VERDICTS.get(answer.get("verdict") or "", "")), ("Why", answer.get("why") or "")]
        rows += [(label, str(ratings.get(code) or "")) for code, label in RATING_LABELS.items()]
        rows.append(("How sure", str(answer.get("confidence") or "")))
        marks = answer.get("marks") or []
        return rows + [(f"Mark {number}", _mark_line(mark)) for number, mark in enumerate(marks, start=1)]

    def review_context(self, prompt: Prompt, answer: Answer) -> dict[str, Any]:
        marks = [
            dict(mark, number=number, category_label=CATEGORIES.get(mark.get("category", ""), ""))
            for number, mark in enumerate(answer.get("marks", []), start=1)
        ]
        return {
            "marks": marks,
            "paragraphs": paragraphs_of(prompt["answer"], marks),
            "tally": tally_of(marks),
            "ratings": [(code, label, answer["ratings"].get(code)) for code, label in RATING_LABELS.items()],
            "verdict_label": VERDICTS.get(answer.get("verdict", ""), ""),
        }

    def export(self, prompt: Prompt, answer: Answer) -> dict[str, Any]:
        return {
            "question": prompt["question"],
            "context": prompt["context"],
            "answer": prompt["answer"],
            "facts": prompt["facts"],
            "verdict": answer["verdict"],
            "why": answer["why"],
            "ratings": {code: answer["ratings"][code] for code in RATINGS},
            "confidence": answer["confidence"],
            "marks": [{key: mark[key] for key in MARK_SCHEMA["properties"]} for mark in answer["marks"]],
        }


def tally_of(marks: Iterable[Mapping[str, Any]]) -> list[tuple[str, int]]:
    """Return how many marks there are of each severity, the worst first, only those there are."""
    counts = Counter(mark.get("severity") for mark in marks)
    return [(code, counts[code]) for code in reversed(SEVERITIES) if counts[code]]


def _fact(entry: object) -> tuple[str, object]:
    if not isinstance(entry, dict) or set(entry) != {"label", "value"}:
        raise RowError("A fact is not an object with label and value.")
    return text_of(entry["label"], what="The label of a fact", limit=80), entry["value"]


def _is_score(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 5


def _is_one_of(words: Mapping[str, str], value: object) -> bool:
    return isinstance(value, str) and value in words


def _mark_line(mark: Mapping[str, Any]) -> str:
    parts = [f"“{mark.get('quote', '')}”", str(mark.get("severity", "")), CATEGORIES.get(mark.get("category", ""), "")]
    line = ", ".join(part for part in parts if part)
    correction, source = mark.get("correction"), mark.get("source")
    return line + (f": {correction}" if correction else "") + (f" ({source})" if source else "")


def _problems_of_marks(text: str, marks: object) -> Iterable[Problem]:
    if not isinstance(marks, list) or len(marks) > MAX_MARKS:
        yield Problem("marks", f"There can be at most {MAX_MARKS} marks.")
        return
    end_before = 0
    for number, mark in enumerate(marks, start=1):
        problem = _problem_of_mark(text, mark, number)
        if problem:
            yield Problem("marks", problem)
            continue
        if mark["start"] < end_before:
            yield Problem("marks", f"Mark {number} overlaps the one before it.")
        end_before = mark["end"]


def _problem_of_mark(text: str, mark: object, number: int) -> str:
    """Return what is wrong with one mark, or nothing."""
    if not isinstance(mark, dict) or set(mark) != set(MARK_SCHEMA["properties"]):
        return f"Mark {number} has another shape than a mark."
    start, end = mark["start"], mark["end"]
    texts = [mark[key] for key in ("quote", "correction", "source")]
    if not all(isinstance(value, str) for value in texts) or len(texts[1]) > LONG or len(texts[2]) > SHORT:
        return f"The words of mark {number} are too long or no text."
    if not (isinstance(start, int) and isinstance(end, int) and 0 <= start < end <= len(text)):
        return f"The words of mark {number} are not in the answer. Quote them exactly, and enough of them."
    rules = (
        (text[start:end] == mark["quote"], f"The words of mark {number} are not what stands there in the answer."),
        (_is_one_of(SEVERITIES, mark["severity"]), f"Say how severe mark {number} is."),
        (_is_one_of(CATEGORIES, mark["category"]), f"Say what is wrong at mark {number}."),
        (
            mark["severity"] == "minor" or bool(mark["correction"].strip()),
            f"Mark {number} is {mark['severity']}, so it needs a correction.",
        ),
    )
    return next((sentence for holds, sentence in rules if not holds), "")


KIND = AnswerReview()
