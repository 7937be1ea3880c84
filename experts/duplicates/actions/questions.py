"""Questions about two accounts: opened by an equal hash, answered by a person. Nothing is held or closed by them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from experts.duplicates import policies
from experts.duplicates.enums import ANSWER_TIME, QUESTION_MOVES, WORDS_MIN_CHARS, Outcome, QuestionState
from experts.duplicates.models import Answer, Identifier, Match, Question
from marketplace.accounts.enums import StaffRoleKind
from marketplace.accounts.models import User
from marketplace.accounts.queries import staff_with_role
from marketplace.audit.actions import record
from marketplace.kernel.actors import System
from marketplace.kernel.errors import Invalid
from marketplace.kernel.states import require_move
from marketplace.notices.actions import notify

GUARD = System("duplicates.guard")
QUEUE_PATH = "/vetting/duplicates/"


def open_question(mine: Identifier, twin: Identifier, *, now: datetime) -> bool:
    """
    Note that two people have the same thing; return whether that opened a question. Needs an open transaction.

    A pair that was answered stays answered, unless the two now have something of another kind in common.
    """
    first, second = sorted((mine, twin), key=lambda one: one.user_id)
    question, is_new = Question.objects.get_or_create(
        first_id=first.user_id, second_id=second.user_id, defaults={"opened_at": now, "due_at": now + ANSWER_TIME}
    )
    question = Question.objects.select_for_update(of=("self",), no_key=True).get(pk=question.pk)
    knew_kind = question.matches.filter(kind=mine.kind).exists()
    Match.objects.get_or_create(
        question=question,
        kind=mine.kind,
        first_label=first.label,
        second_label=second.label,
        defaults={"found_at": now},
    )
    is_again = not knew_kind and question.state == QuestionState.ANSWERED
    if is_again:
        require_move(QUESTION_MOVES, current=question.state, target=QuestionState.OPEN, what="question")
        question.state, question.outcome = QuestionState.OPEN, ""
        question.opened_at, question.due_at = now, now + ANSWER_TIME
        question.answered_at, question.answered_by = None, None
        question.save(update_fields=["state", "outcome", "opened_at", "due_at", "answered_at", "answered_by"])
    if is_new or is_again:
        record(what="duplicates.open_question", by=GUARD, about=question, now=now, after={"kind": mine.kind})
        _tell_staff(question, now=now)
    return is_new or is_again


def _tell_staff(question: Question, *, now: datetime) -> None:
    for person in staff_with_role(StaffRoleKind.VETTING):
        if person.pk not in (question.first_id, question.second_id):
            notify(
                user=person, kind="vetting_queue", now=now, path=f"{QUEUE_PATH}{question.public_id}/",
                button="Look at both", title="Two accounts have something in common",
                body="Find out why. Nothing was held or closed, and neither of the two was told.",
            )  # fmt: skip


@transaction.atomic(durable=True)
def answer_question(*, question_id: UUID, outcome: str, words: str, by: User, now: datetime) -> Question:
    """
    Say why two accounts have something in common. This function will remember the answer, so that the pair is not asked
    about again. It holds nothing and closes nothing: who should act on it decides that by other means.

    :raises NotAllowed: if `by` is not vetting staff, or is one of the two.
    :raises Invalid: if the words are shorter than twenty characters.
    :raises WrongState: if somebody has answered it meanwhile.
    """
    question: Question = Question.objects.select_for_update(of=("self",), no_key=True).get(public_id=question_id)
    policies.require_answerer(by, question)
    require_move(QUESTION_MOVES, current=question.state, target=QuestionState.ANSWERED, what="question")
    found, words = Outcome(outcome), words.strip()
    if len(words) < WORDS_MIN_CHARS:
        raise Invalid(f"Say how you found out in at least {WORDS_MIN_CHARS} characters.", field="words")
    Answer.objects.create(question=question, outcome=found, words=words, answered_by=by, answered_at=now)
    question.state, question.outcome, question.answered_at, question.answered_by = (
        QuestionState.ANSWERED,
        found,
        now,
        by,
    )
    question.save(update_fields=["state", "outcome", "answered_at", "answered_by"])
    record(what="duplicates.answer_question", by=by, about=question, now=now,
           before={"state": str(QuestionState.OPEN)}, after={"outcome": str(found)})  # fmt: skip
    return question
