"""Applying, deciding on applications, and the clock that ends a lab's silence."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from experts.assessments.actions import close_ask, open_ask
from experts.profiles.models import Expert
from marketplace.accounts.models import User
from marketplace.audit.actions import record
from marketplace.kernel.actors import Actor, System
from marketplace.kernel.errors import Conflict, Invalid, Refused, WrongState
from marketplace.kernel.states import require_move
from marketplace.kernel.sweeping import each
from marketplace.notices.actions import notify
from projects.hiring import policies
from projects.hiring.actions.closing import accept_invitation, close_open_offer
from projects.hiring.enums import (
    APPLICATION_MOVES,
    DECISION_DAYS,
    DECLINE_MIN_CHARS,
    LIVE_APPLICATION_STATES,
    WAITING_APPLICATION_STATES,
    ApplicationState,
    DeclineCode,
    HeldState,
    OfferState,
)
from projects.hiring.models import Application, GigInvitation
from projects.hiring.queries.checklist import APPLICATION, open_steps
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
    invitation = _open_invitation(expert, project)
    application = Application.objects.create(
        expert=expert,
        project=project,
        answers=[{"question": question, "answer": ""} for question in project.questions],
        started_at=now,
        **_declared_before(expert),
    )
    if invitation is not None:
        accept_invitation(invitation, application, by=by, now=now)
    field = project.assessed_field
    if field is not None:
        open_ask(
            expert=expert, field=field, purpose_kind=APPLICATION, purpose_ref=application.public_id, now=now,
        )  # fmt: skip
    record(what="hiring.start_application", by=by, about=application, now=now)
    return application


def _open_invitation(expert: Expert, project: Project) -> GigInvitation | None:
    rows = GigInvitation.objects.open().select_for_update(of=("self",), no_key=True)
    found: GigInvitation | None = rows.filter(expert=expert, project=project).first()
    return found


def _declared_before(expert: Expert) -> dict[str, Any]:
    """Return the declaration on work that counts here too: made for the country in which the person still lives."""
    if not expert.country:
        return {}
    rows = Application.objects.filter(expert=expert, work_authorised_at__isnull=False)
    said = rows.filter(work_authorised_in=expert.country).order_by("-pk").values_list("work_authorised_at", flat=True)
    at = said.first()
    return {} if at is None else {"work_authorised_at": at, "work_authorised_in": expert.country}


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
    application = locked_application(application_id)
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
    application.work_authorised_in = application.expert.country if work_authorised else ""
    application.conflicts_declared_at = (application.conflicts_declared_at or now) if conflicts_declared else None
    application.version += 1
    application.save(
        update_fields=["answers", "note", "conflicts", "work_authorised_at", "work_authorised_in",
                       "conflicts_declared_at", "version"]
    )  # fmt: skip
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
    application = locked_application(application_id)
    policies.require_applicant(by, application)
    require_move(APPLICATION_MOVES, current=application.state, target=ApplicationState.SUBMITTED, what="application")
    _require_open(application.project, now=now)
    missing = open_steps(application, now=now)
    if missing:
        raise Refused(f"Still to do before you can submit: {'; '.join(missing)}.")
    application.state = ApplicationState.SUBMITTED
    application.submitted_at = now
    application.due_at = now + timedelta(days=DECISION_DAYS)
    application.save(update_fields=["state", "submitted_at", "due_at"])
    close_ask(purpose_kind=APPLICATION, purpose_ref=application.public_id, now=now)
    record(what="hiring.submit_application", by=by, about=application, now=now)
    _tell_of_submission(application, now=now)
    return application


def _tell_of_submission(application: Application, *, now: datetime) -> None:
    """Tell the lab that somebody waits, and the expert until when."""
    project, was_invited = application.project, hasattr(application, "invitation")
    who = application.expert.headline or "An expert"
    for manager in managers_of(project.lab):
        notify(
            user=manager,
            kind="candidates",
            title=f"New application for {project.title}",
            body=f"{who}{', whom you invited,' if was_invited else ''} applied. Decide within {DECISION_DAYS} days, "
            "then the application lapses and counts in your fairness figures.",
            path=f"/lab/{project.lab.slug}/candidates/{application.public_id}/",
            now=now,
        )
    notify(
        user=application.expert.user,
        kind="applications_sent",
        path=f"/me/applications/{application.public_id}/",
        title=f"You applied to {project.title}",
        body=f"{project.lab.public_name} has {DECISION_DAYS} days to decide. You are told of every step, and of the "
        "reason if the answer is no. Silence ends the application and counts against the lab, not against you.",
        now=now,
    )


def _require_open(project: Project, *, now: datetime) -> None:
    """:raises WrongState: if the gig takes no applications now; a draft is kept."""
    if project.state != ProjectState.OPEN:
        raise WrongState("This gig takes no applications at the moment. What you wrote is kept.")
    if project.closes_at is not None and project.closes_at <= now:
        raise WrongState("The time to apply for this gig is over. What you wrote is kept.")
    if project.places_left < 1:
        raise WrongState("All places of this gig are filled. What you wrote is kept, in case one becomes free.")


@transaction.atomic(durable=True)
def withdraw_application(*, application_id: UUID, by: User, now: datetime) -> Application:
    """
    Take the application back. Possible until a contract stands; an open offer is declined with it.

    :raises WrongState: if it was decided already.
    """
    application = locked_application(application_id)
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
    application = locked_application(application_id)
    policies.require_hiring_manager(by, application.project.lab, about=application.expert.user)
    _require_nothing_held(application)
    return put_on_shortlist(application, by=by, now=now)


@transaction.atomic(durable=True)
def decline_application(
    *, application_id: UUID, by: Actor, code: DeclineCode, reason: str, now: datetime
) -> Application:
    """
    Say no, with a code and a sentence that the expert reads. An open offer is withdrawn with it.

    :raises Refused: if the sentence is missing.
    """
    application = locked_application(application_id)
    policies.require_hiring_manager(by, application.project.lab, about=application.expert.user)
    _require_nothing_held(application)
    require_sentence(reason)
    return say_no(application, code=code, reason=reason, by=by, now=now)


def _require_nothing_held(application: Application) -> None:
    """:raises Conflict: if a decision about this candidate was made a moment ago and can still be undone."""
    held = application.held.filter(state=HeldState.HELD).first()
    if held is not None:
        raise Conflict(
            f"“{held.get_kind_display()}” was decided for this candidate a moment ago and counts from "
            f"{held.applies_at:%H:%M} UTC on. Undo that first, or wait."
        )


def require_sentence(reason: str) -> None:
    """:raises Refused: if there is no sentence for the expert."""
    if len(reason.strip()) < DECLINE_MIN_CHARS:
        raise Refused(
            f"Write at least a sentence ({DECLINE_MIN_CHARS} characters): the expert reads it.", field="reason"
        )


def put_on_shortlist(application: Application, *, by: Actor, now: datetime) -> Application:
    """Move a locked application. Not an action of its own: call it in the transaction of the action that decides."""
    require_move(APPLICATION_MOVES, current=application.state, target=ApplicationState.SHORTLISTED, what="application")
    application.state = ApplicationState.SHORTLISTED
    application.save(update_fields=["state"])
    record(what="hiring.shortlist_application", by=by, about=application, now=now)
    _tell(application, title=f"You are on the shortlist for {application.project.title}", body="", now=now)
    return application


def say_no(application: Application, *, code: DeclineCode, reason: str, by: Actor, now: datetime) -> Application:
    """Decline a locked application. Not an action of its own: call it in the transaction of the action that decides."""
    application.decline_code = code
    application.decline_reason = reason.strip()
    _decide(application, ApplicationState.DECLINED, by=by, now=now)
    close_open_offer(application, OfferState.WITHDRAWN, by=by, now=now)
    _tell(
        application,
        title=f"{application.project.title}: the lab declined",
        body=f"{DeclineCode(code).label}. {application.decline_reason}",
        now=now,
    )
    return application


def lapse_overdue_applications(*, now: datetime) -> int:
    """End applications that a lab left undecided past its clock; each in its own transaction. Return how many."""
    ids = list(Application.objects.overdue(now).values_list("public_id", flat=True)[:SWEEP_LIMIT])
    return each(ids, lambda public_id: _lapse(public_id, now=now), sweep="hiring.lapse_applications")


@transaction.atomic(durable=True)
def _lapse(application_id: UUID, *, now: datetime) -> bool:
    application = locked_application(application_id)
    if application.state not in WAITING_APPLICATION_STATES:
        return False
    if application.due_at is None or application.due_at > now:
        return False
    if application.held.filter(state=HeldState.HELD).exists():  # decided in time; it counts in a moment
        return False
    _decide(application, ApplicationState.LAPSED, by=System("clock"), now=now)
    _tell(
        application,
        title=f"{application.project.title}: no decision in time",
        body=f"The lab did not decide within {DECISION_DAYS} days, so your application lapsed. "
        "This counts in the lab's fairness figures, not against you. You may apply again.",
        now=now,
    )
    for manager in managers_of(application.project.lab):
        notify(
            user=manager,
            kind="candidates",
            title=f"An application lapsed: {application.project.title}",
            body=f"{application.expert.headline or 'An expert'} waited {DECISION_DAYS} days and got no decision. "
            "The expert was told so, and it counts in your fairness figures.",
            path=f"/lab/{application.project.lab.slug}/candidates/{application.public_id}/",
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
    close_ask(purpose_kind=APPLICATION, purpose_ref=application.public_id, now=now)
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


def locked_application(application_id: UUID) -> Application:
    """Return the application with its row locked. Needs an open transaction."""
    rows = Application.objects.select_related("expert__user", "project__lab")
    return rows.select_for_update(of=("self",), no_key=True).get(public_id=application_id)
