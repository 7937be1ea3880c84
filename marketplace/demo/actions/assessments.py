"""Assessments and interviews in the demonstration world, through the product's own actions."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from experts.assessments.actions import (
    ask_accommodation,
    create_authored,
    open_ask,
    publish_authored,
    save_answer,
    save_interview_answer,
    score_script,
    start_attempt,
    start_interview,
    submit_attempt,
    submit_interview,
    take_script,
)
from experts.assessments.enums import InterviewState
from experts.assessments.models import Ask, Assessment, Attempt, AttemptQuestion, Guide, Question, Script
from experts.assessments.queries import Item, items_of
from experts.profiles.models import Expert, Field
from experts.vetting.models import Case
from marketplace.accounts.models import User
from marketplace.demo.actions.people import personas
from marketplace.demo.world import medicine

FIRST_TAKERS, DISPUTED = 34, 5
"""Enough first attempts for the statistics of questions to show something; over one of them the scorers are far apart."""


def make_bank(*, now: datetime) -> None:
    """Write and publish the questions, the assessment and the interview of Medicine, all of it once."""
    field, author = Field.objects.get(code="medicine"), personas()["vetting"]
    began = now - timedelta(days=60)
    for kind, topic, points, prompt, lines, explanation in medicine.QUESTIONS:
        if Question.objects.filter(field=field, draft__prompt=prompt).exists():
            continue
        content = Question(kind=kind).kind_rules.read(lines)
        draft = {"topic": topic, "prompt": prompt, "content": content, "explanation": explanation, "points": points}
        row = create_authored(Question, field_id=field.pk, kind=kind, draft=draft, by=author, now=began)
        publish_authored(Question, public_id=row.public_id, by=author, now=began)
    _paper(Assessment, field, author, began, title=medicine.TITLE, intro=medicine.INTRO, minutes=15, is_paid=False,
           pass_bps=7000, attempts=3, cooling_off_days=7, sections=medicine.SECTIONS)  # fmt: skip
    criteria = [{"key": key, "text": text} for key, text in zip("abc", medicine.GUIDE_CRITERIA, strict=True)]
    _paper(Guide, field, author, began, title=medicine.GUIDE_TITLE, intro=medicine.GUIDE_INTRO, minutes=15,
           is_paid=False, is_spoken=False, questions=medicine.GUIDE_QUESTIONS, criteria=criteria)  # fmt: skip


def _paper(what: type[Assessment] | type[Guide], field: Field, author: User, now: datetime, **draft: Any) -> None:
    if not what.objects.filter(field=field).exists():
        row: Assessment | Guide = create_authored(what, field_id=field.pk, draft=draft, by=author, now=now)
        publish_authored(what, public_id=row.public_id, by=author, now=now)


def make_attempts(*, now: datetime) -> None:
    """Let experts take the assessment: many done, one running, one interview waiting for scores, one request."""
    people = personas()
    scorers = [people["vetting"], people["second-vetter"]]
    paper, guide = Assessment.objects.get(), Guide.objects.get()
    chance = random.Random(49)
    takers, in_cases = _physicians()
    for number, expert in enumerate(takers[:FIRST_TAKERS]):
        skill, at = 0.25 + 0.7 * chance.random(), now - timedelta(days=30, hours=-number * 20)
        _take(
            expert, paper, skill=skill, scorers=scorers, chance=random.Random(number), at=at, apart=number == DISPUTED
        )
    mine = people["expert"].expert
    _take(mine, paper, skill=1.0, scorers=scorers, chance=random.Random(500), at=now - timedelta(days=40))
    running, talking, asking = [*in_cases, *takers[FIRST_TAKERS : FIRST_TAKERS + 3]][:3]
    if not Attempt.objects.filter(expert=running).exists():
        begun = _begin(running, paper, at=now - timedelta(minutes=4))
        _answer(begun, list(begun.questions.select_related("version"))[:4], 0.8, chance, at=now - timedelta(minutes=2))
    _talk(talking, guide, at=now - timedelta(hours=20))
    if not asking.accommodations.exists():
        ask_accommodation(extra_time=50, may_pause=True, may_write=False, words="Longer breaks between questions help me.",
                          by=asking.user, now=now - timedelta(hours=9))  # fmt: skip


def _physicians() -> tuple[list[Expert], list[Expert]]:
    """Return the experts of medicine without a case, and those with an open one, whose case asks them."""
    rows = Expert.objects.filter(field_entries__field__parent__code="medicine", user__email__startswith="expert")
    found = list(rows.select_related("user").distinct().order_by("pk"))
    every, still_open = (
        set(cases.values_list("expert_id", flat=True)) for cases in (Case.objects.all(), Case.objects.open())
    )
    return [one for one in found if one.pk not in every], [one for one in found if one.pk in still_open]


@transaction.atomic(durable=True)
def _ask(expert: Expert, *, at: datetime) -> Ask:
    """What the expert's case asks, else an ask of its own, as an application would make it."""
    found: Ask | None = Ask.objects.open().filter(expert=expert).order_by("pk").first()
    field = expert.field_entries.select_related("field").order_by("pk")[0].field
    made = found or open_ask(
        expert=expert, field=field, purpose_kind="application", purpose_ref=expert.public_id, now=at
    )
    if made is None:
        raise LookupError("Nothing is published for the field of this expert.")
    return made


