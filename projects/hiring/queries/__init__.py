"""Questions about hiring that pages and other rooms ask."""

from projects.hiring.queries.amendments import (
    NewTerms,
    answer_by,
    changes,
    changes_of_versions,
    first_monday,
    open_amendment,
)
from projects.hiring.queries.applications import (
    BEYOND_ANY_CLOCK,
    application_of,
    candidates_after,
    candidates_in_turn,
    candidates_waiting,
    pipeline_counts,
)
from projects.hiring.queries.contracts import (
    contracts_after,
    contracts_found,
    counts_by_state,
    found_contracts,
    names_of_contracts,
    running_first,
)
from projects.hiring.queries.history import Event, history_of
from projects.hiring.queries.offers import AcceptStep, Guarantee, guarantee_of, open_offers, steps_to_accept
from projects.hiring.queries.ratings import (
    Average,
    RatingsOfContract,
    TrackRecord,
    average_of_lab,
    rating_ends_at,
    ratings_of,
    reported_ratings,
    track_record_of,
)
from projects.hiring.queries.versions import last_version, version_of_week, versions_of_week

__all__ = [
    "BEYOND_ANY_CLOCK",
    "AcceptStep",
    "Average",
    "Event",
    "Guarantee",
    "NewTerms",
    "RatingsOfContract",
    "TrackRecord",
    "answer_by",
    "application_of",
    "average_of_lab",
    "candidates_after",
    "candidates_in_turn",
    "candidates_waiting",
    "changes",
    "changes_of_versions",
    "contracts_after",
    "contracts_found",
    "counts_by_state",
    "first_monday",
    "found_contracts",
    "guarantee_of",
    "history_of",
    "last_version",
    "names_of_contracts",
    "open_amendment",
    "open_offers",
    "pipeline_counts",
    "rating_ends_at",
    "ratings_of",
    "reported_ratings",
    "running_first",
    "steps_to_accept",
    "track_record_of",
    "version_of_week",
    "versions_of_week",
]
