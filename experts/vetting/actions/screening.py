"""
Screening people against the sanctions list: when a case is checked, after each import, and before each payout.

That somebody is due can be read off the rows: an expert without a screening against the newest list under the present name.
So the sweep after an import goes through everybody, two hundred at a time, and a kill loses nothing.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction

from experts.profiles.models import Expert
from experts.registries.enums import Register
from experts.registries.models import SanctionEntry
from experts.registries.queries import latest_import
from experts.vetting import policies
from experts.vetting.checks.ofac import Likeness, current_index, is_readable, likenesses
from experts.vetting.enums import (
    HIT_MOVES,
    HIT_REASON_MIN_CHARS,
    VERDICT_LEADS_TO,
    VERDICTS_IN,
    WAITING_HITS,
    HitState,
    Verdict,
)
from experts.vetting.models import Hit, HitDecision, Screening
from experts.vetting.queries import to_screen
from marketplace.accounts.enums import StaffRoleKind
from marketplace.accounts.models import User
from marketplace.accounts.queries import staff_with_role
from marketplace.audit.actions import record
from marketplace.kernel.actors import System
from marketplace.kernel.errors import Invalid, NotAllowed, WrongState
from marketplace.kernel.states import require_move
from marketplace.notices.actions import notify

SCREENER = System("vetting.screening")
SWEEP_LIMIT = 200
QUEUE_PATH = "/vetting/sanctions/"


def screen_due(*, now: datetime) -> int:
    """Screen the people who were not screened against the newest list; return how many. Run by a sweep."""
    newest = latest_import(Register.OFAC)
    if newest is None:
        return 0
    ids = list(
        to_screen(newest, threshold=settings.SANCTIONS_THRESHOLD).values_list("public_id", flat=True)[:SWEEP_LIMIT]
    )
    return sum(screen_expert(expert_id=public_id, now=now) is not None for public_id in ids)


@transaction.atomic(durable=True)
def screen_expert(*, expert_id: UUID, now: datetime) -> Screening | None:
    """
    Compare a person's name with the newest list. This function will write down list, score and threshold, and open a hit for
    each entry that is like enough, unless a person has cleared it and neither name nor entry has changed since.

    Twice is once. Returns None while no list has been imported.
    """
    rows = Expert.objects.select_related("user").select_for_update(of=("self",), no_key=True)
    expert: Expert = rows.get(public_id=expert_id)
    newest = latest_import(Register.OFAC)
    if newest is None:
        return None
    name, threshold = expert.user.full_name, settings.SANCTIONS_THRESHOLD
    same = Screening.objects.filter(expert=expert, seen_in=newest, name=name, threshold=threshold)
    standing: Screening | None = same.first()
    if standing is not None:
        return standing
    readable = is_readable(name)
    best, found = likenesses(name, current_index(newest), threshold=threshold) if readable else (0, [])
    screening: Screening = Screening.objects.create(
        expert=expert, seen_in=newest, name=name, threshold=threshold, best_score=best, hit_count=len(found),
        is_readable=readable, screened_at=now,
    )  # fmt: skip
    entries = {
        entry.ent_num: entry for entry in SanctionEntry.objects.filter(ent_num__in=[one.ent_num for one in found])
    }
    opened = [hit for one in found if (hit := _meet(expert, entries[one.ent_num], one, screening, now=now))]
    _let_go(expert, now=now)
    if opened:
        _tell_staff(expert, opened, now=now)
    return screening


def _meet(expert: Expert, entry: SanctionEntry, like: Likeness, screening: Screening, *, now: datetime) -> Hit | None:
    """Write down that a name is like an entry's; return the hit if it was opened, for the first time or again."""
    rows = Hit.objects.select_for_update(of=("self",), no_key=True)
    hit: Hit | None = rows.filter(expert=expert, entry=entry).first()
    facts = {
        "score": like.score, "matched_name": like.name, "own_name": screening.name, "technique": like.technique,
        "last_screening": screening,
    }  # fmt: skip
    if hit is None:
        hit = Hit.objects.create(expert=expert, entry=entry, opened_at=now, **facts)
        _record_opening(hit, "", now=now)
        return hit
    is_other = hit.own_name != screening.name or hit.decided_facts != facts_of(entry)
    for field, value in facts.items():
        setattr(hit, field, value)
    hit.save(update_fields=list(facts))
    if hit.state == HitState.UNLISTED or (hit.state == HitState.CLEARED and is_other):
        before = hit.state
        require_move(HIT_MOVES, current=hit.state, target=HitState.OPEN, what="sanctions hit")
        hit.state, hit.opened_at, hit.decided_at = HitState.OPEN, now, None
        hit.save(update_fields=["state", "opened_at", "decided_at"])
        _record_opening(hit, before, now=now)
        return hit
    return None


def _record_opening(hit: Hit, before: str, *, now: datetime) -> None:
    record(what="vetting.open_hit", by=SCREENER, about=hit, now=now, before={"state": before},
           after={"state": str(HitState.OPEN), "score": hit.score, "entry": hit.entry.ent_num})  # fmt: skip


