"""What happened to a contract, as one of its sides reads it: from its own rows and from the audit trail."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from marketplace.audit.models import AuditEvent
from projects.hiring.enums import EndCode, Side
from projects.hiring.models import Contract, TermsSignature

WORDS = {
    "hiring.contract_paused": (gettext_noop("Paused."), "warning"),
    "hiring.contract_active": (gettext_noop("Work goes on."), "success"),
    "hiring.give_notice": (gettext_noop("Notice given."), "warning"),
    "hiring.end_contract": (gettext_noop("Ended."), ""),
    "hiring.propose_amendment": (gettext_noop("New terms proposed."), "accent"),
    "hiring.amendment_accepted": (gettext_noop("New terms accepted."), "success"),
    "hiring.amendment_declined": (gettext_noop("New terms declined."), ""),
    "hiring.amendment_withdrawn": (gettext_noop("New terms withdrawn."), ""),
    "hiring.amendment_lapsed": (gettext_noop("New terms lapsed without an answer."), ""),
    "hiring.start_version": (gettext_noop("A new version is in force."), "accent"),
    "hiring.give_rating": (gettext_noop("Rated."), ""),
    "hiring.reveal_ratings": (gettext_noop("The ratings are shown."), ""),
    "hiring.reply_to_rating": (gettext_noop("A rating was answered."), ""),
    "hiring.report_rating": (gettext_noop("A rating was reported."), "warning"),
    "hiring.rating_kept": (gettext_noop("Staff looked at a rating; it stays."), ""),
    "hiring.rating_hidden": (gettext_noop("Staff took a rating away."), ""),
}
"""What each event is called, and its tone. An event that does not stand here is no part of the history."""


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the history. `why` is what somebody wrote."""

    at: datetime
    words: str
    who: str
    why: str = ""
    tone: str = ""


def history_of(contract: Contract, side: Side) -> list[Event]:
    """
    Return what happened, the newest first, by one query beside the rows at hand.

    The expert reads "the lab" and not who of it; the lab reads names of its own people, and those alone.
    """
    events = AuditEvent.objects.about("contract", contract.public_id).filter(what__in=sorted(WORDS))
    told = [_told(contract, event, side) for event in events]
    return sorted([*told, *_beginnings(contract, side)], key=lambda event: event.at, reverse=True)


def _beginnings(contract: Contract, side: Side) -> Iterable[Event]:
    """The steps before the contract, the newest first, so that what happened in the same moment keeps its order."""
    offer = contract.offer
    expert, lab = _expert(contract, side), _("you") if side == Side.LAB else _("the lab")
    yield Event(contract.started_at, _("Offer accepted; the contract began."), expert, tone="success")
    signature: TermsSignature | None = getattr(offer, "signature", None)
    if signature is not None:
        yield Event(signature.signed_at, _("Terms signed."), expert)
    yield Event(offer.sent_at, _("Offer sent."), lab)


def _told(contract: Contract, event: AuditEvent, side: Side) -> Event:
    words, tone = WORDS[event.what]
    return Event(event.at, _(words), _who(contract, event, side), _why(event.after or {}), tone)


def _who(contract: Contract, event: AuditEvent, side: Side) -> str:
    if event.actor_kind == "system":
        return _("by the clock")
    if event.actor_ref == str(contract.expert.user.public_id):
        return _expert(contract, side)
    if event.what in ("hiring.rating_kept", "hiring.rating_hidden"):
        return _("our staff")
    return event.name if side == Side.LAB else _("the lab")


def _expert(contract: Contract, side: Side) -> str:
    return _("you") if side == Side.EXPERT else contract.expert.user.get_full_name()


def _why(facts: dict[str, Any]) -> str:
    code = facts.get("code", "")
    parts = [str(EndCode(code).label)] if code in EndCode.values else []
    parts += [str(facts[name]) for name in ("reason", "why") if facts.get(name) and facts[name] != "Work goes on."]
    return ": ".join(parts)
