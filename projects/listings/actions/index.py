"""What the board searches with: written again whenever a listing or the taxonomy changes."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.contrib.postgres.search import CombinedSearchVector, SearchVector
from django.db import transaction
from django.db.models import Func, TextField, Value
from django.db.models.functions import Lower

from experts.profiles.models import Field
from experts.profiles.queries import language_name
from marketplace.kernel.jobs import JobState
from marketplace.kernel.meaning import fingerprint
from projects.listings import tasks
from projects.listings.enums import SEARCH_CONFIG, SECTIONS, ProjectState, TaskKind
from projects.listings.models import Meaning, Project
from projects.listings.queries.search import with_codes

BATCH = 500


def index_project(project: Project, *, now: datetime, taxonomy: dict[int, Field] | None = None) -> None:
    """
    Write what is found of a listing. Needs an open transaction that holds the project's lock.

    Weights: A title, B fields with their synonyms and kinds of task, C summary and the fields above, D sections and the
    specialties below (a gig for any physician is found, last, by who types "heart doctor"). What it means is made by a
    worker, so that saving a listing never waits for the model.

    :param taxonomy: all fields by id, when many listings are written at once.
    """
    known = taxonomy or {field.pk: field for field in Field.objects.only("parent", "name", "synonyms")}
    chosen = set(project.fields.values_list("pk", flat=True))
    own = [field for field in known.values() if field.pk in chosen]
    above = [field for field in known.values() if field.pk in _ids_above(own, known)]
    below = [field for field in known.values() if field.parent_id in chosen]
    kinds = [TaskKind(kind).label for kind in project.kinds]
    languages = [language_name(code) for code in project.languages]
    sections = [str(project.sections.get(code, "")) for code, _label in SECTIONS]
    required = project.requirements.filter(is_required=True).exclude(credential_kind="")
    near = [project.title, *_words(own), *_words(above), *kinds]
    Project.objects.filter(pk=project.pk).update(
        field_ids=sorted({field.pk for field in [*own, *above]}),
        credential_kinds=sorted(set(required.values_list("credential_kind", flat=True))),
        search=_vector("A", [project.title])
        + _vector("B", [*_words(own), *kinds])
        + _vector("C", [project.summary, *_words(above), *languages])
        + _vector("D", [*sections, *_words(below)]),
        search_text=Lower(Func(Value(" · ".join(near), output_field=TextField()), function="unaccent")),
    )
    _have_meaning_made(project, "\n".join([project.title, *_words(own)]), now=now)


def _ids_above(fields: list[Field], known: dict[int, Field]) -> set[int]:
    found: set[int] = set()
    for field in fields:
        above = field.parent_id
        while above is not None and above not in found:
            found.add(above)
            above = known[above].parent_id
    return found


def _words(fields: list[Field]) -> list[str]:
    return [word for field in fields for word in [field.name, *field.synonyms]]


def _vector(weight: str, texts: list[str]) -> SearchVector | CombinedSearchVector:
    text = with_codes("\n".join(part for part in texts if part))
    return SearchVector(Value(text, output_field=TextField()), weight=weight, config=SEARCH_CONFIG)


def _have_meaning_made(project: Project, text: str, *, now: datetime) -> None:
    """Set the job due unless the meaning is of this text already. The old one serves until the new one is there."""
    kept = Meaning.objects.filter(project=project).only("text", "made_of").first()
    if not settings.SEARCH_BY_MEANING:  # What is not of this text goes, so that it is missed once this is on again.
        Meaning.objects.filter(project=project).exclude(text=text).delete()
        return
    if kept is not None and kept.text == text and kept.made_of == fingerprint(text):
        return
    due = {"text": text, "job_state": JobState.QUEUED, "not_before": now, "queued_at": now, "attempts": 0}
    due |= {"lease_until": None, "last_error": ""}
    if kept is None:
        Meaning.objects.create(project=project, **due)
    else:
        Meaning.objects.filter(pk=kept.pk).update(**due)
    tasks.make_meanings.delay_on_commit()


def index_all_projects(*, now: datetime) -> int:
    """Write the index of every listing that is not closed again, after the taxonomy changed; return how many."""
    ids = list(Project.objects.exclude(state=ProjectState.CLOSED).order_by("pk").values_list("pk", flat=True))
    return index_projects(ids, now=now)


def index_projects(ids: list[int], *, now: datetime) -> int:
    """Write the index of these listings again; return how many."""
    taxonomy = {field.pk: field for field in Field.objects.all()}
    for start in range(0, len(ids), BATCH):
        _index_batch(ids[start : start + BATCH], taxonomy, now=now)
    return len(ids)


@transaction.atomic(durable=True)
def _index_batch(ids: list[int], taxonomy: dict[int, Field], *, now: datetime) -> None:
    for project in Project.objects.filter(pk__in=ids).locked():
        index_project(project, now=now, taxonomy=taxonomy)
