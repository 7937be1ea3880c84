"""Questions about saved searches and short addresses that pages and other rooms ask."""

from projects.reach.queries.links import gig_of_short_code, short_url
from projects.reach.queries.searches import search_or_404

__all__ = ["gig_of_short_code", "search_or_404", "short_url"]