def _begin(expert: Expert, paper: Assessment, *, at: datetime) -> Attempt:
    ask = _ask(expert, at=at)
    return start_attempt(ask_id=ask.public_id, assessment_id=paper.public_id, by=expert.user, now=at)


def _take(
    expert: Expert, paper: Assessment, *, skill: float, scorers: list[User], chance: random.Random, at: datetime,
    apart: bool = False,
) -> None:  # fmt: skip
    """Take the assessment as somebody of this skill, hand it in, and have the text scored, unless that was done."""
    last = Attempt.objects.filter(expert=expert, assessment=paper).first()
    if last is None or last.is_open:
        attempt = last or _begin(expert, paper, at=at)
        _answer(attempt, list(attempt.questions.select_related("version")), skill, chance, at=at + timedelta(minutes=8))
        submit_attempt(attempt_id=attempt.public_id, by=expert.user, now=at + timedelta(minutes=9))
        last = attempt
    script = Script.objects.filter(attempt=last).first()
    if script is not None:
        _score(script, scorers, 3 * skill, chance, at=at + timedelta(days=1), apart=apart)


def _answer(
    attempt: Attempt, rows: list[AttemptQuestion], skill: float, chance: random.Random, *, at: datetime
) -> None:
    for row in rows:
        save_answer(
            attempt_id=attempt.public_id, position=row.position, answer=_said(row, skill, chance),
            revision=row.revision, by=attempt.expert.user, now=at,
        )  # fmt: skip


def _said(row: AttemptQuestion, skill: float, chance: random.Random) -> dict[str, Any]:
    """Answer right with the probability of the skill; harder kinds are missed more often."""
    content, is_right = row.version.content, chance.random() < skill ** (1 if row.version.points == 1 else 1.6)
    keys = [option.key for option in row.version.kind_rules.options(content)]
    if row.version.kind == "TEXT":
        return {"text": medicine.TEXTS[0 if is_right and skill > 0.8 else 1 if is_right else 2]}
    if row.version.kind == "NUMERIC":
        return {"value": content["value"] if is_right else str(chance.randint(1, 99))}
    if row.version.kind == "ORDERED":
        order = keys if is_right else chance.sample(keys, len(keys))
        return {"places": {key: place for place, key in enumerate(order, 1)}}
    right = [one["key"] for one in content["options"] if one["right"]]
    return {"chosen": right if is_right else chance.sample(keys, len(right))}


def _score(
    script: Script, scorers: list[User], level: float, chance: random.Random, *, at: datetime, apart: bool
) -> None:
    """Have both vetters score it: close to each other as people who agree mostly are, or far apart."""
    for place, scorer in enumerate(scorers):
        if script.sheets.filter(scorer=scorer, scored_at__isnull=False).exists():
            continue
        moment = at + timedelta(hours=place)
        take_script(script_id=script.public_id, by=scorer, now=moment)
        marks = {item.key: _marks(item, level, chance) for item in items_of(script)}
        if apart:
            marks = {key: dict.fromkeys(given, 3 * place) for key, given in marks.items()}
        score_script(script_id=script.public_id, marks=marks, comment="", by=scorer, now=moment)


def _marks(item: Item, level: float, chance: random.Random) -> dict[str, int]:
    """Mark each criterion at the level of the answer; on the first one people differ now and then."""
    found = {row["key"]: min(3, max(0, round(level))) for row in item.criteria}
    return found | {"a": min(3, max(0, round(level + chance.choice((-0.5, 0, 0, 0.5)))))}


def _talk(expert: Expert, guide: Guide, *, at: datetime) -> None:
    """Answer the interview and hand it in, so that it waits for two people."""
    ask = _ask(expert, at=at)
    interview = start_interview(ask_id=ask.public_id, guide_id=guide.public_id, by=expert.user, now=at)
    if interview.state != InterviewState.OPEN:
        return
    for answer, text in zip(interview.answers.order_by("position"), medicine.GUIDE_ANSWERS, strict=True):
        save_interview_answer(
            interview_id=interview.public_id, position=answer.position, text=text, revision=answer.revision,
            by=expert.user, now=at + timedelta(minutes=15),
        )  # fmt: skip
    submit_interview(interview_id=interview.public_id, by=expert.user, now=at + timedelta(minutes=16))
