"""The guard against second accounts: equal hashes open a question for a person, and nothing else happens."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from experts.credentials import actions as credential_actions
from experts.credentials.enums import DocumentState
from experts.duplicates import actions
from experts.duplicates.actions import identifiers
from experts.duplicates.enums import IdentifierKind, Outcome, QuestionState
from experts.duplicates.models import Identifier, Question
from experts.vetting.actions import follow_questions
from experts.vetting.enums import CheckKind
from marketplace.accounts.models import User
from marketplace.kernel.crypto import hash_key_id
from marketplace.kernel.errors import Invalid, NotAllowed, WrongState
from marketplace.notices.models import Notification
from payments.payouts.models import Hold
from tests.factories.experts_credentials import NPI, make_npi, passed, pdf_bytes, upload
from tests.factories.experts_profiles import NOW, make_expert, make_person, make_vetter
from tests.factories.experts_vetting import make_checked_case, work_all
from tests.support.races import Beside, waits_for_a_lock

pytestmark = pytest.mark.django_db
WORDS = "Both work in the same practice; the letterhead shows it."


@pytest.fixture
def pair():
    first, second = make_expert(make_person("First Holder")), make_expert(make_person("Second Holder"))
    make_npi(first)
    make_npi(second)
    actions.take_in_due(now=NOW)
    return Question.objects.get()


def note(user: User, kind: str = IdentifierKind.PAYOUT, hashed: str = "a" * 64) -> int:
    return actions.note_identifier(
        user_id=user.public_id, kind=kind, hashed=hashed, key_id=hash_key_id(), label="Payout account", now=NOW
    )


def test_a_number_in_two_accounts_opens_one_question_and_holds_nothing(pair):
    assert (pair.first.full_name, pair.second.full_name) == ("First Holder", "Second Holder")
    assert [match.kind for match in pair.matches.all()] == [IdentifierKind.CREDENTIAL]
    assert Hold.objects.count() == 0
    assert User.objects.filter(is_active=False).count() == 0
    assert actions.take_in_due(now=NOW) == 0


def test_what_is_compared_stands_nowhere_in_the_table(pair):
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(duplicates_identifier::text, ' ') FROM duplicates_identifier")
        assert NPI not in cursor.fetchone()[0]


def test_neither_of_the_two_is_told(pair):
    assert Notification.objects.filter(user__in=[pair.first, pair.second], kind="vetting_queue").count() == 0


def test_staff_are_told_but_not_about_themselves():
    vetter, other = make_vetter(), make_vetter("Other Vetter")
    note(vetter)
    note(make_person("Somebody Else"))
    assert list(Notification.objects.filter(kind="vetting_queue").values_list("user", flat=True)) == [other.pk]


def test_the_same_file_from_two_people_opens_a_question():
    content = pdf_bytes("A diploma")
    for name in ("First Holder", "Second Holder"):
        document = passed(upload(make_expert(make_person(name)), content, f"{name}.pdf"))
        assert document.state == DocumentState.CLEAN
    assert actions.take_in_due(now=NOW) == 2
    match = Question.objects.get().matches.get()
    assert (match.kind, match.first_label) == (IdentifierKind.DOCUMENT, "First Holder.pdf")


def test_one_person_may_send_a_file_twice_and_again_after_removing_it():
    expert, content = make_expert(), pdf_bytes("A diploma")

    def send() -> None:
        passed(upload(expert, content, "diploma.pdf"))

    send()
    send()
    assert [actions.take_in_due(now=NOW) for _ in range(2)] == [1, 0]
    for document in expert.documents.all():
        credential_actions.remove_document(document_id=document.public_id, by=expert.user, now=NOW)
    send()
    assert [actions.take_in_due(now=NOW) for _ in range(2)] == [1, 0]
    assert (Identifier.objects.count(), Question.objects.count()) == (1, 0)


def test_a_pair_is_never_asked_about_again_for_the_same_thing(pair):
    vetter = make_vetter()
    actions.answer_question(question_id=pair.public_id, outcome=Outcome.SHARED_PLACE, words=WORDS, by=vetter, now=NOW)
    Identifier.objects.all().delete()
    actions.take_in_due(now=NOW + timedelta(days=1))
    pair.refresh_from_db()
    assert (pair.state, pair.outcome) == (QuestionState.ANSWERED, Outcome.SHARED_PLACE)


def test_something_of_another_kind_opens_it_again_and_keeps_the_first_answer(pair):
    vetter = make_vetter()
    actions.answer_question(question_id=pair.public_id, outcome=Outcome.COINCIDENCE, words=WORDS, by=vetter, now=NOW)
    assert (note(pair.first), note(pair.second)) == (0, 1)
    pair.refresh_from_db()
    assert (pair.state, pair.outcome) == (QuestionState.OPEN, "")
    assert pair.answers.get().outcome == Outcome.COINCIDENCE


def test_fraud_suspected_holds_and_closes_nothing(pair):
    actions.answer_question(
        question_id=pair.public_id, outcome=Outcome.FRAUD_SUSPECTED, words=WORDS, by=make_vetter(), now=NOW
    )
    assert Hold.objects.count() == 0
    assert User.objects.filter(pk__in=[pair.first_id, pair.second_id], is_active=True).count() == 2


def test_who_may_not_answer_is_refused(pair):
    with pytest.raises(NotAllowed):
        actions.answer_question(
            question_id=pair.public_id, outcome=Outcome.HOUSEHOLD, words=WORDS, by=pair.first, now=NOW
        )
    vetter = make_vetter()
    note(vetter)
    note(pair.first)
    own = Question.objects.exclude(pk=pair.pk).get()
    with pytest.raises(NotAllowed):
        actions.answer_question(question_id=own.public_id, outcome=Outcome.HOUSEHOLD, words=WORDS, by=vetter, now=NOW)
    with pytest.raises(IntegrityError, match="nobody_answers"), transaction.atomic():
        Question.objects.filter(pk=own.pk).update(
            state=QuestionState.ANSWERED, outcome=Outcome.HOUSEHOLD, answered_at=NOW, answered_by=vetter
        )
    with pytest.raises(Invalid):
        actions.answer_question(question_id=pair.public_id, outcome=Outcome.HOUSEHOLD, words="no", by=vetter, now=NOW)


def test_an_answered_question_is_not_answered_over(pair):
    facts = {"question_id": pair.public_id, "words": WORDS, "by": make_vetter(), "now": NOW}
    actions.answer_question(outcome=Outcome.HOUSEHOLD, **facts)
    with pytest.raises(WrongState):
        actions.answer_question(outcome=Outcome.COINCIDENCE, **facts)


def test_the_check_of_a_case_follows_question_and_answer():
    first, second = make_expert(make_person("First Holder")), make_expert(make_person("Second Holder"))
    make_npi(first)
    case = make_checked_case(second)
    check = case.checks.get(kind=CheckKind.DUPLICATE)
    assert check.result == "NEEDS_PERSON"
    later = NOW + timedelta(minutes=1)
    actions.take_in_due(now=later)
    assert follow_questions(now=later) == 1
    work_all(case, later)
    check.refresh_from_db()
    question = Question.objects.get()
    assert [one["question"] for one in check.evidence["questions"]] == [str(question.public_id)]
    much_later = NOW + timedelta(hours=1)
    actions.answer_question(
        question_id=question.public_id, outcome=Outcome.SHARED_PLACE, words=WORDS, by=make_vetter(), now=much_later
    )
    assert [follow_questions(now=much_later), work_all(case, much_later) and follow_questions(now=much_later)] == [1, 0]
    check.refresh_from_db()
    assert (check.result, check.evidence.get("twins")) == ("PASSED", None)


@pytest.mark.django_db(transaction=True)
def test_two_workers_who_note_the_same_thing_at_once_find_each_other():
    """Without the lock neither would see what the other has not committed, and nobody would be asked."""
    first, second = make_person("First Holder"), make_person("Second Holder")
    with transaction.atomic():
        identifiers._one_at_a_time(IdentifierKind.PAYOUT, "a" * 64)
        notes = [Beside(lambda: note(first)), Beside(lambda: note(second))]
        assert [waits_for_a_lock(one) for one in notes] == [True, True]
    assert sorted(one.done() for one in notes) == [0, 1]
    assert (Question.objects.count(), Identifier.objects.count()) == (1, 2)
