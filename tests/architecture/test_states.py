"""Tables of moves: complete, and drawn in docs/states.md. Each rule is proven by breaking it."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from django.apps import apps
from django.db import models
from django.test.utils import isolate_apps

from marketplace.kernel import states
from marketplace.kernel.errors import WrongState
from marketplace.pages.statechart import draw_states
from tests.architecture.house import ROOT, STATE_COLUMNS
from tests.architecture.test_models import our_models


def dead_ends(table: states.type_of_moves) -> set[str]:
    """States that a table leads to and does not name, so that nothing would leave them."""
    return {str(target) for moves in table.values() for target in moves} - set(map(str, table))


def states_without_moves(tables: Iterable[type[models.Model]]) -> list[str]:
    """Columns called `state` or `step` whose choices are not exactly those of a registered table of moves."""
    known = [set(map(str, table)) for table in states.REGISTERED.values()]
    return [
        f"{model._meta.label}.{field.name}"
        for model in tables
        for field in model._meta.get_fields()
        if isinstance(field, models.CharField)
        and field.name in STATE_COLUMNS
        and {str(value) for value, _label in field.choices or []} not in known
    ]


@pytest.mark.parametrize("name", sorted(states.REGISTERED))
def test_every_table_of_moves_names_every_state_it_leads_to(name):
    assert dead_ends(states.REGISTERED[name]) == set()


def test_a_table_that_leads_to_a_state_it_does_not_name_is_found():
    assert dead_ends({"OPEN": frozenset({"DONE", "GONE"}), "DONE": frozenset()}) == {"GONE"}


def test_every_state_column_has_a_table_of_moves():
    assert states_without_moves(our_models()) == []


@isolate_apps("projects.labs")
def test_a_state_without_a_table_of_moves_is_found():
    moods = [("HAPPY", "Happy"), ("SAD", "Sad")]

    class Moody(models.Model):
        state = models.CharField(max_length=8, choices=moods)
        step = models.CharField(max_length=8)

        class Meta:
            app_label = "labs"

    assert states_without_moves([Moody]) == ["labs.Moody.state", "labs.Moody.step"]


def test_every_registered_table_belongs_to_a_column():
    """A table that no column follows would be drawn and never asked."""
    columns = STATE_COLUMNS | {"flag_state"}  # of a report about a rating: empty until there is one
    followed = [
        {str(value) for value, _label in field.choices or []}
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, models.CharField) and field.name in columns
    ]
    assert [name for name, table in states.REGISTERED.items() if set(map(str, table)) not in followed] == []


def test_a_move_that_the_table_does_not_list_is_refused_in_words():
    with pytest.raises(WrongState, match="This pay run is draft now, so it cannot become settled"):
        states.require_move(states.REGISTERED["pay run"], current="DRAFT", target="SETTLED", what="pay run")


def test_docs_states_is_fresh():
    """Run `./dev manage draw_states` after changing a table of moves."""
    assert (ROOT / "docs" / "states.md").read_text() == draw_states()


def test_a_table_that_was_changed_makes_docs_states_stale(monkeypatch):
    table = states.REGISTERED["pay run"]
    monkeypatch.setitem(states.REGISTERED, "pay run", {**table, "DRAFT": frozenset({"SETTLED"})})
    assert (ROOT / "docs" / "states.md").read_text() != draw_states()
