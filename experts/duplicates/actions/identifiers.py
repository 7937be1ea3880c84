"""
Taking in what people have, as keyed hashes, and asking a person about equal ones.

Numbers and files are read off the rows of credentials, in a sweep: what has no identifier yet is due. So declaring one
waits for nothing, and a kill loses nothing. Bank accounts are told by payouts.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q

from experts.duplicates.actions.questions import open_question
from experts.duplicates.enums import IdentifierKind, Outcome
from experts.duplicates.models import Identifier, Question
from experts.duplicates.queries import credentials_to_take_in, documents_to_take_in
from marketplace.accounts.models import User
from marketplace.kernel.crypto import hash_key_id, keyed_hash
from marketplace.kernel.personal import Person

SWEEP_LIMIT = 200


@transaction.atomic(durable=True)
def note_identifier(
    *, user_id: UUID, kind: str, hashed: str, key_id: str, label: str, now: datetime, source_ref: UUID | None = None
) -> int:
    """
    Write down that a person has something, and ask about everybody else who has the same; return how many questions that
    opened. Twice is once.

    :param hashed: the keyed hash of the thing in its one spelling, made by whoever knows it.
    """
    people = User.objects.select_for_update(of=("self",), no_key=True)
    user = people.filter(public_id=user_id, is_active=True).first()
    if user is None:
        return 0
    _one_at_a_time(kind, hashed)
    facts = {"key_id": key_id, "label": label[:200], "source_ref": source_ref, "first_seen_at": now}
    mine, is_new = Identifier.objects.get_or_create(user=user, kind=IdentifierKind(kind), hash=hashed, defaults=facts)
    if not is_new and mine.source_ref != source_ref:  # The same file again, after the first was removed.
        mine.source_ref, mine.label = source_ref, label[:200]
        mine.save(update_fields=["source_ref", "label"])
    twins = list(Identifier.objects.twins_of(mine).filter(user__is_active=True).order_by("pk")[:SWEEP_LIMIT])
    return sum(open_question(mine, twin, now=now) for twin in twins)


def _one_at_a_time(kind: str, hashed: str) -> None:
    """
    Wait for whoever notes the same thing at this moment, until the transaction ends.

    Two who did it beside each other would each look for twins before the other has committed, and find none.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"duplicates|{kind}|{hashed}"])


def take_in_due(*, now: datetime) -> int:
    """Take in the numbers and files that were not taken in yet, some in each round; return how many. Run by a sweep."""
    numbers = list(credentials_to_take_in()[:SWEEP_LIMIT])
    for credential in numbers:
        note_identifier(
            user_id=credential.expert.user.public_id, kind=IdentifierKind.CREDENTIAL, hashed=credential.number_hash,
            key_id=hash_key_id(), label=credential.label, source_ref=credential.public_id, now=now,
        )  # fmt: skip
    files = list(documents_to_take_in()[:SWEEP_LIMIT])
    for document in files:
        note_identifier(
            user_id=document.expert.user.public_id, kind=IdentifierKind.DOCUMENT, hashed=hash_of_file(document.sha256),
            key_id=hash_key_id(), label=document.original_name, source_ref=document.public_id, now=now,
        )  # fmt: skip
    return len(numbers) + len(files)


def hash_of_file(sha256: str) -> str:
    """Return the keyed hash of a file: a bare SHA-256 would tell anybody who has the same file that we have it too."""
    return keyed_hash(sha256.lower(), purpose="document")


@transaction.atomic(durable=True)
def drop_old_hashes() -> int:
    """
    Drop the hashes that were made with an older key and can be made again from what they are of; return how many.

    Those of erased people cannot, so they stay and meet only hashes of their own key.
    """
    old = Identifier.objects.exclude(key_id=hash_key_id()).filter(user__is_active=True)
    numbers_and_files = Q(kind__in=[IdentifierKind.CREDENTIAL, IdentifierKind.DOCUMENT])
    fresh = Identifier.objects.filter(user=OuterRef("user"), kind=OuterRef("kind"), key_id=hash_key_id())
    return int(old.filter(numbers_and_files | Exists(fresh)).delete()[0])


def forget_person(person: Person) -> None:
    """
    Forget what a person had, except where fraud was suspected: who left after that does not come back unnoticed, and the
    reason is written down. Needs an open transaction.
    """
    suspected = Question.objects.about(person.user).filter(outcome=Outcome.FRAUD_SUSPECTED)
    if suspected.exists():
        Identifier.objects.filter(user=person.user).update(label="Erased")
        for question in suspected.order_by("pk"):
            mine = "first_label" if question.first_id == person.user.pk else "second_label"
            for match in question.matches.order_by("pk"):
                setattr(match, mine, f"Erased {match.pk}")
                match.save(update_fields=[mine])
    else:
        Identifier.objects.filter(user=person.user).delete()
    Question.objects.about(person.user).exclude(outcome=Outcome.FRAUD_SUSPECTED).delete()