def _let_go(expert: Expert, *, now: datetime) -> None:
    """Close the waiting hits whose entry has left the list. One that two people confirmed stays until a person opens it."""
    rows = Hit.objects.select_for_update(of=("self",), no_key=True).order_by("pk")
    for hit in rows.filter(expert=expert, state__in=WAITING_HITS, entry__gone_in__isnull=False):
        before = hit.state
        require_move(HIT_MOVES, current=hit.state, target=HitState.UNLISTED, what="sanctions hit")
        hit.state, hit.decided_at, hit.said_by = HitState.UNLISTED, now, None
        hit.save(update_fields=["state", "decided_at", "said_by"])
        record(what="vetting.let_hit_go", by=SCREENER, about=hit, now=now, before={"state": before},
               after={"state": str(HitState.UNLISTED)})  # fmt: skip


def facts_of(entry: SanctionEntry) -> str:
    """Return a hash of what an entry and its names say of a person."""
    aliases = sorted(entry.aliases.standing().values_list("name", flat=True))
    text = "|".join([entry.name, entry.title, entry.program, entry.remarks, *aliases])
    return hashlib.sha256(text.encode()).hexdigest()


def _tell_staff(expert: Expert, hits: list[Hit], *, now: datetime) -> None:
    path = f"{QUEUE_PATH}{hits[0].public_id}/" if len(hits) == 1 else QUEUE_PATH
    for person in staff_with_role(StaffRoleKind.VETTING):
        if person.pk != expert.user_id:
            notify(
                user=person, kind="vetting_queue", now=now, path=path, button="Compare them",
                title=f"A name is like one on the sanctions list: {expert.user.get_full_name()}",
                body="Nothing is paid to this person until somebody has compared the two.",
            )  # fmt: skip


# ----------------------------------------------------------------------------------------------------------- deciding


@transaction.atomic(durable=True)
def decide_hit(*, hit_id: UUID, verdict: str, reason: str, by: User, now: datetime) -> HitDecision:
    """
    Say whether a person is the one on the list. This function will clear the hit at one word of one person; that it is the
    same person counts only when a second one confirms it.

    :raises NotAllowed: if `by` is not vetting staff, is the person themselves, or confirms their own word.
    :raises Invalid: if the reason has fewer than twenty characters.
    :raises WrongState: if the hit has moved on, so that this can no longer be said.
    """
    rows = Hit.objects.select_related("expert__user", "entry").select_for_update(of=("self",), no_key=True)
    hit: Hit = rows.get(public_id=hit_id)
    policies.require_comparer(by, hit)
    said, reason = Verdict(verdict), reason.strip()
    if said not in VERDICTS_IN[HitState(hit.state)]:
        raise WrongState(f"This hit is at “{hit.get_state_display()}” now, so that cannot be said of it.")
    if said in (Verdict.CONFIRM, Verdict.DISAGREE) and hit.said_by_id == by.pk:
        raise NotAllowed("You said that it is the same person. A second person looks at it now.")
    if len(reason) < HIT_REASON_MIN_CHARS:
        raise Invalid(f"Say why in at least {HIT_REASON_MIN_CHARS} characters.", field="reason")
    decision: HitDecision = HitDecision.objects.create(
        hit=hit, verdict=said, reason=reason, score=hit.score, list_on=hit.last_screening.seen_in.list_on, decided_by=by,
        about=hit.expert.user, decided_at=now,
    )  # fmt: skip
    _move(hit, said, by=by, now=now)
    return decision


def _move(hit: Hit, said: Verdict, *, by: User, now: datetime) -> None:
    before, target = hit.state, VERDICT_LEADS_TO[said]
    require_move(HIT_MOVES, current=hit.state, target=target, what="sanctions hit")
    hit.state = target
    hit.decided_at = now if target in (HitState.CLEARED, HitState.CONFIRMED) else None
    hit.decided_facts = facts_of(hit.entry) if hit.decided_at else ""
    if said == Verdict.MATCH:
        hit.said_by, hit.confirmed_by = by, None
    elif said == Verdict.CONFIRM:
        hit.confirmed_by = by
    else:
        hit.said_by, hit.confirmed_by = None, None
    hit.save(update_fields=["state", "decided_at", "decided_facts", "said_by", "confirmed_by"])
    record(what="vetting.decide_hit", by=by, about=hit, now=now, before={"state": before},
           after={"state": str(target), "verdict": str(said), "score": hit.score})  # fmt: skip
    if said == Verdict.MATCH:
        for person in staff_with_role(StaffRoleKind.VETTING):
            if person.pk not in (by.pk, hit.expert.user_id):
                notify(
                    user=person, kind="vetting_queue", now=now, path=f"{QUEUE_PATH}{hit.public_id}/", button="Look at it",
                    title=f"Is {hit.expert.user.get_full_name()} the person on the sanctions list?",
                    body=f"{by.get_full_name()} says so. It counts when a second person confirms it.",
                )  # fmt: skip
