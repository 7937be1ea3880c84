"""Questions about hiring that pages and other rooms ask."""

from projects.hiring.queries.applications import (
    BEYOND_ANY_CLOCK,
    application_of,
    candidates_after,
    candidates_in_turn,
    candidates_waiting,
    pipeline_counts,
)
from projects.hiring.queries.contracts import contracts_after, found_contracts, names_of_contracts, running_first
from projects.hiring.queries.offers import AcceptStep, Guarantee, guarantee_of, open_offers, steps_to_accept

__all__ = [
    "BEYOND_ANY_CLOCK",
    "AcceptStep",
    "Guarantee",
    "application_of",
    "candidates_after",
    "candidates_in_turn",
    "candidates_waiting",
    "contracts_after",
    "found_contracts",
    "guarantee_of",
    "names_of_contracts",
    "open_offers",
    "pipeline_counts",
    "running_first",
    "steps_to_accept",
]
