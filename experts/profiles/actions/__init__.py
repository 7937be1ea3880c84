"""What may be done with profiles and with the taxonomy of fields; one file per noun."""

from experts.profiles.actions.entries import (
    ConflictFacts,
    EducationFacts,
    WorkFacts,
    add_entry,
    edit_entry,
    remove_entry,
    write_entry,
)
from experts.profiles.actions.merging import merge_field, restore_field, retire_field
from experts.profiles.actions.profiles import (
    AboutYou,
    WorkTerms,
    edit_profile,
    set_open_to_work,
    skip_section,
    start_expert,
    write_profile,
)
from experts.profiles.actions.taxonomy import add_field, deliver_event, edit_field, load_taxonomy, remove_field

__all__ = [
    "AboutYou",
    "ConflictFacts",
    "EducationFacts",
    "WorkFacts",
    "WorkTerms",
    "add_entry",
    "add_field",
    "deliver_event",
    "edit_entry",
    "edit_field",
    "edit_profile",
    "load_taxonomy",
    "merge_field",
    "remove_entry",
    "remove_field",
    "restore_field",
    "retire_field",
    "set_open_to_work",
    "skip_section",
    "start_expert",
    "write_entry",
    "write_profile",
]
