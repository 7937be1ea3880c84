"""Tables of moves: complete, and drawn in docs/states.md."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import models

from marketplace.kernel import states
from marketplace.kernel.errors import WrongState
from marketplace.pages.statechart import draw_states
from tests.architecture.house import ROOT


@pytest.mark.parametrize("name", sorted(states.REGISTERED))
def test_every_table_of_moves_names_every_state_it_leads_to(name):
    table = states.REGISTERED[name]
    targets = {target for moves in table.values() for target in moves}
    assert targets <= set(table)


def test_every_state_column_has_a_table_of_moves():
    """A field called `state` belongs to a registered table that names exactly its choices."""
    tables = [set(map(str, table)) for table in states.REGISTERED.values()]
    missing = [
        f"{model._meta.label}.state"
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, models.CharField)
        and field.name == "state"
        and model.__module__.split(".")[0] in {"experts", "projects", "payments", "marketplace"}
        and {str(value) for value, _label in field.choices or []} not in tables
    ]
    assert missing == []


def test_a_move_that_the_table_does_not_list_is_refused_in_words():
    with pytest.raises(WrongState, match="This pay run is draft now, so it cannot become settled"):
        states.require_move(states.REGISTERED["pay run"], current="DRAFT", target="SETTLED", what="pay run")


def test_docs_states_is_fresh():
    """Run `./dev manage draw_states` after changing a table of moves."""
    assert (ROOT / "docs" / "states.md").read_text() == draw_states()
