"""Tags and filters of the component library: `{% load ui %}`. What they compute is in marketplace/pages/*.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.core.exceptions import DisallowedHost
from django.forms.boundfield import BoundField
from django.http import HttpRequest
from django.template import Context
from django.urls import NoReverseMatch, reverse
from django.utils.html import conditional_escape, format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import SafeString, mark_safe

from marketplace.kernel import clock
from marketplace.kernel.markdown import render_markdown
from marketplace.kernel.money import Money, format_money
from marketplace.pages import charts, differences, fields, formats, navigation
from marketplace.pages.icons import draw_icon

register = template.Library()


def now_of(context: Context) -> datetime:
    """Return the business time of the page: the same for every clock on it."""
    if isinstance(given := context.get("now"), datetime):
        return given
    shell = context.get("shell")
    return shell.now if shell is not None else clock.now()


# ---------------------------------------------------------------- text


@register.filter
def money(minor: int | Money | str | None, currency: str = "USD") -> str:
    """Return "$1,953.75" for whole minor units; nothing for None."""
    if minor is None or minor == "":
        return ""
    return str(minor) if isinstance(minor, Money) else format_money(int(minor), currency or "USD")


@register.filter
def rate(minor: int | None, currency: str = "USD") -> str:
    """Return "$225.00 /h" for an hourly rate in minor units."""
    return "" if minor is None else f"{formats.rate_text(int(minor), None, currency or 'USD')}{formats.NO_BREAK}/h"


@register.filter
def duration(seconds: int | float | str | None, style: str = "text") -> str:
    """Return "8 h 55 min", or "8:55" with the style "grid"."""
    if seconds is None or seconds == "":
        return ""
    return formats.duration_grid(int(seconds)) if style == "grid" else formats.duration_text(int(seconds))


@register.filter
def minutes(count: int | None, style: str = "text") -> str:
    """Return the duration of whole minutes, as `duration` writes it."""
    return "" if count is None else duration(int(count) * 60, style)


@register.filter
def percent(ratio: float | Decimal | None, decimals: int = 0) -> str:
    """Return "93 %" for 0.93; nothing for None."""
    return formats.percent_text(ratio, int(decimals)) if isinstance(ratio, int | float | Decimal) else ""


@register.filter
def bps(points: int | None) -> str:
    """Return "10 %" for 1000 basis points, "12.5 %" for 1250."""
    if points is None:
        return ""
    share = (Decimal(int(points)) / 100).normalize()
    places = max(0, -int(share.as_tuple().exponent))
    return f"{formats.number_text(share, places)}{formats.NO_BREAK}%"


@register.filter
def number(value: float | Decimal | None, decimals: int | None = None) -> str:
    """Return a number with separators and a real minus sign; nothing for None."""
    return formats.number_text(value, decimals) if isinstance(value, int | float | Decimal) else ""


@register.filter
def filesize(size: int | None) -> str:
    """Return "340 bytes", "12 kB", "3.4 MB"."""
    if size is None:
        return ""
    if size < 1000:
        return f"{size}{formats.NO_BREAK}bytes"
    if size < 1_000_000:
        return f"{size / 1000:.0f}{formats.NO_BREAK}kB"
    return f"{size / 1_000_000:.1f}{formats.NO_BREAK}MB"


@register.filter
def initials(name: object) -> str:
    """Return up to two letters for an avatar."""
    return formats.initials_of(str(name or ""))


@register.filter
def mark_tone(name: object) -> int:
    """Return the colour of a lab mark, 1 to 5."""
    return formats.mark_tone(str(name or ""))


@register.filter
def tone_of_state(state: object, mapping: Mapping[str, str] | None = None) -> str:
    """Return the tone of a state; `mapping` (state -> tone) answers before the common list does."""
    if mapping:
        key = str(getattr(state, "value", state))
        if key in mapping:
            return mapping[key]
    return formats.tone_of(state)


@register.filter
def when(value: datetime | date | None, style: str = "day") -> str:
    """Return a day or moment in the reader's zone as plain text ("Wed 18 Nov"); the component adds the UTC title."""
    return "" if not value else formats.when_text(value, style, clock.now() if style == "ago" else None)


@register.filter
def markdown(text: str | None) -> SafeString:
    """Return safe HTML of a person's Markdown."""
    return render_markdown(text or "")


@register.filter
def browser(user_agent: str | None) -> str:
    """Return "Firefox on Linux" from a user agent, as well as it can be told."""
    return formats.browser_name(user_agent or "")


