"""From the lines of a résumé to the facts that may be offered to its owner."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from stdnum import luhn
from stdnum.iso7064 import mod_11_2

from experts.resumes.reading.facts import Fact
from experts.resumes.reading.history import jobs, studies
from experts.resumes.reading.lines import Line, in_section, lines_of, plain, without_bullet

MOST_FIELDS = 5
FEWEST_LETTERS = 6
"""A single word that names a field has so many letters: shorter ones, as “cloud” or “brand”, mean many things."""
WEIGHTS = {"top": 3, "work": 2, "summary": 2, "skills": 2, "education": 1}
ENOUGH = 2
LEVEL = re.compile(r"(?<![a-z0-9])(?:a1|a2|b1|b2|c1|c2)(?![a-z0-9])")
NATIVE = re.compile(r"\b(?:native|mother tongue|first language)\b")
IN_WORDS = re.compile(
    r"\b(?:fluent|fluently|proficient|advanced|intermediate|upper intermediate|basic|beginner|elementary|conversational|"
    r"bilingual|working knowledge|full professional|professional working|limited working|good|very good|excellent)\b"
)
OTHER_NAMES = {"mandarin": "zh", "farsi": "fa", "castilian": "es", "flemish": "nl", "tagalog": "tl", "gujarati": "gu"}
PROFESSION = re.compile(
    r"\b(?:\w+(?:ologist|iatrist|ician|ist|eer|yer|tect|yst)|physician|surgeon|doctor|nurse|lawyer|attorney|solicitor|"
    r"barrister|counsel|professor|lecturer|teacher|tutor|writer|editor|translator|interpreter|accountant|auditor|actuary|"
    r"developer|researcher|chef|sommelier|grandmaster|coach|consultant|director|manager|analyst|designer|pharmacist)\b"
)
YEARS = re.compile(
    r"(?<!\d)(\d{1,2}) ?\+? years(?:'|’)? (?:of )?(?:[a-z]+ ){0,2}(?:experience|practice)\b|"
    r"\bexperience of (\d{1,2}) years\b"
)
ORCID = re.compile(r"(?<![\d-])\d{4}-\d{4}-\d{4}-\d{3}[\dX](?![\d-])")
GITHUB = re.compile(r"github\.com/([A-Za-z0-9](?:[A-Za-z0-9]|-(?=[A-Za-z0-9])){0,38})(?![\w/-])", re.IGNORECASE)
NPI = re.compile(r"\bnpi\b[^\d\n]{0,12}([12]\d{9})(?!\d)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Known:
    """
    What the reader is told: the owner's name, the taxonomy, languages by code, and the day.

    `fields` has dicts with code, name, parent (a code or "") and words, the name and its synonyms.
    """

    name: str
    fields: list[dict[str, Any]]
    languages: dict[str, str]
    today: str


def read_resume(text: str, known: Known) -> list[Fact]:
    """Return the facts of a résumé in the order of a profile. Any text will do; what is no résumé gives nothing."""
    lines = lines_of(text)
    found = [
        *_headline(lines, known), *_years(lines), *_fields(lines, known), *_languages(lines, known),
        *jobs(lines), *studies(lines), *_numbers(lines),
    ]  # fmt: skip
    return [fact for fact in found if not _lies_ahead(fact, known.today)]


def _lies_ahead(fact: Fact, today: str) -> bool:
    """Whether months are told that have not come: then the line was misread."""
    begin = str(fact.value.get("begin", ""))
    end = str(fact.value.get("end", "")) if fact.kind == "WORK" else ""
    return any(month and month > today[: len(month)] for month in (begin, end))


def _fact(kind: str, value: dict[str, Any], line: Line) -> Fact:
    return Fact(kind, value, line.page, line.number, line.text.replace("\t", "  "))


def _headline(lines: list[Line], known: Known) -> Iterator[Fact]:
    """The line that says what somebody is, near the name at the top."""
    names = set(plain(known.name).split())
    for line in [one for one in lines if one.section == "top" and one.page == 1][:5]:
        text = without_bullet(line.text).replace("\t", ", ")
        words = line.plain.replace(",", " ").split()
        is_name = bool(names) and len(names & set(words)) >= min(2, len(names))
        is_contact = "@" in text or "://" in text or re.search(r"\d{3}", text)
        if is_name or is_contact or text.endswith((".", "!", "?")) or not 2 <= len(words) <= 14 or len(text) > 120:
            continue
        if PROFESSION.search(line.plain):
            yield _fact("HEADLINE", {"text": text}, line)
            return


def _years(lines: list[Line]) -> Iterator[Fact]:
    for line in lines:
        found = YEARS.search(line.plain) if line.section in {"top", "summary"} else None
        if found is not None and 1 <= (years := int(found[1] or found[2])) <= 60:
            yield _fact("YEARS", {"years": years}, line)
            return


def _fields(lines: list[Line], known: Known) -> Iterator[Fact]:
    """Fields that the top, the summary, the skills, or titles and degrees name; a specialty rather than what it is under."""
    scores: dict[str, int] = {}
    best: dict[str, tuple[int, Line]] = {}
    for line in lines:
        weight = WEIGHTS.get(line.section, 0)
        if not weight or (line.section in {"work", "top"} and line.text.rstrip().endswith(".")):
            continue
        for field in known.fields:
            if any(_names(line.plain, word) for word in field["words"]):
                code = field["code"]
                scores[code] = scores.get(code, 0) + weight
                if code not in best or weight > best[code][0]:
                    best[code] = (weight, line)
    parents = {field["parent"] for field in known.fields if field["code"] in scores and field["parent"]}
    names = {field["code"]: field["name"] for field in known.fields}
    sure = [code for code, score in scores.items() if score >= ENOUGH and code not in parents]
    for code in sorted(sure, key=lambda one: (-scores[one], one))[:MOST_FIELDS]:
        yield _fact("FIELD", {"code": code, "name": names[code]}, best[code][1])


def _names(text: str, word: str) -> bool:
    """Whether a line names this word as a whole; short single words mean too many things to count."""
    if " " not in word and len(word) < FEWEST_LETTERS:
        return False
    at = text.find(word)
    while at != -1:
        before, after = text[at - 1 : at], text[at + len(word) : at + len(word) + 1]
        if not before.isalnum() and not after.isalnum():
            return True
        at = text.find(word, at + 1)
    return False


def _languages(lines: list[Line], known: Known) -> Iterator[Fact]:
    """Languages of their own section, with the level as it is written: CEFR or first language, else it is asked."""
    codes = {plain(name): code for code, name in known.languages.items()} | OTHER_NAMES
    found: dict[str, Fact] = {}
    last = ""
    for line in in_section(lines, "languages"):
        for piece in re.split(r"[\t,;•·|]|\s/\s| and (?=[A-Z])", without_bullet(line.text)):
            low = plain(piece)
            code = next((codes[word] for word in re.findall(r"[a-z]+", low)[:2] if word in codes), "")
            level, said = _level(low)
            if code and code not in found and len(low) <= 60:
                found[code] = _fact("LANGUAGE", {"code": code, "name": known.languages.get(code, code), "level": level,
                                                 "said": said}, line)  # fmt: skip
                last = code
            elif not code and last and (level or said) and len(low) <= 40 and not _has_level(found[last]):
                value = found[last].value | {"level": level, "said": said}
                found[last] = Fact("LANGUAGE", value, found[last].page, found[last].line, found[last].quote)
    yield from found.values()


def _level(text: str) -> tuple[str, str]:
    if level := LEVEL.search(text):
        return level[0].upper(), ""
    if NATIVE.search(text) and "near" not in text:
        return "NATIVE", ""
    said = IN_WORDS.search(text)
    return "", said[0] if said else ""


def _has_level(fact: Fact) -> bool:
    return bool(fact.value["level"] or fact.value["said"])


def _numbers(lines: list[Line]) -> Iterator[Fact]:
    """Identifiers that are well formed: ORCID by its check character, NPI by its check digit, the name of a GitHub account."""
    given: set[str] = set()
    for line in lines:
        for kind, number in (
            *(("ORCID", one) for one in ORCID.findall(line.text) if mod_11_2.is_valid(one.replace("-", ""))),
            *(("NPI", one) for one in NPI.findall(line.text) if luhn.is_valid(f"80840{one}")),
            *(("GITHUB", one) for one in GITHUB.findall(line.text)),
        ):
            if kind not in given:
                given.add(kind)
                yield _fact("CREDENTIAL", {"kind": kind, "number": number}, line)
