"""
The only module that writes to the books.

`post` and `post_many` are plain functions that need the caller's transaction, so that the reason and the money commit
together. Call one of them once per transaction, and last, because it locks every account it touches until the end;
several facts at once go into `post_many`.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.db import connection
from django.db.models import Q

from marketplace.kernel.actors import Actor
from marketplace.kernel.ids import new_public_id
from marketplace.kernel.money import EXPONENTS, format_money
from payments.ledger.enums import CHART, AccountCode, AccountRule, EntryKind
from payments.ledger.errors import AlreadyReversed, InsufficientFunds, KeyUsedDifferently
from payments.ledger.models import Entry, LedgerAccount

BATCH: Final = 2000

# Whole batches go in as arrays: through the models, 20,000 entries take twice as long while accounts are locked.
INSERT_ENTRIES: Final = """
INSERT INTO ledger_entry (public_id, key, kind, effective_on, posted_at, actor_kind, actor_ref, input_sha256, memo,
                          reverses_id)
SELECT new.public_id, new.key, new.kind, new.effective_on, %s, %s, %s, new.sha256, new.memo, new.reverses_id
FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::date[], %s::text[], %s::text[], %s::bigint[])
    AS new(public_id, key, kind, effective_on, sha256, memo, reverses_id)
ON CONFLICT (key) DO NOTHING RETURNING key, id
"""
INSERT_TRANSFERS: Final = """
INSERT INTO ledger_transfer (entry_id, position, debit_id, credit_id, amount_minor, currency)
SELECT * FROM unnest(%s::bigint[], %s::smallint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::text[])
"""
ADD_TO_BALANCES: Final = """
UPDATE ledger_ledgeraccount AS account SET balance_minor = account.balance_minor + change.minor
FROM unnest(%s::bigint[], %s::bigint[]) AS change(id, minor) WHERE account.id = change.id
"""


@dataclass(frozen=True, slots=True)
class AccountRef:
    """
    One account by what it is: a code of the chart, the public id of its owner, a currency.

    Accounts of the platform itself (1010, 4000, 5000, 5210) have no owner.
    """

    code: AccountCode
    owner_ref: UUID | None = None
    currency: str = "USD"

    def __post_init__(self) -> None:
        if self.currency not in EXPONENTS:
            raise ValueError(f"Unknown currency {self.currency!r}.")
        if self.rule.owner_kind == "platform":
            if self.owner_ref is not None:
                raise ValueError(f"Account {self.code} belongs to the platform, not to {self.owner_ref}.")
        elif not isinstance(self.owner_ref, UUID):
            raise TypeError(f"Account {self.code} belongs to a {self.rule.owner_kind}: give its public id.")

    @property
    def rule(self) -> AccountRule:
        return CHART[self.code]

    @property
    def parts(self) -> tuple[str, str, str]:
        """What tells this account from all others, in an order that is the same everywhere."""
        return (str(self.code), str(self.owner_ref or ""), self.currency)


@dataclass(frozen=True, slots=True)
class Move:
    """One movement: `debit` is debited and `credit` is credited with `amount_minor`, which may be 0, never less."""

    debit: AccountRef
    credit: AccountRef
    amount_minor: int

    def __post_init__(self) -> None:
        if not isinstance(self.amount_minor, int) or isinstance(self.amount_minor, bool):
            raise TypeError(f"Money is counted in whole minor units, not {self.amount_minor!r}.")
        if self.amount_minor < 0:
            raise ValueError("A move is never negative; swap debit and credit.")
        if self.debit == self.credit:
            raise ValueError("A move needs two different accounts.")
        if self.debit.currency != self.credit.currency:
            raise ValueError("A move stays in one currency.")


@dataclass(frozen=True, slots=True)
class Posting:
    """One business fact to be entered: what `post` takes, as a value, for `post_many`."""

    key: str
    kind: EntryKind
    moves: Sequence[Move]
    effective_on: date
    memo: str = ""

    @property
    def real_moves(self) -> list[Move]:
        """The moves that move something."""
        return [move for move in self.moves if move.amount_minor]

    @property
    def sha256(self) -> str:
        """The hash of what is posted. Date and memo are left out: a late replay still tells the same fact."""
        moves = sorted((*move.debit.parts, *move.credit.parts, move.amount_minor) for move in self.real_moves)
        return hashlib.sha256(json.dumps([str(self.kind), moves]).encode()).hexdigest()


def post(
    *,
    key: str,
    kind: EntryKind,
    moves: Sequence[Move],
    effective_on: date,
    by: Actor,
    now: datetime,
    memo: str = "",
) -> Entry:
    """
    Write one entry, or return the one that stands under this key already.

    Needs an open transaction. Amounts are minor units; moves of 0 are left out.

    :param key: names the business fact (reference money B.3), for example "approval:{line}:{rev}".
    :param effective_on: the business date; `now` is when we knew.
    :raises RuntimeError: if no transaction is open.
    :raises ValueError: if nothing would move.
    :raises InsufficientFunds: if an account with a floor would fall below zero; then nothing was written.
    :raises KeyUsedDifferently: if the key stands for other accounts or amounts.
    """
    posting = Posting(key, kind, moves, effective_on, memo)
    if not posting.real_moves:
        raise ValueError(f"Entry {key} would move nothing.")
    _write([posting], by=by, now=now)
    return Entry.objects.get(key=key)


def post_many(postings: Sequence[Posting], *, by: Actor, now: datetime) -> int:
    """
    Write many entries at once, all or none, and return how many are new. For pay runs and weekly approvals.

    Needs an open transaction. Postings that move nothing are left out; keys that stand already are left alone. A floor
    counts at the end of the batch.

    :raises RuntimeError: if no transaction is open.
    :raises ValueError: if a key comes twice in the batch.
    :raises InsufficientFunds: if an account with a floor would fall below zero; then nothing was written.
    :raises KeyUsedDifferently: if a key stands for other accounts or amounts.
    """
    moving = [posting for posting in postings if posting.real_moves]
    if len({posting.key for posting in moving}) != len(moving):
        raise ValueError("A key comes twice in one batch.")
    return _write(moving, by=by, now=now)


def reverse(*, key: str, entry_id: int, by: Actor, now: datetime, memo: str) -> Entry:
    """
    Undo an entry by one that mirrors it; return the mirror, also when it stands under this key already.

    Needs an open transaction. The mirror is effective today: the past stays as it was reported.

    :param entry_id: primary key of the entry.
    :raises AlreadyReversed: if it was reversed under another key, or is itself a reversal.
    :raises InsufficientFunds: if what it moved has been spent since; then nothing was written.
    """
    _require_transaction()
    # The lock makes two reversals of one entry wait for each other; it never changes the row.
    entry = Entry.objects.select_for_update(of=("self",), no_key=True).get(pk=entry_id)
    if entry.kind == EntryKind.REVERSAL:
        raise AlreadyReversed("A reversal is not reversed again. Post the fact anew under its own key.")
    mirror = Entry.objects.filter(reverses=entry).first()
    if mirror and mirror.key != key:
        raise AlreadyReversed("This entry was reversed before.", reversed_by=str(mirror.public_id))
    moves = [
        Move(debit=_ref_of(transfer.credit), credit=_ref_of(transfer.debit), amount_minor=transfer.amount_minor)
        for transfer in entry.transfers.select_related("debit", "credit").order_by("position")
    ]
    posting = Posting(key, EntryKind.REVERSAL, moves, now.date(), memo)
    _write([posting], by=by, now=now, reverses={key: entry.pk})
    return Entry.objects.get(key=key)


def _write(postings: Sequence[Posting], *, by: Actor, now: datetime, reverses: Mapping[str, int] | None = None) -> int:
    """Open and lock the accounts, look for keys that stand already, check the floors, then write."""
    _require_transaction()
    if not postings:
        return 0
    accounts = _open_accounts({ref for posting in postings for move in posting.real_moves for ref in _both(move)})
    balances = _lock(accounts)
    # Only now, behind the locks: whoever posted the same fact a moment ago has committed, and we see it.
    fresh = _without_standing(postings)
    _check_floors(fresh, accounts, balances)
    written = _insert_entries(fresh, by=by, now=now, reverses=reverses or {})
    posted = [posting for posting in fresh if posting.key in written]
    _insert_transfers(posted, written, accounts)
    _add_to_balances(posted, accounts)
    return len(posted)


def _require_transaction() -> None:
    if not connection.in_atomic_block:
        raise RuntimeError("An entry belongs to the transaction that records why. Open one first.")


def _both(move: Move) -> tuple[AccountRef, AccountRef]:
    return (move.debit, move.credit)


def _ref_of(account: LedgerAccount) -> AccountRef:
    return AccountRef(AccountCode(account.code), account.owner_ref, account.currency)


def _open_accounts(refs: Iterable[AccountRef]) -> dict[AccountRef, int]:
    """Return the row ids of the accounts; those that are not there yet begin at zero, so that they lock too."""
    wanted = sorted(refs, key=lambda ref: ref.parts)
    found = _find(wanted)
    missing = [ref for ref in wanted if ref not in found]
    if missing:
        LedgerAccount.objects.bulk_create(
            [
                LedgerAccount(
                    code=ref.code,
                    owner_kind=ref.rule.owner_kind,
                    owner_ref=ref.owner_ref,
                    currency=ref.currency,
                    balance_minor=0 if ref.rule.keeps_balance else None,
                )
                for ref in missing
            ],
            ignore_conflicts=True,  # Somebody else may open the same one at this moment; theirs is as good.
            batch_size=BATCH,
        )
        found |= _find(missing)
    return found


def _find(refs: Iterable[AccountRef]) -> dict[AccountRef, int]:
    owners: dict[tuple[AccountCode, str], list[UUID | None]] = defaultdict(list)
    for ref in refs:
        owners[ref.code, ref.currency].append(ref.owner_ref)
    wanted = Q(pk__in=[])
    for (code, currency), refs_of_code in owners.items():
        kind = CHART[code].owner_kind
        whose = Q(owner_ref__isnull=True) if kind == "platform" else Q(owner_ref__in=refs_of_code)
        wanted |= Q(code=code, owner_kind=kind, currency=currency) & whose
    rows = LedgerAccount.objects.filter(wanted).values_list("pk", "code", "owner_ref", "currency")
    return {AccountRef(AccountCode(code), owner, currency): pk for pk, code, owner, currency in rows}


def _lock(accounts: Mapping[AccountRef, int]) -> dict[int, int]:
    """Lock the accounts that keep a balance, in account order, and return their balances. Hot ones stay free."""
    kept = [pk for ref, pk in accounts.items() if ref.rule.keeps_balance]
    rows = LedgerAccount.objects.filter(pk__in=kept).locked().values_list("pk", "balance_minor")
    return {pk: minor or 0 for pk, minor in rows}


def _without_standing(postings: Sequence[Posting]) -> list[Posting]:
    """
    Leave out what is in the books already.

    :raises KeyUsedDifferently: if a key stands there with another hash.
    """
    keys = [posting.key for posting in postings]
    standing = dict(Entry.objects.filter(key__in=keys).values_list("key", "input_sha256"))
    for posting in postings:
        if posting.key in standing and standing[posting.key] != posting.sha256:
            raise KeyUsedDifferently(f"Key {posting.key} stands in the books for other accounts or amounts.")
    return [posting for posting in postings if posting.key not in standing]


def _changes(postings: Sequence[Posting]) -> dict[AccountRef, int]:
    """Return credits minus debits for each account that keeps a balance."""
    changes: dict[AccountRef, int] = defaultdict(int)
    for posting in postings:
        for move in posting.real_moves:
            changes[move.debit] -= move.amount_minor
            changes[move.credit] += move.amount_minor
    return {ref: change for ref, change in changes.items() if ref.rule.keeps_balance and change}


def _check_floors(postings: Sequence[Posting], accounts: Mapping[AccountRef, int], balances: Mapping[int, int]) -> None:
    """Refuse in words before anything is written; the CHECK on the row refuses the same, but poisons the transaction."""
    for ref, change in _changes(postings).items():
        available = balances[accounts[ref]]
        if ref.rule.floor and available + change < 0:
            has, needs = format_money(available, ref.currency), format_money(-change, ref.currency)
            raise InsufficientFunds(
                f"There is {has} in {AccountCode(ref.code).label.lower()} and this takes {needs}.",
                code=str(ref.code),
                owner_ref=str(ref.owner_ref),
                available_minor=available,
                needed_minor=-change,
                currency=ref.currency,
            )


def _insert_entries(
    postings: Sequence[Posting], *, by: Actor, now: datetime, reverses: Mapping[str, int]
) -> dict[str, int]:
    """Insert the entries in key order, so that two batches never wait in a circle; return key -> row id of those written."""
    if not postings:
        return {}
    ordered = sorted(postings, key=lambda posting: posting.key)
    columns = zip(
        *(
            (new_public_id(), each.key, str(each.kind), each.effective_on, each.sha256, each.memo[:200],
             reverses.get(each.key))
            for each in ordered
        ),
        strict=True,
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(INSERT_ENTRIES, [now, by.actor_kind, by.actor_ref, *map(list, columns)])
        written = dict(cursor.fetchall())
    if len(written) < len(ordered):
        # Only entries between hot accounts have nothing to lock, so only these can meet at the key itself.
        _without_standing([posting for posting in ordered if posting.key not in written])
    return written


def _insert_transfers(
    postings: Sequence[Posting], entries: Mapping[str, int], accounts: Mapping[AccountRef, int]
) -> None:
    if not postings:
        return
    columns = zip(
        *(
            (entries[posting.key], position, accounts[move.debit], accounts[move.credit], move.amount_minor,
             move.debit.currency)
            for posting in postings
            for position, move in enumerate(posting.real_moves)
        ),
        strict=True,
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(INSERT_TRANSFERS, [list(column) for column in columns])


def _add_to_balances(postings: Sequence[Posting], accounts: Mapping[AccountRef, int]) -> None:
    """Update each account once, however many moves touch it."""
    changes = _changes(postings)
    if changes:
        with connection.cursor() as cursor:
            cursor.execute(ADD_TO_BALANCES, [[accounts[ref] for ref in changes], list(changes.values())])
