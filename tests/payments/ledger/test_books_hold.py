"""Whatever is posted in whatever order: the books balance, the floors hold, and a replay changes nothing."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import pytest
from django.db import connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from marketplace.kernel.ids import new_public_id
from payments.ledger import queries
from payments.ledger.actions import AccountRef, Move, Posting, post, post_many
from payments.ledger.enums import AccountCode, EntryKind
from payments.ledger.errors import InsufficientFunds, KeyUsedDifferently
from payments.ledger.models import Entry, Transfer
from tests.factories.payments_ledger import BY, NOW, TODAY

OWNERS = [new_public_id(), new_public_id()]
ACCOUNTS = [
    AccountRef(AccountCode.STRIPE_CLEARING),
    AccountRef(AccountCode.PLATFORM_FEE),
    *(AccountRef(AccountCode.LAB_FUNDS, owner) for owner in OWNERS),
    *(AccountRef(AccountCode.PROJECT_FUNDS, owner) for owner in OWNERS),
    *(AccountRef(AccountCode.EXPERT_PAYABLE, owner) for owner in OWNERS),
]

moves = (
    st.tuples(st.sampled_from(ACCOUNTS), st.sampled_from(ACCOUNTS), st.integers(0, 300))
    .filter(lambda sides: sides[0] != sides[1])
    .map(lambda sides: Move(*sides))
)
postings = st.builds(
    Posting,
    key=st.sampled_from([f"key:{number}" for number in range(12)]),
    kind=st.sampled_from([EntryKind.FUNDING, EntryKind.ALLOCATION]),
    moves=st.lists(moves, min_size=1, max_size=4),
    effective_on=st.just(TODAY),
).filter(lambda posting: bool(posting.real_moves))


@dataclass
class Model:
    """The books as a dictionary would keep them."""

    balances: dict[AccountRef, int]
    entries: dict[str, str]

    def expected(self, posting: Posting) -> type[Exception] | None:
        if posting.key in self.entries:
            return None if self.entries[posting.key] == posting.sha256 else KeyUsedDifferently
        after = self.after(posting)
        return InsufficientFunds if any(ref.rule.floor and after[ref] < 0 for ref in after) else None

    def after(self, posting: Posting) -> dict[AccountRef, int]:
        balances = defaultdict(int, self.balances)
        for move in posting.real_moves:
            balances[move.debit] -= move.amount_minor
            balances[move.credit] += move.amount_minor
        return balances

    def enter(self, posting: Posting) -> None:
        if posting.key not in self.entries:
            self.balances = self.after(posting)
            self.entries[posting.key] = posting.sha256


def _post(posting: Posting) -> None:
    post(key=posting.key, kind=posting.kind, moves=posting.moves, effective_on=posting.effective_on, by=BY, now=NOW)


def _require_sound(model: Model) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for ref in ACCOUNTS:
        sign = -1 if ref.code == AccountCode.STRIPE_CLEARING else 1
        balance = queries.balance_minor(ref.code, ref.owner_ref)
        assert balance == sign * model.balances.get(ref, 0)
        assert balance >= 0 or not ref.rule.floor
    assert set(Entry.objects.values_list("key", flat=True)) == set(model.entries)
    assert queries.recount() == []
    rows = queries.trial_balance("USD")
    assert sum(row.closing_minor for row in rows) == 0
    assert sum(row.debit_minor for row in rows) == sum(row.credit_minor for row in rows)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


@pytest.mark.django_db
@settings(deadline=None, max_examples=40)
@given(st.lists(postings, min_size=1, max_size=14))
def test_any_sequence_of_postings_leaves_sound_books_that_a_replay_does_not_change(sequence: list[Posting]) -> None:
    with transaction.atomic():
        model, accepted = Model({}, {}), []
        for posting in sequence:
            refusal = model.expected(posting)
            if refusal:
                with pytest.raises(refusal):
                    _post(posting)
            else:
                _post(posting)
                model.enter(posting)
                accepted.append(posting)
        _require_sound(model)

        transfers = Transfer.objects.count()
        for posting in accepted:
            _post(posting)
        assert post_many(list({posting.key: posting for posting in accepted}.values()), by=BY, now=NOW) == 0
        assert Transfer.objects.count() == transfers
        _require_sound(model)
        transaction.set_rollback(True)


@pytest.mark.django_db
@settings(deadline=None, max_examples=25)
@given(st.lists(postings, min_size=1, max_size=12, unique_by=lambda posting: posting.key))
def test_a_batch_ends_where_one_by_one_would_or_changes_nothing(batch: list[Posting]) -> None:
    with transaction.atomic():
        model = Model({}, {})
        for posting in batch:
            model.enter(posting)
        if any(ref.rule.floor and minor < 0 for ref, minor in model.balances.items()):
            with pytest.raises(InsufficientFunds):
                post_many(batch, by=BY, now=NOW)
            model = Model({}, {})
        else:
            assert post_many(batch, by=BY, now=NOW) == len(batch)
        _require_sound(model)
        transaction.set_rollback(True)
