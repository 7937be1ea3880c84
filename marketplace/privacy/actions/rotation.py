"""
Sealing old values with the present key, a batch at a time, while the product runs.

What is left to do can be read off the rows: a value names the key it was sealed with. So a run that was stopped is simply
started again. A row is written only if it still holds the very value that was opened, so an edit that came in between
stays. New encrypted columns are found by themselves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.db import models, transaction
from django.db.models import Count, ExpressionWrapper, F, Func, Value

from marketplace.accounts.enums import SECOND_FACTOR_COLUMN
from marketplace.kernel.crypto import (
    ROW_KEY,
    EncryptedTextField,
    Sealed,
    Undecryptable,
    decrypt,
    encrypt,
    encryption_key_id,
    key_id_of,
)

BATCH = 500


@dataclass(slots=True)
class Report:
    """How far the rotation of one column is. `broken` are rows that no key opens; `by_key` counts values by key id."""

    place: str
    by_key: Counter[str]
    done: int = 0
    broken: list[int] = field(default_factory=list)

    @property
    def old(self) -> int:
        """How many values were sealed with another key than the present one."""
        return sum(count for key, count in self.by_key.items() if key != encryption_key_id())


def encrypted_columns() -> list[EncryptedTextField]:
    """Return every encrypted column of the product."""
    return [
        column
        for model in apps.get_models()
        for column in model._meta.local_concrete_fields
        if isinstance(column, EncryptedTextField)
    ]


def survey() -> list[Report]:
    """Count the sealed values of each place by their key. Changes nothing."""
    columns = [Report(_name(column), _keys_in(column)) for column in encrypted_columns()]
    return [*columns, Report(SECOND_FACTOR_COLUMN, _keys_of_second_factors())]


def rotate(*, batch: int = BATCH) -> Iterator[Report]:
    """
    Seal everything with the present key that was sealed with another; give a report after each batch, and one at the end of
    each place with its values counted again.
    """
    for column in encrypted_columns():
        report = Report(_name(column), _keys_in(column))
        after: int | None = 0
        while (after := _rotate_batch(column, report, after=after or 0, batch=batch)) is not None:
            yield report
        report.by_key = _keys_in(column)
        yield report
    report = Report(SECOND_FACTOR_COLUMN, _keys_of_second_factors())
    after = 0
    while (after := _rotate_second_factors(report, after=after or 0, batch=batch)) is not None:
        yield report
    report.by_key = _keys_of_second_factors()
    yield report


def _name(column: EncryptedTextField) -> str:
    return f"{column.model._meta.label}.{column.name}"


def _sealed(column: EncryptedTextField) -> models.QuerySet[Any]:
    """Return the rows with a value, with `token` (as it is stored) and `key` (the id in it)."""
    stored = ExpressionWrapper(F(column.name), output_field=models.TextField())
    key = Func(stored, Value("."), Value(2), function="SPLIT_PART", output_field=models.TextField())
    return column.model._base_manager.annotate(token=stored, key=key).exclude(token="").exclude(token=None)


def _keys_in(column: EncryptedTextField) -> Counter[str]:
    counted = _sealed(column).order_by().values_list("key").annotate(n=Count("pk"))
    return Counter(dict(counted))


@transaction.atomic(durable=True)
def _rotate_batch(column: EncryptedTextField, report: Report, *, after: int, batch: int) -> int | None:
    """Seal the next rows anew; return the last one's key, or None when there are no more."""
    old = _sealed(column).exclude(key=encryption_key_id()).filter(pk__gt=after).order_by("pk")
    rows = list(old.values_list("pk", ROW_KEY, "token")[:batch])
    for pk, row_key, token in rows:
        context = column.context_of(row_key)
        try:
            fresh = Sealed(encrypt(decrypt(token, context=context), context=context))
        except Undecryptable:
            report.broken.append(pk)
            continue
        report.done += _sealed(column).filter(pk=pk, token=token).update(**{column.name: fresh})
    return rows[-1][0] if rows else None


# ------------------------------------------------------------------------------------------------------ second factors


def _keys_of_second_factors() -> Counter[str]:
    counted: Counter[str] = Counter()
    for data in Authenticator.objects.order_by("pk").values_list("data", flat=True).iterator(chunk_size=BATCH):
        counted.update(key for text in _texts(data) if (key := key_id_of(text)))
    return counted


@transaction.atomic(durable=True)
def _rotate_second_factors(report: Report, *, after: int, batch: int) -> int | None:
    rows = Authenticator.objects.select_for_update(of=("self",), no_key=True).filter(pk__gt=after).order_by("pk")
    found = list(rows[:batch])
    for row in found:
        try:
            fresh = _resealed(row.data)
        except Undecryptable:
            report.broken.append(row.pk)
            continue
        if fresh != row.data:
            row.data = fresh
            row.save(update_fields=["data"])
            report.done += 1
    return found[-1].pk if found else None


def _texts(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict | list):
        for value in data.values() if isinstance(data, dict) else data:
            yield from _texts(value)


def _resealed(data: Any) -> Any:
    """Return the same JSON with every value sealed with the present key."""
    if isinstance(data, dict):
        return {name: _resealed(value) for name, value in data.items()}
    if isinstance(data, list):
        return [_resealed(value) for value in data]
    if isinstance(data, str) and key_id_of(data) not in ("", encryption_key_id()):
        return encrypt(decrypt(data, context=SECOND_FACTOR_COLUMN), context=SECOND_FACTOR_COLUMN)
    return data
