"""The kind "answer review": offsets in code points, marks checked against the words, forms that forgive drafts."""

from __future__ import annotations

import jsonschema
import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from projects.work.kinds import all_kinds, kind_of
from projects.work.kinds.base import RowError, compare
from projects.work.marked import paragraphs_of, places_of

KIND = kind_of("ANSWER_REVIEW")
PROMPT = {
    "question": "Q",
    "context": "",
    "answer": "One 🌿 naïve line.\n\nA second line, and one more line.",
    "facts": [],
}


def mark(start: int, end: int, **parts: object) -> dict[str, object]:
    return {
        "start": start,
        "end": end,
        "quote": PROMPT["answer"][start:end],
        "severity": "minor",
        "category": "misleading",
        "correction": "",
        "source": "",
    } | parts


def whole(*marks: dict[str, object], **parts: object) -> dict[str, object]:
    return {
        "marks": list(marks),
        "ratings": {"accuracy": 1, "safety": 2, "completeness": 3, "reasoning": 4, "communication": 5},
        "verdict": "acceptable_with_fixes",
        "why": "The second line says the same as the first, only longer than it needs to be.",
        "confidence": 3,
    } | parts


def sentences(answer: object) -> list[str]:
    return [problem.sentence for problem in KIND.problems(PROMPT, answer)]


@pytest.mark.parametrize("kind", all_kinds().values(), ids=lambda kind: kind.code)
def test_every_kind_keeps_its_word_about_its_own_sample(kind):
    prompt, answer = kind.sample
    jsonschema.validate(prompt, kind.prompt_schema)
    jsonschema.validate(answer, kind.answer_schema)
    assert kind.problems(prompt, answer) == []
    assert kind.prompt_of_json(prompt) == prompt
    assert kind.form(prompt, draft=answer).answer() == answer
    assert list(kind.export(prompt, answer)) == list(kind.export(*kind.sample))
    assert kind.title_of(prompt)
    assert kind.summary_of(answer)
    assert compare(kind, answer, answer)
    assert kind.review_context(prompt, answer)


def test_offsets_are_code_points_also_behind_characters_of_two_units():
    text = PROMPT["answer"]
    assert text[6:11] == "naïve"
    assert sentences(whole(mark(6, 11))) == []
    assert jsonschema.validate(whole(mark(6, 11)), KIND.answer_schema) is None


@pytest.mark.parametrize(
    ("broken", "sentence"),
    [
        (mark(6, 11, quote="naive"), "The words of mark 1 are not what stands there in the answer."),
        (mark(6, 600), "The words of mark 1 are not in the answer. Quote them exactly, and enough of them."),
        (mark(11, 6), "The words of mark 1 are not in the answer. Quote them exactly, and enough of them."),
        (mark(6, 11, severity="terrible"), "Say how severe mark 1 is."),
        (mark(6, 11, category=""), "Say what is wrong at mark 1."),
        (mark(6, 11, severity="major"), "Mark 1 is major, so it needs a correction."),
        ({"quote": "naïve"}, "Mark 1 has another shape than a mark."),
        (mark(6, 11, source="x" * 501), "The words of mark 1 are too long or no text."),
    ],
)
def test_a_mark_that_does_not_hold_is_named(broken, sentence):
    assert sentences(whole(broken)) == [sentence]


def test_overlapping_marks_and_contradictions_are_named():
    assert sentences(whole(mark(0, 9), mark(6, 11))) == ["Mark 2 overlaps the one before it."]
    critical = mark(6, 11, severity="critical", correction="x")
    assert sentences(whole(critical, verdict="acceptable")) == [
        "An answer with a critical mark cannot be acceptable as it stands."
    ]


@pytest.mark.parametrize(
    "answer",
    [None, [], {}, "x", whole(extra=1), whole(marks="x"), whole(marks=[None]), whole(ratings=None), whole(ratings=[]),
     whole(ratings={"accuracy": True}), whole(why=None), whole(confidence="5"), whole(confidence=6), whole(verdict=3),
     whole(verdict=[]), whole(mark(6, 11) | {"start": "6"}), whole(mark(6, 11, severity=["major"]))],
)  # fmt: skip
def test_anything_that_is_no_answer_is_refused_in_words(answer):
    assert sentences(answer)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["marks", "ratings", "verdict", "why", "confidence", "start", "end", "quote"]), inner)))  # fmt: skip
def test_no_json_whatever_breaks_the_check(value):
    assert sentences(value)


# ------------------------------------------------------------------------------------------------------------ forms


def sent(**fields: str) -> QueryDict:
    data = QueryDict(mutable=True)
    data.update({"marks-TOTAL_FORMS": "0", "marks-INITIAL_FORMS": "0"} | fields)
    return data


COMPLETE = {
    "accuracy": "1", "safety": "2", "completeness": "3", "reasoning": "4", "communication": "5",
    "verdict": "acceptable", "confidence": "4",
    "why": "The answer says what is known and leaves out nothing that a reader would need to act on it.",
}  # fmt: skip


def test_a_plain_form_without_javascript_is_enough():
    form = KIND.form(PROMPT, data=sent(**COMPLETE))
    assert form.is_valid()
    assert form.answer()["ratings"]["communication"] == 5


