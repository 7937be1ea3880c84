"""Questions about listings that pages and other rooms ask."""

from projects.listings.queries.board import Board, Filters, board
from projects.listings.queries.funds import Funding, funding_of, funding_of_many, funds_minor, funds_of, hours_funded
from projects.listings.queries.listing import listing_or_404, may_read_listing, projects_of_lab
from projects.listings.queries.requirements import Met, Standing, requirements_met, standing_of

__all__ = [
    "Board",
    "Filters",
    "Funding",
    "Met",
    "Standing",
    "board",
    "funding_of",
    "funding_of_many",
    "funds_minor",
    "funds_of",
    "hours_funded",
    "listing_or_404",
    "may_read_listing",
    "projects_of_lab",
    "requirements_met",
    "standing_of",
]
