"""How states, reasons and the log of a run read. Shapes only; nothing here asks the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marketplace.audit.models import AuditEvent
from marketplace.kernel.money import format_money
from payments.payouts.enums import ItemState
from payments.payouts.models import PayItem

MEANING: Final = {
    ItemState.READY: gettext_lazy("Will be sent when a second person approves"),
    ItemState.SENT: gettext_lazy("Stripe confirmed a transfer"),
    ItemState.SENDING: gettext_lazy("Call open now"),
    ItemState.QUEUED: gettext_lazy("Waiting for a send slot"),
    ItemState.UNKNOWN: gettext_lazy("Sent, no answer: looked up before any retry"),
    ItemState.REJECTED: gettext_lazy("Stripe refused: money back in payable"),
    ItemState.HELD: gettext_lazy("Not in this run until the reason is gone"),
    ItemState.EXCLUDED: gettext_lazy("Below the minimum or nothing to pay, carried"),
}
PAINT: Final = {
    ItemState.READY: "wash",
    ItemState.SENT: "success",
    ItemState.SENDING: "info",
    ItemState.QUEUED: "wash",
    ItemState.UNKNOWN: "ink",
    ItemState.REJECTED: "danger",
    ItemState.HELD: "warning",
    ItemState.EXCLUDED: "muted",
}
TONE_OF_ROW: Final = {ItemState.UNKNOWN: "unknown", ItemState.REJECTED: "danger", ItemState.HELD: "warning"}


def short(item_id: object) -> str:
    """Return the first four characters of an item's id, as people call it."""
    return str(item_id)[:4].upper()


def reason_of(item: PayItem) -> str:
    """Return why an item is held, left out, rejected or unknown, or which attempt it is at."""
    words: dict[str, str] = {
        ItemState.READY: "",
        ItemState.HELD: str(item.get_held_reason_display()),
        ItemState.EXCLUDED: str(item.get_excluded_reason_display()),
        ItemState.QUEUED: _("Tried %(n)s times, not executed") % {"n": item.tries} if item.tries else "",
        ItemState.SENDING: _("Try %(n)s") % {"n": item.tries},
        ItemState.SENT: item.stripe_transfer_id or "",
        ItemState.REJECTED: _("%(code)s; released, expert told") % {"code": item.failure_code},
        ItemState.UNKNOWN: _("Alarm: %(ids)s") % {"ids": item.failure_message}
        if item.failure_code
        else _("No answer; looked up first"),
    }
    return words[item.state]


@dataclass(frozen=True, slots=True)
class LogLine:
    """One event of the log as the page shows it."""

    title: str
    text: str
    at: datetime
    tone: str
    actor: str


def line_of(event: AuditEvent, currency: str) -> LogLine:
    """Return an audit event of a run in words."""
    make = WORDS.get(event.what)
    facts = event.after | {"who": event.name, "id": short(event.after.get("item", ""))}
    if "total_minor" in facts:
        facts["total"] = format_money(facts["total_minor"], currency)
    if "net_minor" in facts:
        facts["amount"] = format_money(facts["net_minor"], currency)
    if "differences" in facts:
        facts["n"] = len(facts["differences"])
    tone, title, text = make or ("", event.what, "")
    return LogLine(str(title) % _Facts(facts), str(text) % _Facts(facts), event.at, tone, event.name)


class _Facts(dict[str, Any]):
    """Facts of an event; one that an older event did not note reads as a dash."""

    def __missing__(self, _key: str) -> str:
        return "–"


WORDS: Final = {
    "payouts.create_run": ("accent", gettext_lazy("Drafted by %(who)s."), ""),
    "payouts.finish_screening": ("", gettext_lazy("Screening finished."), gettext_lazy("Everybody in scope was looked at.")),
    "payouts.ask_to_compute": ("", gettext_lazy("%(who)s asked to have it computed."), ""),
    "payouts.compute_run": (
        "accent", gettext_lazy("Computed and frozen:"), gettext_lazy("%(items)s items, %(total)s to %(ready)s people."),
    ),
    "payouts.hold_item": ("warning", gettext_lazy("%(id)s was taken out:"), gettext_lazy("a hold was placed.")),
    "payouts.approve_run": (
        "success", gettext_lazy("Approved by %(who)s:"), gettext_lazy("%(total)s set aside for %(items)s items."),
    ),
    "payouts.execute_run": ("accent", gettext_lazy("%(who)s started sending."), ""),
    "payouts.look_up_group": (
        "accent",
        gettext_lazy("Look-up of the whole group:"),
        gettext_lazy("%(found)s transfers found, %(adopted)s adopted, %(to_send)s to send."),
    ),
    "payouts.pause_run": ("warning", gettext_lazy("%(who)s paused sending."), "%(words)s"),
    "payouts.resume_run": ("accent", gettext_lazy("%(who)s resumed sending."), ""),
    "payouts.lose_sight_of_item": (
        "warning", gettext_lazy("%(id)s is unknown:"), gettext_lazy("%(words)s. Nothing is re-sent before a look-up."),
    ),
    "payouts.adopt_transfer": ("success", gettext_lazy("%(id)s found at Stripe:"), "%(amount)s, %(transfer)s."),
    "payouts.prove_absent": (
        "", gettext_lazy("%(id)s is not at Stripe:"), gettext_lazy("%(amount)s go again under a new key."),
    ),
    "payouts.reject_item": (
        "danger",
        gettext_lazy("%(id)s rejected, %(code)s:"),
        gettext_lazy("%(amount)s are back in payable, the expert was told."),
    ),
    "payouts.raise_alarm": (
        "danger", gettext_lazy("Alarm for %(id)s:"), gettext_lazy("Stripe has %(transfers)s, which does not fit."),
    ),
    "payouts.retry_item": ("accent", gettext_lazy("%(who)s tries %(id)s again:"), "%(amount)s."),
    "payouts.give_back_held": (
        "warning", gettext_lazy("%(id)s was left out, its payee is on hold:"), gettext_lazy("%(amount)s are back in payable."),
    ),
    "payouts.credit_reversal": (
        "warning", gettext_lazy("%(id)s was taken back at Stripe:"), gettext_lazy("%(amount)s are owed again."),
    ),
    "payouts.ask_to_reconcile": ("", gettext_lazy("%(who)s asked to have it compared with Stripe."), ""),
    "payouts.settle_run": ("accent", gettext_lazy("Nothing is open any more."), gettext_lazy("%(rejected)s rejected.")),
    "payouts.close_run": ("accent", gettext_lazy("%(who)s closed the run."), gettext_lazy("The next one pays the rest.")),
    "payouts.reconcile_run": ("", gettext_lazy("Compared with Stripe:"), gettext_lazy("%(n)s differences.")),
    "payouts.cancel_run": ("danger", gettext_lazy("%(who)s cancelled the run."), "%(words)s"),
}  # fmt: skip
"""What of an audit event -> tone, title, text."""
