"""From when to when: the months that a line of a résumé names, and what it says beside them."""

from __future__ import annotations

import re
from dataclasses import dataclass

EARLIEST = 1930
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAME = (
    r"jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?"
)
_POINT = (
    r"(?:19|20)\d\d-(?:0[1-9]|1[0-2])(?![\d-])|(?:0?[1-9]|1[0-2])[/.](?:19|20)\d\d(?!\d)|"
    rf"(?:(?:{_NAME})\.?,? ?)?(?:19|20)\d\d(?!\d)"
)
_NOW = r"present|current|today|now|ongoing|to date|date"
_SPAN = re.compile(
    rf"(?<![\w/-])(?P<begin>{_POINT}) ?(?:-|–|—|‑|−|to|until|till|through) ?(?P<end>{_POINT}|(?P<now>{_NOW})\b)",
    re.IGNORECASE,
)
_SINCE = re.compile(rf"(?<!\w)since (?P<begin>{_POINT})$", re.IGNORECASE)
_ONE = re.compile(r"(?<![\w/.-])(?P<end>(?:19|20)\d\d)(?![\w/-])")
_BESIDE = " \t,;:|()[]–—-·•"


@dataclass(frozen=True, slots=True)
class Span:
    """Months as "2015-01", or "2015" where the résumé names the year only; `begin` is empty when only an end is told."""

    begin: str
    end: str
    goes_on: bool


def span_in(text: str) -> tuple[Span, str] | None:
    """Return the span at the beginning or the end of a text and what else stands there, or None. A sentence has none."""
    found = _SPAN.search(text) or _SINCE.search(text)
    if found is None:
        return None
    before, after = text[: found.start()].strip(_BESIDE), text[found.end() :].strip(_BESIDE)
    if before and after and "\t" not in text:
        return None  # in the middle of a sentence
    parts = found.groupdict()
    goes_on = "end" not in parts or bool(parts.get("now"))
    begin, end = _month(found["begin"]), "" if goes_on else _month(found["end"])
    if (end and end[:4] < begin[:4]) or (len(end) == len(begin) == 7 and end < begin):
        return None
    return Span(begin, end, goes_on), "\t".join(part for part in (before, after) if part)


def year_in(text: str) -> tuple[Span, str] | None:
    """Return a single year, as that of a degree, and what else stands there."""
    years = list(_ONE.finditer(text))
    if len(years) != 1:
        return None
    found = years[0]
    rest = "\t".join(
        part for part in (text[: found.start()].strip(_BESIDE), text[found.end() :].strip(_BESIDE)) if part
    )
    return Span("", found["end"], goes_on=False), rest


def _month(point: str) -> str:
    """Return "2015-01" or "2015"."""
    low = point.lower().strip()
    if year_first := re.fullmatch(r"(\d{4})-(\d\d)", low):
        return f"{year_first[1]}-{year_first[2]}"
    if slashed := re.fullmatch(r"(\d{1,2})[/.](\d{4})", low):
        return f"{slashed[2]}-{int(slashed[1]):02}"
    year = low[-4:]
    name = low[:3]
    return f"{year}-{_MONTHS.index(name) + 1:02}" if name in _MONTHS else year
