"""Applying, deciding on applications, and the clock that ends a lab's silence."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from experts.profiles.models import Expert
from marketplace.accounts.models import User
from marketplace.audit.actions import record
from marketplace.kernel.actors import Actor, System
from marketplace.kernel.errors import Conflict, Invalid, Refused, WrongState
from marketplace.kernel.states import require_move
from marketplace.kernel.sweeping import each
from marketplace.notices.actions import notify
from projects.hiring import policies
from projects.hiring.actions.closing import close_open_offer
from projects.hiring.enums import (
    APPLICATION_MOVES,
    DECISION_DAYS,
    LIVE_APPLICATION_STATES,
    WAITING_APPLICATION_STATES,
    ApplicationState,
    DeclineCode,
    OfferState,
)
from projects.hiring.models import Application
from projects.labs.queries import managers_of
from projects.listings.enums import ProjectState, Visibility
from projects.listings.models import Project
from projects.listings.queries import may_read_listing

SWEEP_LIMIT = 200


@transaction.atomic(durable=True)
def start_application(*, project_id: UUID, by: User, now: datetime) -> Application:
    """
    Begin an application, or return the live one: pressing twice makes one.

    :raises Refused: if the person has no expert profile yet, or the gig takes no applications.
    """
    expert = Expert.objects.select_for_update(of=("self",), no_key=True).filter(user=by).first()
    if expert is None:
        raise Refused("Fill in your expert profile first, then you can apply.")
    project = Project.objects.select_related("lab").get(public_id=project_id)
    live = Application.objects.filter(expert=expert, project=project, state__in=sorted(LIVE_APPLICATION_STATES)).first()
    if live is not None:
        return live
    if project.visibility == Visibility.INVITED and not may_read_listing(by, project):
        raise Refused("This gig is for people whom the lab invited.")
    _require_open(project, now=now)
    if project.lab.memberships.filter(user=by).exists():
        raise Refused("You belong to the lab that posted this gig, so you cannot apply to it.")
    application = Application.objects.create(
        expert=expert,
        project=project,
        answers=[{"question": question, "answer": ""} for question in project.questions],
        started_at=now,
    )
    record(what="hiring.start_application", by=by, about=application, now=now)
    return application


@transaction.atomic(durable=True)
def save_application(
    *,
    application_id: UUID,
    by: User,
    now: datetime,
    version: int,
    note: str,
    answers: list[str],
    conflicts: str,
    work_authorised: bool,
    conflicts_declared: bool,
) -> Application:
    """
    Keep what the person has written so far.

    :param version: the version the page was loaded with; an older one is refused, so nothing is overwritten.
    :raises Conflict: if it was changed elsewhere in the meantime.
    :raises WrongState: if it was submitted already.
    """
    application = _locked(application_id)
    policies.require_applicant(by, application)
    if application.state != ApplicationState.STARTED:
        raise WrongState("This application was submitted already. What you wrote here was not saved.")
    given = (note, answers, conflicts, work_authorised, conflicts_declared)
    if given == _written(application):  # a second sender of the same words, such as autosave just before the button
        return application
    if application.version != version:
        raise Conflict(
            "This application was changed in another window. Reload to see that version; your text is still here.",
            version=application.version,
        )
    questions = [entry["question"] for entry in application.answers]
    if len(answers) != len(questions):
        raise Invalid("The questions of this gig have changed. Reload the page and answer them again.")
    application.answers = [
        {"question": question, "answer": answer} for question, answer in zip(questions, answers, strict=True)
    ]
    application.note = note
    application.conflicts = conflicts
    application.work_authorised_at = (application.work_authorised_at or now) if work_authorised else None
    application.conflicts_declared_at = (application.conflicts_declared_at or now) if conflicts_declared else None
    application.version += 1
    application.save(
        update_fields=["answers", "note", "conflicts", "work_authorised_at", "conflicts_declared_at", "version"]
    )
    return application


def _written(application: Application) -> tuple[str, list[str], str, bool, bool]:
    return (
        application.note,
        [entry["answer"] for entry in application.answers],
        application.conflicts,
        application.work_authorised_at is not None,
        application.conflicts_declared_at is not None,
    )


@transaction.atomic(durable=True)
def submit_application(*, application_id: UUID, by: User, now: datetime) -> Application:
    """
    Hand the application to the lab and start its clock.

    :raises Refused: with the list of what is still missing.
    """
    application = _locked(application_id)
    policies.require_applicant(by, application)
    require_move(APPLICATION_MOVES, current=application.state, target=ApplicationState.SUBMITTED, what="application")
    _require_open(application.project, now=now)
    missing = missing_steps(application)
    if missing:
        raise Refused(f"Still to do before you can submit: {'; '.join(missing)}.")
    application.state = ApplicationState.SUBMITTED
    application.submitted_at = now
    application.due_at = now + timedelta(days=DECISION_DAYS)
    application.save(update_fields=["state", "submitted_at", "due_at"])
    record(what="hiring.submit_application", by=by, about=application, now=now)
    for manager in managers_of(application.project.lab):
        notify(
            user=manager,
            kind="candidates",
            title=f"New application for {application.project.title}",
            body=f"{application.expert.headline or 'An expert'} applied. Decide within {DECISION_DAYS} days, "
            "then the application lapses and counts in your fairness figures.",
            path=f"/lab/{application.project.lab.slug}/candidates/{application.public_id}/",
            now=now,
        )
    return application


def _require_open(project: Project, *, now: datetime) -> None:
    """:raises WrongState: if the gig takes no applications now; a draft is kept."""
    if project.state != ProjectState.OPEN:
        raise WrongState("This gig takes no applications at the moment. What you wrote is kept.")
    if project.closes_at is not None and project.closes_at <= now:
        raise WrongState("The time to apply for this gig is over. What you wrote is kept.")
    if project.places_left < 1:
        raise WrongState("All places of this gig are filled. What you wrote is kept, in case one becomes free.")


def missing_steps(application: Application) -> list[str]:
    """Return what the person must still do before submitting, in words."""
    missing = []
    if application.expert.missing_for_vetting:
        missing.append(f"complete your profile ({', '.join(application.expert.missing_for_vetting)})")
    unanswered = sum(1 for entry in application.answers if not entry["answer"].strip())
    if unanswered:
        missing.append(f"answer {unanswered} screening question{'s' if unanswered > 1 else ''}")
    if application.work_authorised_at is None:
        missing.append("confirm that you may do this work where you live")
    if application.conflicts_declared_at is None:
        missing.append("declare conflicts of interest, or that you have none")
    return missing


@transaction.atomic(durable=True)
def withdraw_application(*, application_id: UUID, by: User, now: datetime) -> Application:
    """
    Take the application back. Possible until a contract stands; an open offer is declined with it.

    :raises WrongState: if it was decided already.
    """
    application = _locked(application_id)
    policies.require_applicant(by, application)
    was_sent = application.state != ApplicationState.STARTED
    _decide(application, ApplicationState.WITHDRAWN, by=by, now=now)
    close_open_offer(application, OfferState.DECLINED, by=by, now=now)
    for manager in managers_of(application.project.lab) if was_sent else ():
        notify(
            user=manager,
            kind="candidates",
            title=f"An application was withdrawn: {application.project.title}",
            body=f"{application.expert.headline or 'An expert'} took the application back.",
            path=f"/lab/{application.project.lab.slug}/candidates/{application.public_id}/",
            now=now,
        )
    return application


@transaction.atomic(durable=True)
def shortlist_application(*, application_id: UUID, by: Actor, now: datetime) -> Application:
    """Put a candidate on the shortlist. The expert is told, and the lab's clock runs on."""
    application = _locked(application_id)
    policies.require_hiring_manager(by, application.project.lab, about=application.expert.user)
    require_move(APPLICATION_MOVES, current=application.state, target=ApplicationState.SHORTLISTED, what="application")
    application.state = ApplicationState.SHORTLISTED
    application.save(update_fields=["state"])
    record(what="hiring.shortlist_application", by=by, about=application, now=now)
    _tell(application, title=f"You are on the shortlist for {application.project.title}", body="", now=now)
    return application


