"""What may be done with profiles and with the taxonomy of fields; one file per noun."""

from experts.profiles.actions.profiles import AboutYou, WorkTerms, edit_profile, start_expert
from experts.profiles.actions.taxonomy import add_field, edit_field, load_taxonomy, remove_field

__all__ = [
    "AboutYou",
    "WorkTerms",
    "add_field",
    "edit_field",
    "edit_profile",
    "load_taxonomy",
    "remove_field",
    "start_expert",
]