@register.filter
def svg(drawing: str | None) -> SafeString:
    """Return an SVG made by our own server (the QR code of a second factor) as inline markup, without its prologue."""
    text = drawing or ""
    return mark_safe(text[max(0, text.find("<svg")) :])  # noqa: S308 -- drawn by the qrcode package, holds no input


# ---------------------------------------------------------------- parts


@register.simple_tag
def icon(name: str, size: str = "", label: str = "", extra: str = "") -> SafeString:
    """Draw one icon: `{% icon "clock" %}`, sizes sm and lg; give a label only when the icon stands alone."""
    return draw_icon(str(name), str(size or ""), str(label or ""), str(extra or ""))


@register.filter
def attributes(attrs: Any) -> SafeString:
    """Write the left-over attributes of a component, every value escaped."""
    items = attrs.attrs_dict().items() if hasattr(attrs, "attrs_dict") else dict(attrs or {}).items()
    written = []
    for name, value in items:
        if value is False or value is None:
            continue
        pair = name if value is True else format_html('{}="{}"', mark_safe(name), conditional_escape(value))  # noqa: S308
        written.append(pair)
    return mark_safe((" " if written else "") + " ".join(written))  # noqa: S308 -- each pair was escaped above


@register.simple_tag(takes_context=True)
def time_tag(context: Context, value: datetime | date | None, style: str = "day", css: str = "") -> SafeString:
    """Write `<time>` with the moment in UTC as its title; nothing for None."""
    if not value:
        return mark_safe("")
    text = formats.when_text(value, style or "day", now_of(context))
    if not isinstance(value, datetime):
        return format_html('<time datetime="{}">{}</time>', value.isoformat(), text)
    return format_html(
        '<time class="{}" datetime="{}" title="{}">{}</time>',
        css or "when",
        value.isoformat(timespec="seconds"),
        formats.utc_text(value),
        text,
    )


@register.simple_tag(takes_context=True)
def clock_parts(context: Context, until: datetime, since: datetime | None = None) -> formats.Clock:
    """Return text, share and tone of a wait that ends at `until`."""
    return formats.clock_of(until, now_of(context), since or None)


@register.simple_tag
def rate_range(low: int, high: int | str | None = None, currency: str = "USD") -> str:
    """Return "$225.00" or "$180–250"."""
    return formats.rate_text(int(low), int(high) if high or high == 0 else None, currency or "USD")


@register.simple_tag
def field_parts(bound: BoundField, hint: str = "", attrs: Any = None) -> fields.FieldParts:
    """Return the parts of a bound form field for the field component; `attrs` go to the control."""
    extra = dict(attrs.attrs_dict()) if hasattr(attrs, "attrs_dict") else dict(attrs or {})
    return fields.parts_of(bound, hint=str(hint or ""), extra=extra)


@register.filter
def share(part: float | Decimal | None, whole: float | Decimal) -> float:
    """Return part of whole in percent, kept between 0 and 100, one decimal, for the width of a meter."""
    if not part or not whole:
        return 0.0
    return round(min(100.0, max(0.0, float(part) / float(whole) * 100)), 1)


@register.simple_tag
def percent_of(part: float | None, whole: float | None, percent: Any = "") -> float:
    """Return `percent` when given, else part of whole in percent, for progress."""
    if percent not in ("", None):
        return round(min(100.0, max(0.0, float(percent))), 1)
    return share(part, whole or 0)


@register.simple_tag
def meter_parts(parts: Sequence[Mapping[str, Any]], whole: float = 100) -> list[dict[str, Any]]:
    """Return the pieces of a meter beside each other: dicts with `value` and `paint` become x, width and paint."""
    pieces, x = [], 0.0
    for part in parts:
        width = share(part["value"], float(whole))
        pieces.append({"x": plain(round(x, 2)), "width": plain(width), "paint": part["paint"]})
        x += width
    return pieces


@register.filter
def plain(value: float | None) -> str:
    """Return a number as SVG wants it: no separators, a point, no trailing zero, whatever the language."""
    return f"{float(value):g}" if value else "0"


@register.filter
def add_to(value: float, addend: float) -> str:
    """Return the sum as SVG wants it."""
    return plain(round(float(value) + float(addend), 1))


