"""Questions about accounts that have something in common."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from experts.credentials.enums import DocumentState
from experts.credentials.models import Credential, Document
from experts.duplicates.enums import IdentifierKind, Outcome, QuestionState
from experts.duplicates.models import Answer, Identifier, Question
from experts.profiles.models import Expert
from marketplace.accounts.models import User


def credentials_to_take_in() -> QuerySet[Credential]:
    """Return the standing numbers of active people that have no identifier with their present hash."""
    known = Identifier.objects.filter(
        user=OuterRef("expert__user"), kind=IdentifierKind.CREDENTIAL, hash=OuterRef("number_hash")
    )
    rows = Credential.objects.standing().exclude(number_hash="").filter(~Exists(known), expert__user__is_active=True)
    return rows.select_related("expert__user").defer("number").order_by("pk")


def documents_to_take_in() -> QuerySet[Document]:
    """Return the clean files of active people that have no identifier."""
    known = Identifier.objects.filter(
        user=OuterRef("expert__user"), kind=IdentifierKind.DOCUMENT, source_ref=OuterRef("public_id")
    )
    same = Document.objects.filter(
        expert=OuterRef("expert"), sha256=OuterRef("sha256"), state=DocumentState.CLEAN, pk__lt=OuterRef("pk")
    )  # Sent twice by one person, a file is one identifier.
    rows = Document.objects.filter(
        ~Exists(known), ~Exists(same), state=DocumentState.CLEAN, expert__user__is_active=True
    )
    return rows.select_related("expert__user").without_text().order_by("pk")


def questions_about(user: User) -> list[Question]:
    """Return the questions about a person, the newest first, with both sides."""
    return list(Question.objects.about(user).with_both().order_by("-pk"))


def is_settled(question: Question) -> bool:
    """Whether somebody found out why, and it was nothing to worry about."""
    return question.state == QuestionState.ANSWERED and question.outcome != Outcome.FRAUD_SUSPECTED


def questions(user: User, *, state: str | None = None) -> Any:
    """Return the questions that a member of staff may see, with both sides; without a state the open ones."""
    return Question.objects.visible_to(user).filter(state=state or QuestionState.OPEN).with_both()


def answers_to(question: Question) -> list[Answer]:
    return list(question.answers.select_related("answered_by").order_by("-pk"))


@dataclass(frozen=True, slots=True)
class Side:
    """One of two accounts as staff see it."""

    user: User
    expert: Expert | None
    labels: list[tuple[str, str]]  # what it has in common with the other: kind in words, what it is called here
    credentials: list[Credential]
    others: int  # further questions about this account


def sides_of(question: Question) -> tuple[Side, Side]:
    """Return both accounts of a question, side by side."""
    matches = list(question.matches.order_by("pk"))
    first = [(str(match.get_kind_display()), match.first_label) for match in matches]
    second = [(str(match.get_kind_display()), match.second_label) for match in matches]
    return _side(question.first, first, question), _side(question.second, second, question)


def _side(user: User, labels: Iterable[tuple[str, str]], question: Question) -> Side:
    expert = Expert.objects.filter(user=user).select_related("user").first()
    standing = Credential.objects.standing().filter(expert__user=user).defer("number").order_by("pk")
    others = Question.objects.about(user).exclude(pk=question.pk).filter(~Q(outcome=Outcome.COINCIDENCE)).count()
    return Side(user=user, expert=expert, labels=list(labels), credentials=list(standing), others=others)
