"""What an expert meets of what a listing asks for, with reasons; never a score."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from experts.credentials.enums import CredentialKind, LadderStep, height
from experts.credentials.models import Credential
from experts.profiles.models import Expert
from experts.profiles.queries import country_name, language_name
from experts.vetting.queries import vetted_fields
from projects.listings.models import Project, Requirement


@dataclass(frozen=True, slots=True)
class Met:
    """
    One requirement, whether it is met, and what it is in words. `note` says what the expert has instead, or how it is met.

    What a listing asks beside its requirement rows (country, language, hours) comes as an unsaved Requirement.
    `is_required` is false for what is only good to have; `counts` says whether "5 of 6" counts it.
    """

    requirement: Requirement
    met: bool
    words: str
    note: str = ""
    counts: bool = True

    @property
    def is_required(self) -> bool:
        return self.requirement.is_required


@dataclass(frozen=True, slots=True)
class Standing:
    """What requirements are compared with: confirmed facts and what the person said of place, languages and hours."""

    expert: Expert
    credentials: tuple[Credential, ...]
    vetted_field_ids: frozenset[int]
    language_levels: Mapping[str, str]

    def best(self, kind: str) -> Credential | None:
        """Return the person's credential of a kind that stands highest on the ladder."""
        own = [credential for credential in self.credentials if credential.kind == kind]
        return max(own, key=lambda credential: height(credential.step), default=None)


def standing_of(expert: Expert, *, today: date | None = None) -> Standing:
    """
    Return what an expert can show now. Three queries, whatever the number of listings compared afterwards.

    Who is vetted in a specialty is vetted in the field above it.

    :param today: credentials that expired before this day do not count.
    """
    credentials = Credential.objects.counting().filter(expert=expert).order_by("pk")
    if today is not None:
        credentials = credentials.in_force(today)
    return Standing(
        expert=expert,
        credentials=tuple(credentials),
        vetted_field_ids=frozenset(vetted_fields(expert)),
        language_levels={row.code: row.level for row in expert.languages.all()},
    )


def requirements_met(expert: Expert, project: Project, standing: Standing | None = None) -> list[Met]:
    """
    Return everything a listing asks for, in its order, with whether this expert meets it.

    :param standing: what `standing_of` returned, when several listings are compared.
    """
    known = standing or standing_of(expert)
    rows = sorted(project.requirements.all(), key=lambda row: (not row.is_required, row.position, row.pk))
    return [*(_asked(row, known) for row in rows), *_place_language_and_time(project, known)]


def _asked(row: Requirement, standing: Standing) -> Met:
    words = words_of(row)
    if row.field is not None:
        met = row.field_id in standing.vetted_field_ids
        note = _("vetted by Preceptor") if met else _("not vetted in this field yet")
        return Met(row, met, words, note, counts=row.is_required)
    own = standing.best(row.credential_kind)
    if own is None:
        return Met(row, met=False, words=words, note=_("not in your credentials"), counts=row.is_required)
    note = str(own.get_step_display()).lower()
    return Met(row, own.stands_at_least_at(row.step), words, note, counts=row.is_required)


def words_of(row: Requirement) -> str:
    """Return what a requirement asks for: "Medical licence, document seen", "Vetted in Medicine"."""
    if row.field is not None:
        return _("Vetted in %(field)s") % {"field": row.field.name}
    kind, step = CredentialKind(row.credential_kind).label, LadderStep(row.step).label
    return f"{kind}, {str(step).lower()}" if row.step != LadderStep.DECLARED else str(kind)


def _place_language_and_time(project: Project, standing: Standing) -> list[Met]:
    found: list[Met] = []
    expert = standing.expert
    if project.countries:
        words = _("Based in %(countries)s") % {"countries": any_of([country_name(code) for code in project.countries])}
        note = country_name(expert.country) if expert.country else _("no country in your profile")
        found.append(_implied(project, expert.country in project.countries, words, note))
    for code in project.languages:
        level = standing.language_levels.get(code, "")
        words = _("Speaks %(language)s") % {"language": language_name(code)}
        found.append(_implied(project, bool(level), words, level.lower() if level == "NATIVE" else level))
    if project.weekly_hours_min:
        hours = expert.weekly_hours or 0
        words = _("%(hours)s h a week free") % {"hours": project.weekly_hours_min}
        note = _("you have %(hours)s h") % {"hours": hours}
        met = hours >= project.weekly_hours_min
        found.append(_implied(project, met, words, note, is_required=False))
    return found


def _implied(project: Project, met: bool, words: str, note: str, *, is_required: bool = True) -> Met:
    return Met(Requirement(project=project, is_required=is_required), met, words, note)


def any_of(names: list[str]) -> str:
    """Return "Canada, Ireland or Spain"; a long list is cut."""
    if len(names) > 6:
        return _("%(names)s or %(count)s more") % {"names": ", ".join(names[:5]), "count": len(names) - 5}
    return _("%(names)s or %(last)s") % {"names": ", ".join(names[:-1]), "last": names[-1]} if names[1:] else names[0]


@dataclass(frozen=True, slots=True)
class Fit:
    """The lines on a card: how many of what counts are met, by what, and what is missing."""

    met: int
    of: int
    has: tuple[str, ...]
    missing: tuple[str, ...]
    required_missing: tuple[str, ...]

    @property
    def wished_missing(self) -> tuple[str, ...]:
        """What is missing and keeps nobody from applying."""
        return tuple(words for words in self.missing if words not in self.required_missing)

    @property
    def tone(self) -> str:
        if self.met == self.of:
            return "success"
        return "danger" if self.of and self.met * 2 < self.of else "warning"


def fit_of(rows: Iterable[Met]) -> Fit:
    """Return the summary of what `requirements_met` told."""
    counted = [row for row in rows if row.counts]
    missing = [row for row in counted if not row.met]
    return Fit(
        met=len(counted) - len(missing),
        of=len(counted),
        has=tuple(row.words for row in counted if row.met),
        missing=tuple(row.words for row in missing),
        required_missing=tuple(row.words for row in missing if row.is_required),
    )
