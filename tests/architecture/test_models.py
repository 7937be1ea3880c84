"""What every table keeps: names of constraints are sentences, outside ids tell nothing."""

from __future__ import annotations

import re

from django.apps import apps

ROOMS = {"experts", "projects", "payments", "marketplace"}


def our_models():
    return [model for model in apps.get_models() if model.__module__.split(".")[0] in ROOMS]


def test_names_of_constraints_are_sentences():
    """At least three words, so that the error itself says what is true."""
    short = [
        f"{model._meta.label}: {constraint.name}"
        for model in our_models()
        for constraint in model._meta.constraints
        if len(re.split("_", constraint.name)) < 3
    ]
    assert short == []


def test_no_model_orders_itself():
    assert [model._meta.label for model in our_models() if model._meta.ordering] == []


def test_money_columns_say_that_they_are_minor_units():
    """No decimal and no float anywhere: money is a BigInteger whose name ends in _minor."""
    wrong = [
        f"{model._meta.label}.{field.name}"
        for model in our_models()
        for field in model._meta.get_fields()
        if field.get_internal_type() in {"DecimalField", "FloatField"}
        or (field.name.endswith("_minor") and field.get_internal_type() != "BigIntegerField")
    ]
    assert wrong == []
