"""What members of a lab write down about a candidate: notes, scorecards, and what is scored."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from marketplace.accounts.models import User
from marketplace.audit.actions import record
from marketplace.kernel.errors import Invalid, Refused, WrongState
from projects.hiring import policies
from projects.hiring.actions.applications import locked_application
from projects.hiring.enums import CRITERIA_MAX, ApplicationState
from projects.hiring.models import CandidateNote, Criteria, Scorecard, ScorecardMark
from projects.hiring.queries.reviewing import criteria_of
from projects.listings.models import Project

OPEN_TO_REVIEW = frozenset({ApplicationState.SUBMITTED, ApplicationState.SHORTLISTED, ApplicationState.OFFERED})


@transaction.atomic(durable=True)
def add_note(*, application_id: UUID, text: str, by: User, now: datetime) -> CandidateNote:
    """
    Write a note about a candidate, for the lab alone.

    :raises Invalid: if it says nothing.
    """
    application = locked_application(application_id)
    policies.require_reviewer(by, application)
    if not text.strip():
        raise Invalid("Write something first.", field="text")
    note: CandidateNote = CandidateNote.objects.create(
        application=application, author=by, text=text.strip(), written_at=now
    )
    record(what="hiring.add_note", by=by, about=application, now=now)
    return note


@transaction.atomic(durable=True)
def remove_note(*, note_id: UUID, by: User, now: datetime) -> None:
    """
    Remove a note of one's own.

    :raises NotAllowed: if somebody else wrote it.
    """
    note: CandidateNote = CandidateNote.objects.select_for_update(of=("self",)).select_related(
        "application__project__lab", "application__expert"
    ).get(public_id=note_id)  # fmt: skip
    policies.require_reviewer(by, note.application)
    policies.require_author(by, note)
    record(what="hiring.remove_note", by=by, about=note.application, now=now)
    note.delete()


@transaction.atomic(durable=True)
def give_scorecard(
    *, application_id: UUID, marks: Sequence[int], criteria: Sequence[str], words: str, by: User, now: datetime
) -> Scorecard:
    """
    Score a candidate on the project's criteria, once. Only then does one see what others gave.

    :param criteria: the words that the marks are about, as the page showed them; if they changed meanwhile, it is refused.
    :raises WrongState: if one has scored already, or the application was decided.
    :raises Invalid: if a mark is missing, or the criteria have changed.
    """
    application = locked_application(application_id)
    policies.require_reviewer(by, application)
    if application.state not in OPEN_TO_REVIEW:
        raise WrongState("This application is decided, so there is nothing to score any more.")
    if Scorecard.objects.filter(application=application, scorer=by).exists():
        raise WrongState("You have scored this candidate. A scorecard stays as it was given.")
    asked = criteria_of(application.project)
    if list(criteria) != asked:
        raise Invalid("What is scored was changed a moment ago. Reload the page and score again.")
    if len(marks) != len(asked) or any(mark not in (1, 2, 3, 4) for mark in marks):
        raise Invalid("Give each criterion a mark from 1 to 4.")
    card: Scorecard = Scorecard.objects.create(
        application=application, about=application.expert.user, scorer=by, words=words.strip(), given_at=now
    )
    ScorecardMark.objects.bulk_create(
        ScorecardMark(scorecard=card, position=position, criterion=criterion, mark=mark)
        for position, (criterion, mark) in enumerate(zip(asked, marks, strict=True), start=1)
    )
    record(what="hiring.give_scorecard", by=by, about=application, now=now)
    return card


@transaction.atomic(durable=True)
def set_criteria(*, project_id: UUID, texts: Sequence[str], by: User, now: datetime) -> Criteria:
    """
    Say what candidates of a project are scored on from now on. Scorecards that were given keep their words.

    :raises Invalid: if there is none, or there are too many, or two are the same.
    """
    project: Project = Project.objects.locked().select_related("lab").get(public_id=project_id)
    policies.require_hiring_manager(by, project.lab)
    wanted = [" ".join(text.split()) for text in texts if text.strip()]
    if not 1 <= len(wanted) <= CRITERIA_MAX:
        raise Invalid(f"Name 1 to {CRITERIA_MAX} things, one a line.", field="texts")
    if len({text.casefold() for text in wanted}) < len(wanted):
        raise Invalid("Two of them are the same.", field="texts")
    if any(len(text) > 80 for text in wanted):
        raise Refused("Keep each under 80 characters.", field="texts")
    criteria, _is_new = Criteria.objects.update_or_create(
        project=project, defaults={"texts": wanted, "changed_at": now, "changed_by": by}
    )
    record(what="hiring.set_criteria", by=by, about=project, now=now, after={"texts": wanted})
    return criteria
