"""Jobs and courses of study: a span of months, and the names beside it or in the lines next to it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from experts.resumes.reading.facts import Fact
from experts.resumes.reading.lines import Line, in_section, is_label, without_bullet
from experts.resumes.reading.spans import Span, span_in, year_in

MOST_OF_EACH = 12
MOST_NAME = 120
_APART = re.compile(r"\t|\s+[|@·•–—-]\s+|\s+at\s+(?=[A-Z])|,\s+")
_ORGANISATION = re.compile(
    r"\b(?:hospital|clinic|university|college|institute|inc|llc|llp|ltd|limited|gmbh|plc|corp|corporation|company|group|bank|"
    r"school|centre|center|agency|ministry|department of|foundation|laborator(?:y|ies)|labs?|associates|partners|practice|"
    r"health(?:care)?|systems?|studios?|press|publishing|consulting|self-employed|freelance)\b\.?", re.IGNORECASE,
)  # fmt: skip
_TITLE = re.compile(
    r"\b(?:\w+(?:ologist|iatrist|ician|ist|eer|yer|tect|yst)|head|chief|lead|director|manager|associate|partner|resident|"
    r"fellow|attending|surgeon|physician|nurse|doctor|midwife|paramedic|lecturer|teacher|tutor|instructor|trainer|coach|"
    r"professor|researcher|postdoc|dean|chair|principal|counsel|attorney|barrister|solicitor|judge|clerk|notary|officer|"
    r"intern|trainee|assistant|adviser|advisor|consultant|accountant|auditor|actuary|broker|trader|banker|designer|developer|"
    r"programmer|administrator|coordinator|supervisor|producer|director|writer|screenwriter|editor|translator|interpreter|"
    r"reporter|photographer|painter|carpenter|plumber|welder|chef|baker|sommelier|winemaker|grandmaster|arbiter|founder|"
    r"owner|president|vp|ceo|cto|cfo|coo)\b", re.IGNORECASE,
)  # fmt: skip
_SCHOOL = re.compile(
    r"\b(?:universi\w+|college|school|institut\w*|academy|polytechnic\w*|hochschule|eth|mit|conservator\w+|seminary|faculty)\b",
    re.IGNORECASE,
)
_DEGREE = re.compile(
    r"(?<![\w.])(?:ph\.? ?d|d\.?phil|m\.?d|mbbs|mbchb|mbbch|b\.?sc?|b\.?a|b\.?eng|m\.?a|m\.?sc?|m\.?eng|m\.?phil|mba|mph|mfa|ll\.?m|"
    r"ll\.?b|j\.?d|pharm\.?d|d\.?d\.?s|d\.?o|ed\.?d|ed\.?m|m\.?ed)\.?(?![\w.])"
    r"|\b(?:bachelor|master|doctor|doctorate|diploma|magister|licentiate|associate degree|state examination)"
    r"(?:'s|’s)?(?: degree)?(?: of (?:[A-Z]\w+)(?: (?:and |& )?[A-Z]\w+)?)?", re.IGNORECASE,
)  # fmt: skip


def jobs(lines: list[Line]) -> Iterator[Fact]:
    """Return the jobs that name what was done and where; one that leaves either open is left out."""
    section = in_section(lines, "work")
    taken: set[int] = set()
    count = 0
    for at, line in enumerate(section):
        found = None if _is_item(line) else span_in(without_bullet(line.text))
        if found is None or count >= MOST_OF_EACH:
            continue
        span, beside = found
        names, used = _names(section, at, beside, taken, _title_and_place)
        taken |= {at, *used}
        if names is None:
            continue
        count += 1
        value = {"title": names[0], "organisation": names[1], **_months(span)}
        yield Fact("WORK", value, *_source(section, at, used))


def studies(lines: list[Line]) -> Iterator[Fact]:
    """Return the courses of study that name a school and a degree or a subject."""
    section = in_section(lines, "education")
    taken: set[int] = set()
    count = 0
    for at, line in enumerate(section):
        text = without_bullet(line.text)
        found = None if _is_item(line) else span_in(text) or year_in(text)
        if found is None or count >= MOST_OF_EACH:
            continue
        span, beside = found
        names, used = _names(section, at, beside, taken, _school_and_degree)
        taken |= {at, *used}
        if names is None:
            continue
        count += 1
        value = {"school": names[0], "degree": names[1], "subject": names[2], **_months(span)}
        yield Fact("EDUCATION", value, *_source(section, at, used))


def _is_item(line: Line) -> bool:
    return line.text[0] in "•‣◦⁃∙▪▫■□●○*" or line.text.rstrip().endswith((".", ";"))


def _months(span: Span) -> dict[str, str | bool]:
    return {"begin": span.begin, "end": span.end, "goes_on": span.goes_on}


def _source(section: list[Line], at: int, used: list[int]) -> tuple[int, int, str]:
    """Return page, line and words of where it stands: the lines that were used, in order, on the page of the first."""
    places = sorted({at, *used})
    first = section[places[0]]
    return first.page, first.number, " / ".join(section[one].text.replace("\t", "  ") for one in places)[:300]


def _names(
    section: list[Line], at: int, beside: str, taken: set[int], parse: Callable[[list[str]], tuple[str, ...] | None]
) -> tuple[tuple[str, ...] | None, list[int]]:
    """
    Return the names of an entry and the lines they were taken from: from what stands beside the months, else together
    with the line below, the two lines above, or the two below, whichever is the first that makes sense.
    """
    if beside and (names := parse([beside])) is not None:
        return names, []
    above, below = _labels(section, at, taken, -1), _labels(section, at, taken, 1)
    tries = [below[:1], above[:1]] if beside else [above[:2], above[:1], below[:2], below[:1]]
    for lines in tries:
        parts = [section[one].text for one in sorted(lines)]
        if lines and (names := parse([beside, *parts] if beside else parts)) is not None:
            return names, lines
    return None, []


def _labels(section: list[Line], at: int, taken: set[int], step: int) -> list[int]:
    """Return up to two lines next to this one that look like names, the nearest first, of one page and nobody else's."""
    found: list[int] = []
    for place in (at + step, at + 2 * step):
        if not 0 <= place < len(section) or place in taken or section[place].page != section[at].page:
            break
        if not is_label(section[place]) or span_in(section[place].text) is not None:
            break
        found.append(place)
    return found


