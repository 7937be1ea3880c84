"""The steps of an application: which are done, which were done earlier and count here too, and what is still to do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from experts.assessments.queries import Asked, AskedInterview, AskedPaper, asks_of
from projects.hiring.models import Application
from projects.listings.queries import requirements_met, standing_of

APPLICATION = "application"
"""What an ask of ours calls its purpose."""


@dataclass(frozen=True, slots=True)
class Step:
    """
    One step. `missing` says what is to do, in words that follow “still to do:”; `path` leads to where it is done.

    One that is `earlier` was done for something else and counts here too. One that does not block may come later.
    """

    code: str
    title: str
    done: bool
    hint: str
    missing: str = ""
    path: str = ""
    earlier: bool = False
    blocks: bool = True

    @property
    def is_open(self) -> bool:
        return self.blocks and not self.done


def checklist(application: Application, *, now: datetime) -> list[Step]:
    """Return the steps of an application in the order of its page. They may be done in any order."""
    return [
        _profile(application),
        *_credentials(application, now=now),
        *_papers(application, now=now),
        *_questions(application),
        _work(application),
        _conflicts(application),
    ]


def open_steps(application: Application, *, now: datetime) -> list[str]:
    """Return what must still be done before the application can be submitted, in words."""
    return [step.missing for step in checklist(application, now=now) if step.is_open]


def _profile(application: Application) -> Step:
    missing = application.expert.missing_for_vetting
    words = ", ".join(missing)
    return Step(
        "profile", _("Profile"), not missing,
        _("Missing: %s") % words if missing else _("Complete. Every application uses it."),
        missing=_("complete your profile (%s)") % words, path="/me/profile/", earlier=not missing,
    )  # fmt: skip


def _credentials(application: Application, *, now: datetime) -> Iterator[Step]:
    """Credentials and vetting may come later: they unlock the offer, not the application."""
    expert, project = application.expert, application.project
    rows = [
        row
        for row in requirements_met(expert, project, standing_of(expert, today=now.date()))
        if row.is_required and (row.requirement.credential_kind or row.requirement.field_id)
    ]
    if not rows:
        return
    met = sum(row.met for row in rows)
    words = _("%(met)s of %(all)s met") % {"met": met, "all": len(rows)}
    done = met == len(rows)
    hint = words if done else _("%s. You may apply now; it must be met before you accept an offer.") % words
    yield Step("credentials", _("Credentials"), done, hint, path="/me/credentials/", earlier=done, blocks=False)


def _papers(application: Application, *, now: datetime) -> Iterator[Step]:
    asked = asked_for(application, now=now)
    if asked is None:
        return
    for paper in asked.papers:
        yield _assessment(paper, asked)
    for interview in asked.interviews:
        yield _interview(interview, asked)


def asked_for(application: Application, *, now: datetime) -> Asked | None:
    """Return what this application asks of its expert beside the form, or None when it asks nothing."""
    if application.project.assessed_field_id is None:
        return None
    ref = application.public_id
    mine = (one for one in asks_of(application.expert, now=now) if one.ask.purpose_kind == APPLICATION)
    return next((one for one in mine if one.ask.purpose_ref == ref), None)


def _assessment(paper: AskedPaper, asked: Asked) -> Step:
    title, last = paper.assessment.live.title, paper.standing.last
    done = paper.is_begun and paper.standing.open is None
    earlier = done and last is not None and last.ask_id != asked.ask.pk
    if not done:
        hint = _("%s minutes, timed; unpaid minutes are counted") % paper.assessment.live.minutes
        hint = _("Running: finish it before its time is over") if paper.is_begun else hint
    elif paper.standing.has_passed:
        hint = _("Passed earlier. It counts here too.") if earlier else _("Passed")
    else:
        hint = _("Handed in earlier. It counts here too.") if earlier else _("Handed in; the lab sees how it went")
    return Step("assessment", title, done, hint, _("take the assessment “%s”") % title, "/me/assessments/", earlier)


def _interview(one: AskedInterview, asked: Asked) -> Step:
    title = one.guide.live.title
    done = one.interview is not None and not one.interview.is_open
    earlier = done and one.interview is not None and one.interview.ask_id != asked.ask.pk
    hint = _("%s minutes, in writing or spoken") % one.guide.live.minutes
    if done:
        hint = _("Handed in earlier. It counts here too.") if earlier else _("Handed in")
    return Step("interview", title, done, hint, _("answer the interview “%s”") % title, "/me/assessments/", earlier)


def _questions(application: Application) -> Iterator[Step]:
    of = len(application.answers)
    if not of:
        return
    left = sum(1 for entry in application.answers if not entry["answer"].strip())
    missing = ngettext("answer %s screening question", "answer %s screening questions", left) % left
    hint = _("%(done)s of %(all)s answered") % {"done": of - left, "all": of}
    yield Step("questions", _("Screening questions"), not left, hint, missing, "#questions")


def _work(application: Application) -> Step:
    said_at = application.work_authorised_at
    earlier = said_at is not None and said_at < application.started_at
    hint = _("You say so for the country of your profile.")
    if said_at is not None:
        hint = _("Declared with an earlier application. It counts here too.") if earlier else _("Declared")
    return Step(
        "work", _("Right to work"), said_at is not None, hint, _("confirm that you may do this work where you live"),
        "#declarations", earlier,
    )  # fmt: skip


def _conflicts(application: Application) -> Step:
    done = application.conflicts_declared_at is not None
    hint = _("Declared") if done else _("Asked each time, because each lab is another one.")
    missing = _("declare conflicts of interest, or that you have none")
    return Step("conflicts", _("Conflicts of interest"), done, hint, missing, "#declarations")
