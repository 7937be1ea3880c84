"""Telling an expert why their timer has stopped, when it was not they who stopped it."""

from __future__ import annotations

from datetime import datetime

from marketplace.notices.actions import notify
from projects.hours.enums import StopReason
from projects.hours.localtime import here
from projects.hours.models import Timer

TITLES = {
    StopReason.AWAY: "Your timer stopped at {at}",
    StopReason.CAP: "Your hours of this week are used up",
    StopReason.LONGEST: "Your timer stopped after 16 hours",
    StopReason.ENDED: "Your timer stopped: the contract has ended",
    StopReason.PAUSED: "Your timer stopped with the week: the work is paused",
    StopReason.UNFUNDED: "Your timer stopped with the week: no funds for the next one",
}
BODIES = {
    StopReason.AWAY: "Nothing was heard from you after {at}, so the time on {title} counts until then.",
    StopReason.CAP: "The timer on {title} stopped at {at}, at the weekly limit of your contract. "
    "The next week begins on Monday at 00:00 UTC.",
    StopReason.LONGEST: "The timer on {title} stopped at {at}. Nobody works longer in one piece.",
    StopReason.ENDED: "Time on {title} counts until {at}, when the contract ended. It is reviewed and paid as always.",
    StopReason.PAUSED: "Time on {title} counts until {at}. It is reviewed and paid as always.",
    StopReason.UNFUNDED: "Time on {title} counts until {at}, when the week ended. The lab was asked to add funds; "
    "do not go on before it has.",
}
BY_HAND = " If you worked on, add that time by hand."
NO_HAND = " This contract takes time from the timer only, so that is where it ends."


def tell_why(timer: Timer, *, at: datetime, reason: StopReason, now: datetime) -> None:
    """Tell the person, in the caller's transaction; a stop that they asked for needs no words."""
    if reason == StopReason.ASKED:
        return
    project = timer.contract.project
    facts = {"at": f"{here(at, timer.user):%H:%M}", "title": project.title}
    body = BODIES[reason].format(**facts)
    if reason == StopReason.AWAY:
        body += BY_HAND if project.manual_time_allowed else NO_HAND
    notify(
        user=timer.user,
        kind="hours",
        title=TITLES[reason].format(**facts),
        body=body,
        path="/me/hours/",
        button="Open your hours",
        now=now,
    )
