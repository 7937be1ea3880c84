"""What a kind of task is: how its prompt is made of a file's columns, what its answer looks like, how it is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.http import QueryDict

Prompt = dict[str, Any]
Answer = dict[str, Any]

EXTERNAL_ID = "external_id"
FACT = "fact"
LAB_ONLY = "lab_only"
LEAVE_OUT = "leave_out"
SHARED_TARGETS: tuple[tuple[str, str], ...] = (
    (EXTERNAL_ID, "Your id of the task"),
    (FACT, "Fact, shown to the expert"),
    (LAB_ONLY, "For you only, never shown"),
    (LEAVE_OUT, "Left out"),
)
"""What a column may become in every kind, beside the kind's own columns."""


class RowError(ValueError):
    """A row that cannot become a task; the message is a sentence for the person who sent the file."""


@dataclass(frozen=True, slots=True)
class Column:
    """A part of the prompt that a column of a file can become. `aliases` are header words without punctuation."""

    target: str
    label: str
    hint: str
    required: bool = True
    aliases: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with an answer: the field as forms and comments call it, and a sentence."""

    field: str
    sentence: str


class AnswerForm(Protocol):
    """A bound or unbound form for one answer. It forgives while drafting and is strict in `is_valid`."""

    def is_valid(self) -> bool:
        """Whether the answer can be handed in; errors stand beside their fields."""

    def answer(self) -> Answer:
        """Return what was written so far, in the shape of an answer; parts may be empty."""

    @property
    def was_read(self) -> bool:
        """Whether everything arrived whole, so that it may be saved over what there is."""

    def sent_fields(self) -> list[tuple[str, str]]:
        """Return (name, value) of everything written, for a page that asks before it sends them again."""


class Kind(Protocol):
    """One kind of task. A module in this package with a `KIND` of this shape is found by the registry."""

    code: str
    label: str
    summary: str
    minutes: int
    columns: tuple[Column, ...]
    prompt_schema: Mapping[str, Any]
    answer_schema: Mapping[str, Any]
    workbench_template: str
    review_template: str
    anchors: tuple[tuple[str, str], ...]
    """The fields that a reviewer's comment can be anchored to: (code, label)."""
    sample: tuple[Prompt, Answer]

    def prompt_of(self, parts: Mapping[str, object], facts: Sequence[tuple[str, object]]) -> Prompt:
        """
        Make the prompt of one row: `parts` by target, `facts` as (label, value).

        :raises RowError: with a sentence if a part is missing, too long or no text.
        """

    def prompt_of_json(self, value: object) -> Prompt:
        """
        Make the prompt of what a program sent.

        :raises RowError: if it has another shape than `prompt_schema`.
        """

    def form(self, prompt: Prompt, *, draft: Answer | None = None, data: QueryDict | None = None) -> AnswerForm:
        """Return the form of the workbench, filled from a draft or bound to what was sent."""

    def problems(self, prompt: Prompt, answer: object) -> list[Problem]:
        """Return everything that keeps this answer from being handed in; empty when all is well."""

    def title_of(self, prompt: Prompt) -> str:
        """Return a line that says what the task is about."""

    def summary_of(self, answer: Answer) -> str:
        """Return a line that says what the expert found."""

    def rows_of(self, answer: Answer) -> list[tuple[str, str]]:
        """Return the answer as (label, text) lines, for comparing two versions."""

    def review_context(self, prompt: Prompt, answer: Answer) -> dict[str, Any]:
        """Return what the review template needs beside `prompt` and `answer`."""

    def export(self, prompt: Prompt, answer: Answer) -> dict[str, Any]:
        """Return the columns of an export: always the same keys in the same order, never a null."""


def compare(kind: Kind, before: Answer, after: Answer) -> list[tuple[str, str, str]]:
    """Return (label, before, after) for each line that either version has, in order, for the diff component."""
    old, new = dict(kind.rows_of(before)), dict(kind.rows_of(after))
    return [(label, old.get(label, ""), new.get(label, "")) for label in {**old, **new}]


# ------------------------------------------------------------------------------------------------- cleaning of rows


def text_of(value: object, *, what: str, limit: int, required: bool = True) -> str:
    """
    Return a clean text of a cell: line ends as \\n, nothing around it, nothing that Postgres cannot keep.

    :raises RowError: if it is missing, no text, longer than `limit` characters, or holds a NUL or half a character.
    """
    if value is None:
        value = ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise RowError(f"{what} is not a text.")
    text = str(value).replace("\r\n", "\n").replace("\r", "\n").strip()
    if required and not text:
        raise RowError(f"{what} is empty.")
    if len(text) > limit:
        raise RowError(f"{what} has {len(text):,} characters; at most {limit:,} are possible.")
    require_storable(text, what=what)
    return text


def require_storable(text: str, *, what: str) -> None:
    """
    Let only texts pass that Postgres can keep and a browser can show.

    :raises RowError: for a NUL character, and for bytes that were not UTF-8 (the reader turns them into surrogates).
    """
    if "\x00" in text:
        raise RowError(f"{what} holds a NUL character.")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise RowError(f"{what} holds characters that are not UTF-8. Save the file as UTF-8.") from error
