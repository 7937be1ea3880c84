"""How numbers, times and money read on a page. Pure functions; the template tags and the pictures share them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from django.utils import timezone
from django.utils.dates import MONTHS, MONTHS_3, WEEKDAYS, WEEKDAYS_ABBR
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from marketplace.kernel.money import MINUS, format_money

NO_BREAK = "\u00a0"
EN_DASH = "\u2013"
MINUTE, HOUR, DAY = 60, 3600, 86_400

TONES = {
    "success": "open active live accepted approved confirmed settled paid sent clear passed published done ready "
    "succeeded completed delivered hired matched reconciled verified available released signed",
    "warning": "held hold paused to_judge returned sent_back expiring partial partially_failed late on_hold waiting "
    "needs_action action_needed restricted in_dispute disputed undecided inconclusive below_floor parked",
    "danger": "rejected declined failed expired revoked overdue blocked suspended reversed refused withdrawn_by_staff "
    "closed_unpaid mismatch invalid",
    "info": "executing running submitted in_review processing sending queued shortlisted computed screening "
    "in_progress claimed checking matched_to_registry document_seen format_valid started requested in_transit",
    "accent": "offered invited yours chosen",
    "unknown": "unknown",
}
STATE_TONES = {state: tone for tone, states in TONES.items() for state in states.split()}


def number_text(value: float | int | Decimal, decimals: int | None = None) -> str:
    """Return a number with the reader's separators and a real minus sign."""
    positive = -value if value < 0 else value
    text = number_format(positive, decimal_pos=decimals, use_l10n=True, force_grouping=True)
    return f"{MINUS}{text}" if value < 0 else str(text)


def percent_text(ratio: float | Decimal, decimals: int = 0) -> str:
    """Return a share between 0 and 1 as "93 %"."""
    return f"{number_text(Decimal(str(ratio)) * 100, decimals)}{NO_BREAK}%"


def rate_text(low_minor: int, high_minor: int | None = None, currency: str = "USD") -> str:
    """Return "$225.00" for one hourly rate and "$180–250" for a range, whole units when both are whole."""
    if high_minor is None or high_minor == low_minor:
        return format_money(low_minor, currency)
    low = format_money(low_minor, currency, cents=False)
    high = format_money(high_minor, currency, cents=False)
    symbol = high[: len(high) - len(high.lstrip("CA$€£¥"))]
    return f"{low}{EN_DASH}{high.removeprefix(symbol)}"


