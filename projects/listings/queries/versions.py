"""What changed in a listing, field by field and in words, for the lab and for whoever applied."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any, Final

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from experts.credentials.enums import CredentialKind, LadderStep
from experts.profiles.models import Field
from experts.profiles.queries import country_name, language_name
from marketplace.kernel.money import format_money
from projects.listings.enums import SECTIONS, TaskKind, Visibility
from projects.listings.models import ListingVersion, Project

LABELS: Final = {
    "title": gettext_lazy("Title"),
    "summary": gettext_lazy("Summary"),
    "field_ids": gettext_lazy("Fields"),
    "kinds": gettext_lazy("Kinds of task"),
    "pay": gettext_lazy("Rate, an hour"),
    "bands": gettext_lazy("Rates by country"),
    "hours": gettext_lazy("Hours a week"),
    "expected_weeks": gettext_lazy("Length"),
    "starts_on": gettext_lazy("Start"),
    "closes_at": gettext_lazy("Applications close"),
    "places_wanted": gettext_lazy("Places"),
    "countries": gettext_lazy("Countries"),
    "languages": gettext_lazy("Languages"),
    "requirements": gettext_lazy("Requirements"),
    "questions": gettext_lazy("Screening questions"),
    "assessed_field_id": gettext_lazy("Assessment"),
    "terms_text": gettext_lazy("Terms"),
    "visibility": gettext_lazy("Who finds it"),
    "manual_time_allowed": gettext_lazy("Time by hand"),
}
"""What a version is read as, in the order of the page. Sections stand between them, each under its own name."""

MATTERS: Final = frozenset({"pay", "bands", "requirements", "countries", "languages", "hours", "assessed_field_id"})
"""Changes of which everybody who applied is told: what it pays, and what it asks for."""

PARTS: Final = {
    "pay": ("currency", "rate_min_minor", "rate_max_minor"),
    "hours": ("weekly_hours_min", "weekly_hours_cap"),
}


@dataclass(frozen=True, slots=True)
class Change:
    """One part of a listing that says something else: its code, what it is called, and both texts."""

    code: str
    label: str
    before: str
    after: str

    @property
    def matters(self) -> bool:
        return self.code in MATTERS

    @property
    def row(self) -> tuple[str, str, str]:
        """As the component for differences takes it."""
        return (self.label, self.before, self.after)

    @property
    def rows(self) -> list[tuple[str, str, str]]:
        """The one row, for a difference that stands by itself."""
        return [self.row]


def versions_of(project: Project) -> QuerySet[ListingVersion]:
    """Return everything a listing has said since it was published, the newest first."""
    return ListingVersion.objects.filter(project=project).select_related("by").order_by("-number")


def content_until(project: Project, until: datetime) -> dict[str, Any] | None:
    """Return what a listing said just before a moment."""
    rows = ListingVersion.objects.filter(project=project, at__lt=until).order_by("-number")
    return rows.values_list("content", flat=True).first()


@dataclass(frozen=True, slots=True)
class Edition:
    """A version beside the one before it."""

    version: ListingVersion
    changes: tuple[Change, ...]


def editions_of(versions: Sequence[ListingVersion]) -> list[Edition]:
    """
    Return versions, the newest first, each with what it changed. Names of fields are read once for all of them.

    The oldest one that is given is only compared with: pass one more than is shown, or the first, which changed nothing.
    """
    names = names_of_fields([row.content for row in versions])
    editions = [
        Edition(newer, tuple(changes_between(older.content, newer.content, names)))
        for newer, older in pairwise(versions)
    ]
    if versions and versions[-1].number == 1:
        editions.append(Edition(versions[-1], ()))
    return editions


def names_of_fields(contents: Iterable[Mapping[str, Any]]) -> dict[int, str]:
    """Return the names of every field that these listings speak of, by one query."""
    ids: set[int] = set()
    for content in contents:
        ids |= {*content["field_ids"], content.get("assessed_field_id") or 0}
        ids |= {one["field_id"] for one in content["requirements"] if one["field_id"]}
    return dict(Field.objects.filter(pk__in=ids).values_list("pk", "name"))


def changes_between(
    before: Mapping[str, Any], after: Mapping[str, Any], names: Mapping[int, str] | None = None
) -> list[Change]:
    """
    Return what differs between two listings as `json_of` wrote them, in the order of the page.

    :param names: of fields by id; read if they are not given.
    """
    if names is None:
        names = names_of_fields([before, after])
    found = [
        Change(code, str(label), *texts)
        for code, label in LABELS.items()
        if _said(code, before) != _said(code, after)
        and (texts := (_words(code, before, names), _words(code, after, names)))
    ]
    for code, label in SECTIONS:
        old, new = before["sections"].get(code, ""), after["sections"].get(code, "")
        if old != new:
            found.append(Change(f"section_{code}", str(label), old, new))
    return found


def _said(code: str, content: Mapping[str, Any]) -> Any:
    """Return the plain values behind one line; a version that is older than a part of listings did not have it."""
    return tuple(content.get(part) for part in PARTS[code]) if code in PARTS else content.get(code) or None


def _words(code: str, content: Mapping[str, Any], names: Mapping[int, str]) -> str:
    if code in NAMING:
        return NAMING[code](content, names)
    if code in WRITERS:
        return WRITERS[code](content)
    value = content.get(code)
    return str(value) if value not in (None, "", []) else _("nothing")


def _pay(content: Mapping[str, Any]) -> str:
    return _range(content["rate_min_minor"], content["rate_max_minor"], content["currency"])


def _range(low: int | None, high: int | None, currency: str) -> str:
    if not high:
        return _("no rate")
    if not low or low == high:
        return format_money(high, currency)
    return f"{format_money(low, currency)} – {format_money(high, currency)}"


def _bands(content: Mapping[str, Any]) -> str:
    rows = content.get("bands") or []
    words = [
        f"{country_name(row['country'])}: {_range(row['rate_min_minor'], row['rate_max_minor'], content['currency'])}"
        for row in rows
    ]
    return "\n".join(words) or _("the same everywhere")


def _hours(content: Mapping[str, Any]) -> str:
    least, most = content["weekly_hours_min"], content["weekly_hours_cap"]
    return f"{least}–{most} h" if least else _("up to %(cap)s h") % {"cap": most}


def _requirements(content: Mapping[str, Any], names: Mapping[int, str]) -> str:
    rows = []
    for one in content["requirements"]:
        if one["field_id"]:
            words = _("Vetted in %(field)s") % {"field": names.get(one["field_id"], "?")}
        else:
            step = str(LadderStep(one["step"]).label).lower()
            words = f"{CredentialKind(one['credential_kind']).label}, {step}"
        rows.append(words if one["is_required"] else _("%(words)s (good to have)") % {"words": words})
    return "\n".join(rows) or _("nothing")


def _moment(content: Mapping[str, Any]) -> str:
    text = content["closes_at"]
    return f"{datetime.fromisoformat(text):%-d %B %Y, %H:%M} UTC" if text else _("no closing date")


def _day(content: Mapping[str, Any]) -> str:
    text = content["starts_on"]
    return f"{date.fromisoformat(text):%-d %B %Y}" if text else _("at once")


def _weeks(content: Mapping[str, Any]) -> str:
    return _("%(n)s weeks") % {"n": content["expected_weeks"]} if content["expected_weeks"] else _("open")


def _fields(content: Mapping[str, Any], names: Mapping[int, str]) -> str:
    return ", ".join(names.get(pk, "?") for pk in content["field_ids"]) or _("none")


def _assessment(content: Mapping[str, Any], names: Mapping[int, str]) -> str:
    pk = content.get("assessed_field_id")
    return _("of %(field)s") % {"field": names.get(pk, "?")} if pk else _("none")


NAMING: Final[dict[str, Callable[[Mapping[str, Any], Mapping[int, str]], str]]] = {
    "requirements": _requirements,
    "field_ids": _fields,
    "assessed_field_id": _assessment,
}
"""Parts that speak of fields by their id."""

WRITERS: Final[dict[str, Callable[[Mapping[str, Any]], str]]] = {
    "pay": _pay,
    "bands": _bands,
    "hours": _hours,
    "closes_at": _moment,
    "starts_on": _day,
    "expected_weeks": _weeks,
    "kinds": lambda content: ", ".join(str(TaskKind(one).label) for one in content["kinds"]) or _("none"),
    "countries": lambda content: ", ".join(map(country_name, content["countries"])) or _("any country"),
    "languages": lambda content: ", ".join(map(language_name, content["languages"])) or _("any"),
    "questions": lambda content: "\n".join(content["questions"]) or _("none"),
    "visibility": lambda content: str(Visibility(content["visibility"]).label),
    "manual_time_allowed": lambda content: _("allowed") if content["manual_time_allowed"] else _("not allowed"),
}
