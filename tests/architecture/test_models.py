"""What every table keeps: names of constraints are sentences, outside ids tell nothing. Each rule is proven by breaking it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.apps import apps
from django.db import models
from django.test.utils import isolate_apps

ROOMS = {"experts", "projects", "payments", "marketplace"}


def our_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model.__module__.split(".")[0] in ROOMS]


def short_names(tables: Iterable[type[models.Model]]) -> list[str]:
    """Constraints whose name has fewer than three words, so that the error itself says nothing."""
    return [
        f"{model._meta.label}: {constraint.name}"
        for model in tables
        for constraint in model._meta.constraints
        if len(re.split("_", constraint.name)) < 3
    ]


def ordered_by_themselves(tables: Iterable[type[models.Model]]) -> list[str]:
    return [model._meta.label for model in tables if model._meta.ordering]


def money_in_disguise(tables: Iterable[type[models.Model]]) -> list[str]:
    """Decimals and floats, and names ending in _minor that are no BigIntegerField: money is whole minor units."""
    return [
        f"{model._meta.label}.{field.name}"
        for model in tables
        for field in model._meta.get_fields()
        if field.get_internal_type() in {"DecimalField", "FloatField"}
        or (field.name.endswith("_minor") and field.get_internal_type() != "BigIntegerField")
    ]


def test_names_of_constraints_are_sentences():
    assert short_names(our_models()) == []


def test_no_model_orders_itself():
    assert ordered_by_themselves(our_models()) == []


def test_money_columns_say_that_they_are_minor_units():
    assert money_in_disguise(our_models()) == []


@isolate_apps("projects.labs")
def test_tables_that_break_a_rule_are_named():
    class Curt(models.Model):
        class Meta:
            app_label = "labs"
            constraints = [models.UniqueConstraint(fields=["id"], name="curt_unique")]

    class Sorted(models.Model):
        class Meta:
            app_label = "labs"
            ordering = ["-id"]

    class Purse(models.Model):
        price = models.DecimalField(max_digits=9, decimal_places=2)
        share = models.FloatField()
        fee_minor = models.IntegerField()
        pay_minor = models.BigIntegerField()

        class Meta:
            app_label = "labs"

    broken = [Curt, Sorted, Purse]
    assert short_names(broken) == ["labs.Curt: curt_unique"]
    assert ordered_by_themselves(broken) == ["labs.Sorted"]
    assert money_in_disguise(broken) == ["labs.Purse.price", "labs.Purse.share", "labs.Purse.fee_minor"]
