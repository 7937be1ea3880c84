"""Who could be invited to a project, ranked, with the reasons for each rank."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import MD5, Cast, Concat

from experts.credentials.enums import height
from experts.credentials.models import Credential
from experts.profiles.models import Conflict, Expert, ExpertField, ExpertLanguage
from experts.profiles.queries import conflict_with, language_name
from experts.vetting.models import Case
from experts.vetting.queries import vetted_fields_by_expert
from projects.hiring.enums import LIVE_APPLICATION_STATES
from projects.hiring.figures import Asked, Facts, Ranked, Record, Wish, ranked
from projects.hiring.models import Application, GigInvitation, LabMute, MatchWeights
from projects.hiring.queries.records import records_of
from projects.labs.models import Membership
from projects.listings.models import Project
from projects.listings.queries.requirements import words_of

POOL_MAX = 1000
"""So many people are compared at most: those who are vetted in the field before the others, then by lot."""


def current_weights() -> MatchWeights:
    """Return the version of the weights that counts now. The first one comes with the tables."""
    found: MatchWeights = MatchWeights.objects.newest_first()[:1].get()
    return found


@dataclass(frozen=True, slots=True)
class Ranking:
    """The candidates of a project in their order, and how many people fitted its fields in all."""

    candidates: list[Ranked[Expert]]
    weights: MatchWeights
    found: int

    @property
    def is_capped(self) -> bool:
        return self.found > POOL_MAX

    def page(self, after: UUID | None, size: int) -> tuple[list[Ranked[Expert]], UUID | None]:
        """Return the candidates that follow one, and after whom the next page begins. Somebody gone starts anew."""
        place = next((at for at, row in enumerate(self.candidates, 1) if row.key.public_id == after), 0)
        shown = self.candidates[place : place + size]
        more = len(self.candidates) > place + size
        return shown, shown[-1].key.public_id if shown and more else None

    def of(self, expert: Expert) -> Ranked[Expert] | None:
        """Return how one expert stands, or None if they are not among the candidates."""
        return next((row for row in self.candidates if row.key.pk == expert.pk), None)


def ranking_of(project: Project, *, today: date, only: UUID | None = None) -> Ranking:
    """
    Rank the experts who are open to work for a project. Twelve queries at most, whatever the number of people.

    :param today: credentials that expired before this day do not count.
    :param only: the public id of one expert who is compared even if the pool is capped without them.
    """
    weights = current_weights()
    asked = asked_of(project)
    rows = pool_of(project)
    pool = list(rows[:POOL_MAX])
    found = rows.count() if len(pool) == POOL_MAX else len(pool)
    if only is not None and all(expert.public_id != only for expert in pool):
        pool += list(rows.filter(public_id=only))
    known = _without_conflicts(pool, project, on=today)
    facts = facts_of(known, asked, today=today)
    entries = [(expert, str(expert.public_id), facts[expert.pk]) for expert in known]
    return Ranking(ranked(entries, asked, weights.values, seed=str(project.public_id)), weights, found)


def asked_of(project: Project) -> Asked:
    """Return what a project asks of everybody. Reads its requirements and its fields."""
    rows = project.requirements.select_related("field").order_by("position", "pk")
    return Asked(
        wishes=[
            Wish(words_of(row), row.is_required, kind=row.credential_kind, step=row.step, field_id=row.field_id)
            for row in rows
        ],
        field_ids=frozenset(project.fields.values_list("pk", flat=True)),
        languages={code: language_name(code) for code in project.languages},
        countries=frozenset(project.countries),
        hours=project.weekly_hours_min or 1,
    )


def pool_of(project: Project) -> QuerySet[Expert]:
    """
    Return who may be ranked and invited: open to work, at home in a field of the project, and not decided about yet.

    Left out are members of the lab, people who want no invitations from it, who were invited before, and who apply.
    """
    rows = Expert.objects.open_to_work()
    fields = list(project.fields.values_list("pk", flat=True))
    vetted = Case.objects.approved().filter(expert=OuterRef("pk"))
    vetted = vetted.filter(Q(field__in=fields) | Q(field__parent__in=fields)) if fields else vetted
    claims = ExpertField.objects.filter(Q(field__in=fields) | Q(field__parent__in=fields), expert=OuterRef("pk"))
    mine = {"expert": OuterRef("pk"), "project": project}
    known = Q(state__in=sorted(LIVE_APPLICATION_STATES)) | Q(submitted_at__isnull=False)
    rows = rows.annotate(is_vetted=Exists(vetted)).exclude(
        Exists(Membership.objects.filter(lab=project.lab_id, user=OuterRef("user_id")))
        | Exists(LabMute.objects.filter(lab=project.lab_id, expert=OuterRef("pk")))
        | Exists(GigInvitation.objects.filter(**mine))
        | Exists(Application.objects.filter(known, **mine))
    )
    if fields:
        rows = rows.filter(Q(is_vetted=True) | Exists(claims))
    drawn = MD5(Concat(Cast("public_id", CharField()), Value(str(project.public_id))))
    found: QuerySet[Expert] = rows.order_by("-is_vetted", drawn)
    return found


def _without_conflicts(pool: list[Expert], project: Project, *, on: date) -> list[Expert]:
    """Leave out who named the lab among those whose data they may not see. One query."""
    rows = Conflict.objects.filter(expert__in=[expert.pk for expert in pool]).select_related("expert")
    named = {row.expert_id for row in rows}
    return [
        expert
        for expert in pool
        if expert.pk not in named or conflict_with(expert, project.lab.public_name, on=on) is None
    ]


def facts_of(pool: list[Expert], asked: Asked, *, today: date) -> dict[int, Facts]:
    """Return what counts of each expert, by their ids: four queries for all of them together."""
    ids = [expert.pk for expert in pool]
    steps = _steps(ids, {wish.kind for wish in asked.wishes if wish.kind}, today=today)
    vetted = vetted_fields_by_expert(pool)
    languages: dict[int, set[str]] = {}
    for expert_id, code in ExpertLanguage.objects.filter(expert__in=ids, code__in=list(asked.languages)).values_list(
        "expert", "code"
    ):
        languages.setdefault(expert_id, set()).add(code)
    records = records_of(ids)
    return {
        expert.pk: facts_from(
            expert,
            steps=steps.get(expert.pk, {}),
            vetted=vetted[expert.pk],
            languages=languages.get(expert.pk, set()),
            record=records.get(expert.pk, Record()),
        )
        for expert in pool
    }


def facts_from(
    expert: Expert, *, steps: dict[str, str], vetted: set[int], languages: set[str], record: Record
) -> Facts:
    """Take from a profile what may count, and leave everything else of the person where it is."""
    return Facts(
        steps=steps,
        vetted_field_ids=frozenset(vetted),
        language_codes=frozenset(languages),
        country=expert.country,
        weekly_hours=expert.weekly_hours or 0,
        record=record,
    )


def _steps(ids: list[int], kinds: set[str], *, today: date) -> dict[int, dict[str, str]]:
    found: dict[int, dict[str, str]] = {}
    rows = Credential.objects.counting().in_force(today).filter(expert__in=ids, kind__in=sorted(kinds))
    for expert_id, kind, step in rows.values_list("expert", "kind", "step"):
        own = found.setdefault(expert_id, {})
        if kind not in own or height(step) > height(own[kind]):
            own[kind] = step
    return found