@transaction.atomic(durable=True)
def decline_application(
    *, application_id: UUID, by: Actor, code: DeclineCode, reason: str, now: datetime
) -> Application:
    """
    Say no, with a code and a sentence that the expert reads. An open offer is withdrawn with it.

    :raises Refused: if the sentence is missing.
    """
    application = _locked(application_id)
    policies.require_hiring_manager(by, application.project.lab, about=application.expert.user)
    if len(reason.strip()) < 20:
        raise Refused("Write at least a sentence (20 characters): the expert reads it.", field="reason")
    application.decline_code = code
    application.decline_reason = reason.strip()
    _decide(application, ApplicationState.DECLINED, by=by, now=now)
    close_open_offer(application, OfferState.WITHDRAWN, by=by, now=now)
    _tell(
        application,
        title=f"{application.project.title}: the lab declined",
        body=f"{code.label}. {application.decline_reason}",
        now=now,
    )
    return application


def lapse_overdue_applications(*, now: datetime) -> int:
    """End applications that a lab left undecided past its clock; each in its own transaction. Return how many."""
    ids = list(Application.objects.overdue(now).values_list("public_id", flat=True)[:SWEEP_LIMIT])
    return each(ids, lambda public_id: _lapse(public_id, now=now), sweep="hiring.lapse_applications")


@transaction.atomic(durable=True)
def _lapse(application_id: UUID, *, now: datetime) -> bool:
    application = _locked(application_id)
    if application.state not in WAITING_APPLICATION_STATES:
        return False
    if application.due_at is None or application.due_at > now:
        return False
    _decide(application, ApplicationState.LAPSED, by=System("clock"), now=now)
    _tell(
        application,
        title=f"{application.project.title}: no decision in time",
        body=f"The lab did not decide within {DECISION_DAYS} days, so your application lapsed. "
        "This counts in the lab's fairness figures, not against you. You may apply again.",
        now=now,
    )
    return True


def _decide(application: Application, target: ApplicationState, *, by: Actor, now: datetime) -> None:
    before = application.state
    require_move(APPLICATION_MOVES, current=before, target=target, what="application")
    application.state = target
    application.decided_at = now
    application.decided_by = by if isinstance(by, User) else None
    application.save(update_fields=["state", "decided_at", "decided_by", "decline_code", "decline_reason"])
    record(
        what=f"hiring.application_{target.lower()}",
        by=by,
        about=application,
        now=now,
        before={"state": before},
        after={"state": target, "code": application.decline_code},
    )


def _tell(application: Application, *, title: str, body: str, now: datetime) -> None:
    notify(
        user=application.expert.user,
        kind="applications",
        title=title,
        body=body,
        path=f"/me/applications/{application.public_id}/",
        now=now,
    )


def _locked(application_id: UUID) -> Application:
    rows = Application.objects.select_related("expert__user", "project__lab")
    return rows.select_for_update(of=("self",), no_key=True).get(public_id=application_id)
