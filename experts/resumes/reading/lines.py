"""The lines of a résumé by page and number, and the sections that its headings make."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

MOST_LINES = 3000
MOST_CHARS = 300
BULLETS = "•‣◦⁃∙·▪▫■□●○–—-*>»✓"

HEADINGS: dict[str, str] = {
    heading: section
    for section, headings in {
        "work": "experience|work experience|professional experience|employment|employment history|work history|career|"
                "career history|clinical experience|research experience|teaching experience|relevant experience|positions|"
                "positions held|appointments|academic appointments|professional appointments|professional background",
        "education": "education|education and training|education & training|academic background|academic qualifications|"
                     "studies|university education|higher education",
        "languages": "languages|language skills|spoken languages|language",
        "summary": "summary|profile|professional summary|professional profile|about|about me|executive summary|overview",
        "skills": "skills|expertise|areas of expertise|fields of expertise|specialties|specialities|specialty|speciality|"
                  "specializations|specialisations|core competencies|core skills|key skills|professional skills",
        "other": "publications|selected publications|certifications|certificates|licenses|licences|licensure|awards|honors|"
                 "honours|awards and honors|references|interests|hobbies|projects|selected projects|contact|"
                 "contact details|volunteering|volunteer work|memberships|professional memberships|conferences|talks|"
                 "presentations|patents|personal details|technical skills|courses|training|grants|links|additional information",
    }.items()
    for heading in headings.split("|")
}  # fmt: skip
_TO_A_MACHINE = re.compile(
    r"\b(?:ignore|disregard|forget)\b.{0,40}\b(?:instruction|prompt|previous|above|prior|rule)"
    r"|\b(?:approve|accept|recommend|select|rank|hire|rate|score)\b.{0,20}\b(?:this|the) (?:candidate|applicant|resume|cv)\b"
    r"|\b(?:system prompt|you are an? (?:ai|assistant|language model)|as an ai\b|language models?:)"
)


@dataclass(frozen=True, slots=True)
class Line:
    """One line: the page and its number on it, both from 1; as written, and plain for comparing; its section."""

    page: int
    number: int
    text: str
    plain: str
    section: str


def plain(text: str) -> str:
    """Return the text in lower case, without accents and doubled spaces, for comparing."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(letter for letter in letters if not unicodedata.combining(letter)).split())


def lines_of(text: str) -> list[Line]:
    """Return the lines that say something to people. A heading begins a section and is no line of it."""
    found: list[Line] = []
    section = "top"
    for page, number, written in _numbered(text):
        heading, rest = _split_heading(written)
        section = heading or section
        said = rest.strip(" \t")
        if said and not _TO_A_MACHINE.search(low := plain(said)):
            found.append(Line(page, number, said, low, section))
    return found


def _numbered(text: str) -> Iterable[tuple[int, int, str]]:
    count = 0
    for page, body in enumerate(text.split("\f"), 1):
        for number, line in enumerate(body.split("\n"), 1):
            count += 1
            if count > MOST_LINES:
                return
            yield page, number, line[:MOST_CHARS]


def _split_heading(line: str) -> tuple[str | None, str]:
    """Return the section that a line begins, and what the line says beside the heading: “Languages: English, Igbo”."""
    for sign in ("\t", ":"):
        first, _sign, rest = line.partition(sign)
        if (section := _heading(first)) is not None:
            return section, rest
    return None, line


def _heading(text: str) -> str | None:
    if len(text) > 50:
        return None
    return HEADINGS.get(plain(text).strip(" :.-–—|•"))


def without_bullet(text: str) -> str:
    """Return the text without a sign of a list before it."""
    return text.lstrip(BULLETS + " \t")


def is_label(line: Line) -> bool:
    """Whether a line looks like a title or a name rather than a sentence of a description."""
    text = line.text
    if len(text) > 90 or text[0] in BULLETS or text[0].islower() or text.rstrip()[-1] in ".;:,!?":
        return False
    return sum(letter.isalpha() for letter in text) >= max(3, len(text) // 2)


def in_section(lines: Iterable[Line], section: str) -> list[Line]:
    return [line for line in lines if line.section == section]
