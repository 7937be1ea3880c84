"""Who may change a listing, and what must be true before experts see it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from experts.assessments.queries import papers_of, unpaid_minutes_of_field
from marketplace.accounts.enums import StaffRoleKind
from marketplace.accounts.models import User
from marketplace.kernel.actors import Actor
from marketplace.kernel.errors import NotAllowed, Refused
from marketplace.kernel.money import format_money
from projects.labs.queries import may_manage, require_manager, role_in
from projects.listings.enums import QUESTION_MINUTES, SECTIONS, UNPAID_MINUTES_MAX
from projects.listings.models import Project
from projects.listings.queries.funds import charge_per_hour, hours_funded

NEEDED_SECTIONS = ("role", "what_you_will_do", "who_you_are", "pay_and_terms")
"""The sections nobody should have to ask for; the others may stay empty."""


def may_change(project: Project, actor: Actor) -> bool:
    """Whether the actor may edit, publish, pause, close and fund: owners, managers, keys with the scope."""
    return may_manage(project.lab, actor)


def require_changing(project: Project, actor: Actor) -> None:
    """:raises NotAllowed: if the actor may not change this listing."""
    require_manager(project.lab, actor, f"Only owners and managers of {project.lab.name} may change this project.")


def may_review_listings(user: User) -> bool:
    """Whether the person decides about listings that pay less than before: vetting and support staff."""
    return user.is_active and (user.is_vetting_staff or StaffRoleKind.SUPPORT in user.staff_roles)


def require_review_staff(user: User, project: Project) -> None:
    """:raises NotAllowed: for whoever is no staff, or belongs to the lab that posted the listing."""
    if not may_review_listings(user):
        raise NotAllowed("Vetting and support staff decide about listings.")
    if role_in(project.lab, user) is not None:
        raise NotAllowed("You belong to this lab, so somebody else decides about its listing.")


@dataclass(frozen=True, slots=True)
class CheckItem:
    """One line of the checklist. `part` names the group of the editor where it is put right, or "funding"."""

    code: str
    words: str
    done: bool
    note: str = ""
    part: str = ""


def unpaid_minutes(project: Project) -> int:
    """
    Return how long an application takes in all without pay: our estimate for the screening questions, and the minutes of
    the assessment and the interview that are published for the field that it asks about.
    """
    return QUESTION_MINUTES * len(project.questions) + _assessed_minutes(project)


def _assessed_minutes(project: Project) -> int:
    return unpaid_minutes_of_field(project.assessed_field) if project.assessed_field is not None else 0


def _unpaid_words(project: Project) -> str:
    questions = len(project.questions)
    words = [f"{QUESTION_MINUTES * questions} minutes for {questions} question{'' if questions == 1 else 's'}"]
    if project.assessed_field is not None:
        words.append(f"{_assessed_minutes(project)} for what is asked of {project.assessed_field.name}")
    return ", ".join(words)


def listing_checks(project: Project) -> list[CheckItem]:
    """Return what a published listing must say; these also hold for each change of a published one."""
    titles = dict(SECTIONS)
    empty = [titles[code] for code in NEEDED_SECTIONS if not str(project.sections.get(code, "")).strip()]
    minutes = unpaid_minutes(project)
    return [
        CheckItem(
            "title", "The title says what it is", len(project.title.strip()) >= 8, "at least 8 characters", "top"
        ),
        CheckItem("summary", "A summary for the board", len(project.summary.strip()) >= 40, "40 characters", "top"),
        CheckItem("field", "At least one field", project.fields.exists(), "", "fields"),
        CheckItem("kind", "At least one kind of task", bool(project.kinds), "", "fields"),
        CheckItem("rate", "A rate or a range of rates", bool(project.rate_max_minor), "", "pay"),
        CheckItem("places", "At least one place", project.places_wanted > 0, f"{project.places_wanted} wanted", "pay"),
        CheckItem("sections", "The sections experts look for", not empty, ", ".join(empty), "sections"),
        CheckItem(
            "unpaid",
            f"Applying takes at most {UNPAID_MINUTES_MAX} unpaid minutes",
            minutes <= UNPAID_MINUTES_MAX,
            _unpaid_words(project),
            "questions",
        ),
        *_assessment_check(project),
        CheckItem("terms", "Terms that the expert signs", project.terms_id is not None, "", "terms"),
    ]


def _assessment_check(project: Project) -> list[CheckItem]:
    """What is asked must exist: nobody could finish an application that waits for a paper nobody has published."""
    if project.assessed_field is None:
        return []
    done = any(papers_of(project.assessed_field))
    words = "An assessment or interview is published for the field it asks about"
    return [CheckItem("assessment", words, done, project.assessed_field.name, "questions")]


def publish_checklist(project: Project) -> list[CheckItem]:
    """Return everything that must be true before the listing opens, in words: what it says, and that it can pay."""
    hours, charge = hours_funded(project), charge_per_hour(project)
    cost = f"one hour costs {format_money(charge, project.currency)} with the fee" if charge else "needs a rate first"
    funded = CheckItem("funds", "Funded for at least one hour", hours >= 1, f"{hours} h funded, {cost}", "funding")
    return [*listing_checks(project), funded]


def require_done(checks: Iterable[CheckItem], *, to_do: str) -> None:
    """
    Let a complete checklist pass.

    :raises Refused: naming what is missing.
    """
    missing = [check.words.lower() for check in checks if not check.done]
    if missing:
        raise Refused(f"Before you can {to_do}, this is missing: {'; '.join(missing)}.", missing=missing)
