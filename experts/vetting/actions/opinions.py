"""Second opinions: asked of a colleague or of whoever is free, given without knowing what the first one thinks."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from experts.vetting import policies
from experts.vetting.actions.cases import CLOCK, locked_case, staff_path, withdraw_open
from experts.vetting.actions.claims import renew, require_holder
from experts.vetting.enums import OPINION_DAYS, OPINION_MIN_CHARS, CaseState, Outcome
from experts.vetting.models import Opinion
from experts.vetting.queries import colleagues
from marketplace.accounts.models import User
from marketplace.audit.actions import record
from marketplace.kernel.errors import Invalid, NotAllowed, Refused, WrongState
from marketplace.notices.actions import notify

SWEEP_LIMIT = 200


@transaction.atomic(durable=True)
def ask_opinion(
    *, case_id: UUID, own_leaning: str, by: User, now: datetime, of_id: UUID | None = None, question: str = ""
) -> Opinion:
    """
    Ask a colleague what they would do. This function will keep one's own leaning from everybody until they have spoken.

    :param of_id: whom; nobody in particular means whoever is free first.
    :raises WrongState: if the case waits for no decision, or an opinion is asked for already.
    :raises Refused: if the one who is asked cannot be.
    """
    case = locked_case(case_id)
    policies.require_worker(by, case)
    require_holder(case, by)
    if case.state != CaseState.AWAITING_DECISION:
        raise WrongState("A second opinion is asked for while a case awaits its decision.")
    if Opinion.objects.open().filter(case=case).exists():
        raise WrongState("A second opinion is asked for already. Take the question back to ask somebody else.")
    others = colleagues(case, of=by)
    if not others:
        raise Refused("There is nobody else in vetting who could give one.")
    asked = next((one for one in others if one.public_id == of_id), None)
    if of_id is not None and asked is None:
        raise Refused("They cannot be asked about this case.")
    opinion: Opinion = Opinion.objects.create(
        case=case, round=case.round, about=case.expert.user, asked_by=by, of=asked, own_leaning=Outcome(own_leaning),
        question=question.strip(), asked_at=now, due_at=now + timedelta(days=OPINION_DAYS),
    )  # fmt: skip
    renew(case, now=now)
    record(what="vetting.ask_opinion", by=by, about=case, now=now, after={"of": asked.actor_ref if asked else ""})
    _tell([asked] if asked else others, opinion, now=now, title=f"{by.get_full_name()} asks for your opinion on {case}")
    return opinion


@transaction.atomic(durable=True)
def give_opinion(*, case_id: UUID, leaning: str, words: str, by: User, now: datetime) -> Opinion:
    """
    Say what one would do, and why. This function will show it to whoever asked, beside their own leaning.

    :raises WrongState: if no opinion is asked for any more.
    :raises NotAllowed: if it is asked of somebody else, by oneself, or about oneself.
    :raises Invalid: if the words are too few to tell.
    """
    case = locked_case(case_id)
    policies.require_worker(by, case)
    opinion: Opinion | None = (
        Opinion.objects.open().select_for_update(of=("self",), no_key=True).filter(case=case).first()
    )
    if opinion is None:
        raise WrongState("No second opinion is asked for in this case now.")
    if opinion.asked_by_id == by.pk:
        raise NotAllowed("You asked, so somebody else answers.")
    if opinion.of is not None and opinion.of_id != by.pk:
        raise NotAllowed(f"{opinion.of.get_full_name()} was asked. It is anybody's when their time is over.")
    if len(words.strip()) < OPINION_MIN_CHARS:
        raise Invalid(f"Say why in at least {OPINION_MIN_CHARS} characters.", field="words")
    opinion.leaning, opinion.words, opinion.given_by, opinion.given_at = Outcome(leaning), words.strip(), by, now
    opinion.save(update_fields=["leaning", "words", "given_by", "given_at"])
    record(what="vetting.give_opinion", by=by, about=case, now=now, after={"leaning": str(opinion.leaning)})
    notify(
        user=opinion.asked_by, kind="vetting_queue", now=now, path=staff_path(case), button="Read it",
        title=f"{by.get_full_name()} gave a second opinion on {case}", body="It stands beside yours now; you decide.",
    )  # fmt: skip
    return opinion


@transaction.atomic(durable=True)
def withdraw_opinion(*, case_id: UUID, by: User, now: datetime) -> None:
    """
    Take the question back.

    :raises WrongState: if none is open, or somebody else has the case.
    """
    case = locked_case(case_id)
    policies.require_worker(by, case)
    require_holder(case, by)
    if not withdraw_open(case, now=now):
        raise WrongState("No second opinion is asked for in this case now.")
    record(what="vetting.withdraw_opinion", by=by, about=case, now=now)


def free_overdue_opinions(*, now: datetime) -> int:
    """Let anybody give the opinions that were not given in time; return how many. Run by a sweep."""
    ids = list(Opinion.objects.overdue(now).values_list("pk", "case__public_id")[:SWEEP_LIMIT])
    return sum(_free(pk, case_id, now) for pk, case_id in ids)


@transaction.atomic(durable=True)
def _free(opinion_pk: int, case_id: UUID, now: datetime) -> int:
    case = locked_case(case_id)
    rows = Opinion.objects.overdue(now).select_for_update(of=("self",), no_key=True)
    opinion: Opinion | None = rows.filter(pk=opinion_pk).first()
    if opinion is None:
        return 0
    opinion.of, opinion.due_at = None, now + timedelta(days=OPINION_DAYS)
    opinion.save(update_fields=["of", "due_at"])
    record(what="vetting.free_opinion", by=CLOCK, about=case, now=now)
    others = colleagues(case, of=opinion.asked_by)
    _tell([*others, opinion.asked_by], opinion, now=now, title=f"{case} still waits for a second opinion")
    return 1


def _tell(people: list[User], opinion: Opinion, *, now: datetime, title: str) -> None:
    for person in people:
        notify(
            user=person, kind="vetting_queue", now=now, path=f"{staff_path(opinion.case)}#decision", button="Look at it",
            title=title,
            body="\n\n".join(part for part in (
                opinion.question, f"Asked for within {OPINION_DAYS} day; then anybody may give it. What the other one would do "
                "is shown when you have spoken.",
            ) if part),
        )  # fmt: skip