@register.filter
def lookup(mapping: Mapping[Any, Any] | None, key: Any) -> Any:
    """Return mapping[key], or "" when there is none; keys may be what a form made of them."""
    if not mapping:
        return ""
    raw = getattr(key, "value", key)
    return mapping.get(raw, mapping.get(str(raw), ""))


@register.simple_tag
def diff_rows(rows: Sequence[tuple[str, object, object]]) -> list[differences.Line]:
    """Return the lines of a diff with the changed words marked."""
    return differences.lines_of(rows or [])


@register.simple_tag(takes_context=True)
def waited(context: Context, since: datetime) -> str:
    """Return how long something has been waiting: "1 h 27 min"."""
    return formats.duration_text(int((now_of(context) - since).total_seconds()))


# ---------------------------------------------------------------- pictures


@register.simple_tag
def bar_picture(
    labels: Sequence[str], series: Sequence[Any], reference: Any = "", unfinished: bool = False, prefix: str = ""
) -> charts.Picture:
    """Return the coordinates of a (stacked) bar chart; `series` are dicts with `name` and `values`."""
    rows = [[float(value) for value in one["values"]] for one in series]
    at = None if reference in ("", None) else float(reference)
    return charts.bar_picture(
        [str(label) for label in labels], rows, reference=at, unfinished=bool(unfinished), prefix=prefix or ""
    )


@register.simple_tag
def line_picture(
    labels: Sequence[str],
    values: Sequence[float],
    intervals: Any = "",
    reference: Any = "",
    projected: int = 0,
    area: bool = False,
    prefix: str = "",
) -> charts.Picture:
    """Return the coordinates of a line chart, or of dots with whiskers when intervals are given."""
    return charts.line_picture(
        [str(label) for label in labels],
        [float(value) for value in values],
        intervals=[(float(low), float(high)) for low, high in intervals] if intervals else None,
        reference=None if reference in ("", None) else float(reference),
        projected=int(projected or 0),
        area=bool(area),
        prefix=prefix or "",
    )


@register.simple_tag
def bar_columns(
    labels: Sequence[str], series: Sequence[Any], tops: Any = "", unders: Any = "", limit: Any = ""
) -> list[charts.Column]:
    """Return the columns of c-columns; `series` are dicts with `name` and `values`."""
    return charts.columns_of(
        [str(label) for label in labels],
        [[float(value) for value in one["values"]] for one in series],
        tops=[str(text) for text in tops or ()],
        unders=[str(text) for text in unders or ()],
        limit=None if limit in ("", None) else float(limit),
    )


@register.simple_tag
def spark_points(values: Sequence[float]) -> str:
    """Return the points of a sparkline."""
    return charts.spark_points([float(value) for value in values])


@register.filter
def at(row: Any, index: Any) -> Any:
    """Return row[index]; for tables behind pictures."""
    return row[index]


# ---------------------------------------------------------------- frame


def _role_in(context: Context) -> str | None:
    """Return the reader's role in the lab of this page: `lab_role`, or the role of `membership`."""
    if (role := context.get("lab_role")) is not None:
        return str(getattr(role, "value", role))
    role = getattr(context.get("membership"), "role", None)
    return None if role is None else str(getattr(role, "value", role))


@register.simple_tag(takes_context=True)
def nav_items(context: Context, door: str) -> list[navigation.Group]:
    """Return the groups of a front door's navigation: expert, lab, vetting, finance, public, account."""
    request: HttpRequest | None = context.get("request")
    pairs = navigation.entries_of(door, request, lab=context.get("lab"), role=_role_in(context))
    return navigation.groups_of(pairs)


@register.simple_tag(takes_context=True)
def business_now(context: Context) -> datetime:
    """Return the moment that the clocks of this page count from."""
    return now_of(context)


@register.simple_tag(takes_context=True)
def back_url(context: Context) -> str:
    """Return the page of ours that the reader came from, else the front page."""
    request: HttpRequest | None = context.get("request")
    if request is None:
        return "/"
    try:
        host = request.get_host()
    except DisallowedHost:  # The page being drawn is the one that refuses this host.
        return "/"
    came_from = request.META.get("HTTP_REFERER", "")
    return came_from if came_from and url_has_allowed_host_and_scheme(came_from, allowed_hosts={host}) else "/"


@register.simple_tag
def url_or_none(name: str, *args: Any, **kwargs: Any) -> str:
    """Return the address of a page, or "" while no such page exists, so that no dead link is shown."""
    try:
        return reverse(name, args=args or None, kwargs=kwargs or None)
    except NoReverseMatch:
        return ""
