"""Blind double scoring: two people, each on a sheet of their own; a third where they are far apart."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction

from experts.assessments import figures, policies, queries
from experts.assessments.actions.results import finish_attempt, finish_interview, tell_scored
from experts.assessments.enums import (
    DISPUTE_BPS,
    HOLD,
    RUBRIC_TOP,
    SCORERS_NEEDED,
    SCRIPT_MOVES,
    AttemptState,
    InterviewState,
    ScriptState,
)
from experts.assessments.kinds.text import credit_of_marks
from experts.assessments.models import Attempt, Interview, Script, Sheet
from marketplace.accounts.models import User
from marketplace.audit.actions import record
from marketplace.kernel.errors import Invalid, WrongState
from marketplace.kernel.states import require_move

Marks = Mapping[str, Mapping[str, int]]
"""{item: {criterion: 0 to 3}}; an item is the position of a question."""


@transaction.atomic(durable=True)
def take_script(*, script_id: UUID, by: User, now: datetime) -> Sheet:
    """
    Take a script to score it: a place for two hours, so that nobody works in vain.

    :raises NotAllowed: if `by` wrote it, or is no vetting staff.
    :raises WrongState: if they scored it already, or others have every place.
    """
    script = _locked(script_id)
    policies.require_scorer(by, script.about_id)
    own: Sheet | None = script.sheets.filter(scorer=by).first()
    if own is not None and own.scored_at is not None:
        raise WrongState("You have scored this script. Nobody scores one twice.")
    others = script.sheets.standing(now).exclude(scorer=by).count()
    if others >= SCORERS_NEEDED[ScriptState(script.state)]:
        raise WrongState("Others have this script now. Take the next one.")
    sheet = own or Sheet(script=script, scorer=by, about_id=script.about_id)
    sheet.held_until = now + HOLD
    sheet.save()
    record(what="assessments.take_script", by=by, about=script, now=now)
    return sheet


@transaction.atomic(durable=True)
def put_back_script(*, script_id: UUID, by: User, now: datetime) -> None:
    """Give the place back without a score."""
    script = _locked(script_id)
    policies.require_scorer(by, script.about_id)
    if script.sheets.filter(scorer=by, scored_at__isnull=True).delete()[0]:
        record(what="assessments.put_back_script", by=by, about=script, now=now)


@transaction.atomic(durable=True)
def score_script(*, script_id: UUID, marks: Marks, comment: str, by: User, now: datetime) -> Script:
    """
    Put one person's marks in. With the second sheet the script is settled, or goes to a third person.

    :raises Invalid: if a mark is missing or out of range.
    :raises WrongState: if they have not taken it, have scored it, or their place went to somebody else.
    """
    script = _locked(script_id)
    policies.require_scorer(by, script.about_id)
    sheet: Sheet | None = script.sheets.filter(scorer=by).first()
    if sheet is None:
        raise WrongState("Take the script before you score it.")
    if sheet.scored_at is not None:
        raise WrongState("You have scored this script. Nobody scores one twice.")
    if script.sheets.standing(now).exclude(scorer=by).count() >= SCORERS_NEEDED[ScriptState(script.state)]:
        raise WrongState("Your two hours ran out, and others have scored this script meanwhile.")
    items = queries.items_of(script)
    shares = [credit_of_marks(item.criteria, _whole_marks(item, marks)) for item in items]
    sheet.marks = {item.key: dict(marks[item.key]) for item in items}
    sheet.score_bps = figures.weighted_mean(list(zip(shares, [item.points for item in items], strict=True)))
    sheet.comment, sheet.scored_at = comment.strip(), now
    sheet.save(update_fields=["marks", "score_bps", "comment", "scored_at"])
    record(what="assessments.score_script", by=by, about=script, now=now, after={"score_bps": sheet.score_bps})
    _settle(script, items, now=now)
    return script


def _whole_marks(item: queries.Item, marks: Marks) -> Mapping[str, int]:
    given = marks.get(item.key, {})
    for criterion in item.criteria:
        mark = given.get(criterion["key"])
        if mark is None:
            raise Invalid("Give every criterion a mark from 0 to 3.", field="marks")
        if not 0 <= mark <= RUBRIC_TOP:
            raise Invalid(f"A mark is a number from 0 to {RUBRIC_TOP}.", field="marks")
    return given


def _settle(script: Script, items: list[queries.Item], *, now: datetime) -> None:
    """Settle the script if enough people have scored it, or ask a third where two are far apart."""
    sheets = list(script.sheets.scored().order_by("pk"))
    if len(sheets) < SCORERS_NEEDED[ScriptState(script.state)]:
        return
    scores = [sheet.score_bps or 0 for sheet in sheets]
    if len(sheets) == 2 and abs(scores[0] - scores[1]) > DISPUTE_BPS:
        require_move(SCRIPT_MOVES, current=script.state, target=ScriptState.DISPUTED, what="script")
        script.state = ScriptState.DISPUTED
        script.save(update_fields=["state"])
        return
    for item in items:
        item.row.credit_bps = figures.settled(
            [credit_of_marks(item.criteria, sheet.marks[item.key]) for sheet in sheets]
        )
        item.row.save(update_fields=["credit_bps"])
    require_move(SCRIPT_MOVES, current=script.state, target=ScriptState.SETTLED, what="script")
    script.state, script.settled_at = ScriptState.SETTLED, now
    script.score_bps = figures.weighted_mean([(item.row.credit_bps or 0, item.points) for item in items])
    script.save(update_fields=["state", "settled_at", "score_bps"])
    _finish(script, now=now)


def _finish(script: Script, *, now: datetime) -> None:
    rows: type[Attempt | Interview] = Attempt if script.attempt_id else Interview
    found = rows.objects.select_related("version", "expert__user").select_for_update(of=("self",), no_key=True)
    row = found.get(pk=script.attempt_id or script.interview_id)
    if isinstance(row, Attempt) and row.state == AttemptState.SCORING:
        finish_attempt(row, now=now)
    elif isinstance(row, Interview) and row.state == InterviewState.SCORING:
        finish_interview(row, now=now)
    tell_scored(row, now=now)


def _locked(script_id: UUID) -> Script:
    found: Script = Script.objects.select_for_update(of=("self",), no_key=True).get(public_id=script_id)
    return found
