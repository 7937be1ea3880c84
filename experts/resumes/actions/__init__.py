"""Reading a résumé, and deciding what of it goes into the profile."""

from experts.resumes.actions.readings import begin_missing_readings, begin_reading, read_resume
from experts.resumes.actions.suggestions import (
    accept_section,
    accept_suggestion,
    dismiss_suggestion,
    restore_suggestion,
)

__all__ = [
    "accept_section",
    "accept_suggestion",
    "begin_missing_readings",
    "begin_reading",
    "dismiss_suggestion",
    "read_resume",
    "restore_suggestion",
]
