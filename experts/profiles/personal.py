"""What profiles hold of a person: how they offer their expertise."""

from __future__ import annotations

from marketplace.kernel.personal import Blank, Delete, Personal, Room

WHY = "Applications and contracts name the profile; it stands there empty."

ROOM = Room(
    name="profiles",
    label="Profile",
    tables=(
        Personal("profiles.ExpertField", Delete(), person="expert__user", title="Fields",
                 columns=("field__name", "years")),
        Personal("profiles.ExpertLanguage", Delete(), person="expert__user", title="Languages",
                 columns=("code", "level")),
        Personal("profiles.WorkEntry", Delete(), person="expert__user", title="Work history",
                 columns=("title", "organisation", "from_month", "to_month", "summary")),
        Personal("profiles.EducationEntry", Delete(), person="expert__user", title="Education",
                 columns=("school", "degree", "subject", "from_month", "to_month")),
        Personal("profiles.Conflict", Delete(), person="expert__user", title="Conflicts",
                 columns=("organisation", "from_month", "to_month", "note")),
        Personal("profiles.FreeHours", Delete(), person="expert__user", title="Free hours",
                 columns=("weekday", "from_hour", "to_hour")),
        Personal(
            "profiles.Expert",
            Blank(
                {"headline": "", "about": "", "country": "", "years_experience": None, "rate_desired_minor": None,
                 "rate_minimum_minor": None, "weekly_hours": None, "open_to_work": False, "skipped_sections": []},
                why=WHY,
            ),
            person="user",
            title="Profile",
            columns=("headline", "about", "country", "years_experience", "rate_desired_minor", "rate_minimum_minor",
                     "currency", "weekly_hours", "open_to_work", "created_at", "updated_at"),
        ),
    ),
)  # fmt: skip
