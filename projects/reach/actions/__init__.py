"""What may be done with saved searches, short addresses and pictures; one file per noun."""

from projects.reach.actions.searches import save_search

__all__ = ["save_search"]
