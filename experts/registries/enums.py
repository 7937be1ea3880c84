"""The public registers that are imported, and the states of an import with their table of moves."""

from __future__ import annotations

from django.db import models

from marketplace.kernel.states import register_moves


class Register(models.TextChoices):
    NPPES = "NPPES", "NPPES, providers of the United States"
    FIDE = "FIDE", "FIDE rating list"
    OFAC = "OFAC", "OFAC list of specially designated nationals"


SHORT_NAMES = {Register.NPPES: "NPPES", Register.FIDE: "FIDE rating list", Register.OFAC: "OFAC SDN list"}
"""How a register is called inside a sentence."""


class ImportState(models.TextChoices):
    RUNNING = "RUNNING", "Running, or stopped on the way"
    DONE = "DONE", "Done"
    GIVEN_UP = "GIVEN_UP", "Given up"


IMPORT_MOVES = register_moves(
    "registry import",
    {
        ImportState.RUNNING: frozenset({ImportState.DONE, ImportState.GIVEN_UP}),
        ImportState.DONE: frozenset(),
        ImportState.GIVEN_UP: frozenset(),
    },
)


class SanctionKind(models.TextChoices):
    """What OFAC's column SDN_Type says; it is empty for organisations."""

    INDIVIDUAL = "individual", "Person"
    ENTITY = "entity", "Organisation"
    VESSEL = "vessel", "Vessel"
    AIRCRAFT = "aircraft", "Aircraft"


LARGEST_SHRINKAGE = 0.2
"""The share of the standing rows that a newer list may leave out before a person must say that this is meant."""