def _parts(texts: list[str]) -> list[str]:
    pieces = (part.strip(" ,;|()") for text in texts for part in _APART.split(text))
    return [part for part in pieces if part]


def _title_and_place(texts: list[str]) -> tuple[str, str] | None:
    parts = [text.strip() for text in texts] if len(texts) == 2 and "\t" not in "".join(texts) else _parts(texts)
    if len(parts) < 2:
        return None
    title, place = parts[0], ", ".join(parts[1:])
    is_title, is_place = (
        bool(_TITLE.search(title)),
        bool(_ORGANISATION.search(title)) and not _ORGANISATION.search(place),
    )
    if is_place and _TITLE.search(parts[-1] if len(texts) == 2 else parts[1]):
        title, place = (
            (parts[-1], ", ".join(parts[:-1])) if len(texts) == 2 else (parts[1], ", ".join([parts[0], *parts[2:]]))
        )
        is_title = True
    if not is_title or _is_too_long(title, place):
        return None
    return title, place


def _school_and_degree(texts: list[str]) -> tuple[str, str, str] | None:
    parts = _parts(texts)
    schools = [part for part in parts if _SCHOOL.search(part) and not _DEGREE.match(part)]
    degrees = [part for part in parts if part not in schools and _DEGREE.search(part)]
    rest = [part for part in parts if part not in schools and part not in degrees]
    if len(schools) != 1 or len(degrees) > 1:
        return None
    degree, subject = _degree_and_subject(degrees[0]) if degrees else ("", "")
    if not subject and rest and degrees and parts.index(rest[0]) == parts.index(degrees[0]) + 1:
        subject = rest[0]
    if not degree or _is_too_long(schools[0], degree, subject):
        return None
    return schools[0], degree, subject


def _degree_and_subject(text: str) -> tuple[str, str]:
    """“LL.M. in International Law” is a degree and its subject; “Bachelor of Laws” is a degree."""
    degree, of, subject = text.partition(" in ")
    if of and _DEGREE.search(degree):
        return degree.strip(), subject.strip()
    found = _DEGREE.match(text)
    rest = text[found.end() :].strip(" ,:()") if found else ""
    return (found[0].strip(), rest) if found and rest and not rest.startswith("of ") else (text.strip(), "")


def _is_too_long(*names: str) -> bool:
    return any(len(name) > MOST_NAME or (name and not any(letter.isalpha() for letter in name)) for name in names)