def duration_text(seconds: int) -> str:
    """Return "8 h 55 min"; whole minutes, rounded down, as pay counts them."""
    sign, seconds = (MINUS, -seconds) if seconds < 0 else ("", seconds)
    hours, minutes = divmod(int(seconds) // MINUTE, 60)
    parts = []
    if hours:
        parts.append(f"{number_text(hours)}{NO_BREAK}h")
    if minutes or not hours:
        parts.append(f"{minutes}{NO_BREAK}min")
    return sign + " ".join(parts)


def duration_grid(seconds: int) -> str:
    """Return "8:55" for tables."""
    sign, seconds = (MINUS, -seconds) if seconds < 0 else ("", seconds)
    hours, minutes = divmod(int(seconds) // MINUTE, 60)
    return f"{sign}{number_text(hours)}:{minutes:02d}"


def left_text(seconds: float) -> str:
    """Return how long is left: "5 d", "1 d 4 h", "9 h 36 min", "38 min", and "9:40" in the last ten minutes."""
    whole = max(0, int(seconds))
    if whole < 10 * MINUTE:
        return f"{whole // MINUTE}:{whole % MINUTE:02d}"
    days, rest = divmod(whole, DAY)
    hours, rest = divmod(rest, HOUR)
    minutes = rest // MINUTE
    if days >= 3:
        return f"{days}{NO_BREAK}d"
    pairs = [(days, "d"), (hours, "h")] if days else [(hours, "h"), (minutes, "min")]
    return " ".join(f"{count}{NO_BREAK}{unit}" for count, unit in pairs if count)


def ago_text(seconds: float) -> str:
    """Return "just now", "38 min ago", "2 h ago", "3 days ago"."""
    whole = max(0, int(seconds))
    if whole < MINUTE:
        return _("just now")
    if whole < HOUR:
        return _("%(n)s min ago") % {"n": whole // MINUTE}
    if whole < DAY:
        return _("%(n)s h ago") % {"n": whole // HOUR}
    days = whole // DAY
    return _("1 day ago") if days == 1 else _("%(n)s days ago") % {"n": days}


def when_text(value: datetime | date, style: str, now: datetime | None = None) -> str:
    """
    Return a day or moment in the reader's zone.

    Styles: day "Wed 18 Nov" (the year joins when it is another one), moment "Wed 18 Nov, 14:12", time "14:12",
    seconds "14:12:05", short "18 Nov", long "Wednesday 18 November", full "Wed 18 Nov 2026, 14:12", ago "2 h ago".
    """
    if style == "ago" and isinstance(value, datetime) and now is not None:
        return ago_text((now - value).total_seconds())
    here = timezone.localtime(value) if isinstance(value, datetime) and timezone.is_aware(value) else value
    other_year = now is not None and here.year != timezone.localtime(now).year
    year = f" {here.year}" if other_year or style == "full" else ""
    if style == "long":
        return f"{WEEKDAYS[here.weekday()]} {here.day} {MONTHS[here.month]}{year}"
    day = f"{here.day} {str(MONTHS_3[here.month]).title()}{year}"
    clock = f"{here.hour:02d}:{here.minute:02d}" if isinstance(here, datetime) else ""
    if style == "short":
        return day
    if style == "time":
        return clock
    if style == "seconds":
        return f"{clock}:{here.second:02d}" if isinstance(here, datetime) else ""
    weekday = f"{WEEKDAYS_ABBR[here.weekday()]} {day}"
    return f"{weekday}, {clock}" if style in {"moment", "full"} and clock else weekday


def utc_text(value: datetime) -> str:
    """Return "Thu 19 Nov 2026, 00:00 UTC" for the title of a time."""
    there = value.astimezone(UTC)
    day = f"{WEEKDAYS_ABBR[there.weekday()]} {there.day} {str(MONTHS_3[there.month]).title()}"
    return f"{day} {there.year}, {there.hour:02d}:{there.minute:02d} UTC"


@dataclass(frozen=True, slots=True)
class Clock:
    """A wait as the page shows it. `share` is what is left of 100, `tone` is "", "soon" or "now"; moments are ISO 8601."""

    text: str
    share: int
    tone: str
    until: str
    since: str
    utc: str


def clock_of(until: datetime, now: datetime, since: datetime | None = None) -> Clock:
    """Return the clock of a wait that ends at `until`; without `since` the dial counts down its last week."""
    left = (until - now).total_seconds()
    whole = (until - since).total_seconds() if since is not None else timedelta(days=7).total_seconds()
    share = round(100 * min(1.0, max(0.0, left / whole))) if whole > 0 else 0
    stamps = (
        until.isoformat(timespec="seconds"),
        since.isoformat(timespec="seconds") if since else "",
        utc_text(until),
    )
    if left <= 0:
        return Clock(_("Over, %(ago)s") % {"ago": ago_text(-left)}, 0, "", *stamps)
    if left < HOUR or (since is not None and share < 10):
        tone = "now"
    elif left < DAY or (since is not None and share < 25):
        tone = "soon"
    else:
        tone = ""
    return Clock(_("%(time)s left") % {"time": left_text(left)}, share, tone, *stamps)


def initials_of(name: str) -> str:
    """Return up to two letters for an avatar or a lab mark: "Imani Okafor" gives "IO"."""
    words = [word for word in name.replace("@", " ").replace(".", " ").split() if word[:1].isalnum()]
    if not words:
        return "?"
    letters = words[0][0] + (words[-1][0] if len(words) > 1 else words[0][1:2])
    return letters.upper()


def tone_of(state: object) -> str:
    """Return the tone of a state by its stored value ("paid" is success); unheard-of states are plain."""
    return STATE_TONES.get(str(getattr(state, "value", state)).lower(), "")


BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
SYSTEMS = (("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS", "Mac"),
           ("CrOS", "Chromebook"), ("Linux", "Linux"))  # fmt: skip


def browser_name(user_agent: str) -> str:
    """Return "Firefox on Linux" from a user agent; the beginning of the text when nothing is recognised."""
    program = next((name for sign, name in BROWSERS if sign in user_agent), "")
    system = next((name for sign, name in SYSTEMS if sign in user_agent), "")
    if program and system:
        return _("%(program)s on %(system)s") % {"program": program, "system": system}
    return program or system or user_agent[:40] or _("Unknown device")


def mark_tone(name: str) -> int:
    """Return the colour of a lab mark, 1 to 5, the same for the same name everywhere."""
    return sum(ord(letter) for letter in name) % 5 + 1