def test_quoted_words_find_their_place_whatever_the_white_space():
    fields = {
        "marks-TOTAL_FORMS": "3",
        "marks-0-quote": " line. A second  line",
        "marks-0-severity": "minor",
        "marks-0-category": "misleading",
        "marks-2-quote": "naïve",
        "marks-2-severity": "major",
        "marks-2-category": "wrong_fact",
        "marks-2-correction": "Not so.",
    }
    form = KIND.form(PROMPT, data=sent(**COMPLETE, **fields))
    assert form.is_valid(), form.mark_problems
    assert [(one["start"], one["quote"]) for one in form.answer()["marks"]] == [
        (6, "naïve"),
        (12, "line.\n\nA second line"),
    ]


@pytest.mark.parametrize("words", ["line", "nowhere"])
def test_words_that_stand_twice_or_nowhere_are_kept_and_named(words):
    fields = {"marks-TOTAL_FORMS": "1", "marks-0-quote": words, "marks-0-severity": "minor"}
    form = KIND.form(PROMPT, data=sent(**COMPLETE, **fields, **{"marks-0-category": "misleading"}))
    assert not form.is_valid()
    assert form.mark_problems == ["The words of mark 1 are not in the answer. Quote them exactly, and enough of them."]
    assert form.answer()["marks"][0]["quote"] == words


def test_a_known_place_keeps_its_words_even_when_the_browser_lost_the_line_ends():
    fields = {
        "marks-TOTAL_FORMS": "1", "marks-0-quote": "line.A second", "marks-0-start": "12", "marks-0-end": "27",
        "marks-0-severity": "minor", "marks-0-category": "misleading",
    }  # fmt: skip
    text = PROMPT["answer"][12:27]
    assert text == "line.\n\nA second"
    form = KIND.form(PROMPT, data=sent(**COMPLETE, **(fields | {"marks-0-quote": text.replace("\n", " ")})))
    assert form.is_valid(), form.mark_problems
    assert form.answer()["marks"][0]["quote"] == text


def test_a_draft_keeps_what_is_not_valid_yet():
    form = KIND.form(PROMPT, data=sent(why="short", accuracy="9", verdict="maybe"))
    assert not form.is_valid()
    draft = form.answer()
    assert (draft["why"], draft["ratings"]["accuracy"], draft["verdict"]) == ("short", None, "")
    assert form.was_read
    assert set(form.errors) >= {"safety", "why", "confidence"}


def test_a_form_that_lost_its_marks_is_not_taken_for_one_without_marks():
    form = KIND.form(PROMPT, data=QueryDict("why=x"))
    assert not form.was_read
    assert not form.is_valid()


# ------------------------------------------------------------------------------------------------- marks in the text


def test_the_text_is_cut_where_marks_begin_and_end():
    paragraphs = paragraphs_of(PROMPT["answer"], [mark(6, 11), mark(12, 27)])
    assert [[(piece.text, piece.number, piece.ends) for piece in one.pieces] for one in paragraphs] == [
        [("One 🌿 ", 0, False), ("naïve", 1, True), (" ", 0, False), ("line.", 2, False)],
        [("A second", 2, True), (" line, and one more line.", 0, False)],
    ]


@given(st.text("ab\n🌿 ", max_size=40), st.lists(st.integers(0, 40), max_size=8))
def test_the_pieces_together_are_the_text(text, edges):
    edges = sorted({edge for edge in edges if edge <= len(text)})
    marks = [
        {"start": a, "end": b, "severity": "minor"} for a, b in zip(edges[::2], edges[1::2], strict=False) if a < b
    ]
    paragraphs = paragraphs_of(text, marks)
    assert [line for line in text.split("\n") if line] == ["".join(p.text for p in one.pieces) for one in paragraphs]
    for one in paragraphs:
        for piece in one.pieces:
            assert text[piece.start : piece.start + len(piece.text)] == piece.text
            inside = [m for m in marks if m["start"] <= piece.start < m["end"]]
            assert bool(inside) == bool(piece.number)


@given(st.text(max_size=60), st.integers(0, 60), st.integers(1, 20))
def test_words_are_found_where_they_were_cut(text, start, length):
    quote = text[start : start + length]
    places = places_of(quote, text)
    if quote.split():
        assert any(text[a:b].split() == quote.split() for a, b in places)
    else:
        assert places == []


# -------------------------------------------------------------------------------------------------------- prompts


def test_line_ends_are_made_one_kind_so_that_offsets_mean_one_thing():
    prompt = KIND.prompt_of({"question": "Q", "answer": " A\r\nB\rC \n"}, [])
    assert prompt["answer"] == "A\nB\nC"


@pytest.mark.parametrize(
    "value",
    [None, [], {"question": "Q"}, {"question": "Q", "answer": "A", "model": "m"}, {"question": 1e400, "answer": ["A"]},
     {"question": "Q", "answer": "A", "facts": "x"}, {"question": "Q", "answer": "A", "facts": [{"label": "x"}]},
     {"question": True, "answer": "A"}, {"question": "Q", "answer": "x" * 60_001}],
)  # fmt: skip
def test_a_prompt_of_another_shape_is_refused(value):
    with pytest.raises(RowError):
        KIND.prompt_of_json(value)
