"""Whether the name is like one on the sanctions list. A hit opens a question for a person, nothing else."""

from __future__ import annotations

from experts.vetting.checks.base import Finding, attention, needs_person, passed
from experts.vetting.enums import BLOCKING_HITS, HitState
from experts.vetting.models import Check, Hit, Screening


def look_at_sanctions(check: Check) -> Finding:
    """Return what the newest screening of the person says, and how its hits were decided."""
    expert = check.case.expert
    rows = Screening.objects.filter(expert=expert).select_related("seen_in")
    screening = rows.order_by("-seen_in", "-pk").first()
    if screening is None:
        return needs_person(
            "No sanctions list has been imported yet; a person searches at sanctionssearch.ofac.treas.gov."
        )
    evidence = {
        "list": str(screening.seen_in),
        "score": screening.best_score,
        "threshold": screening.threshold,
        "name": screening.name,
    }
    hits = list(Hit.objects.filter(expert=expert).order_by("-score", "pk"))
    evidence["hits"] = [{"hit": str(hit.public_id), "name": hit.matched_name, "score": hit.score} for hit in hits]
    if any(hit.state == HitState.CONFIRMED for hit in hits):
        return attention(
            "Two people found that this is a person on the list. No case is approved, nothing is paid.", **evidence
        )
    waiting = sum(hit.state in BLOCKING_HITS for hit in hits)
    if waiting:
        names = "a name" if waiting == 1 else f"{waiting} names"
        return needs_person(
            f"The name is like {names} on the list; somebody compares them under Sanctions.", **evidence
        )
    if not screening.is_readable:
        return needs_person(
            "The name has one word only, or letters that are not Latin, so a program cannot compare it; a person does.",
            **evidence,
        )
    words = f"Best score {screening.best_score} of 100, a person compares from {screening.threshold} on."
    return passed(f"{words} {len(hits)} cleared by a person." if hits else words, **evidence)
