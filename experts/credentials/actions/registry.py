"""
Comparing credentials with the newest imported register: when they are declared, and again with each import.

That work is due can be read off the rows: a credential without a comparison, or with one of an older import or under an
older name. So nothing is lost by a kill, and the sweep needs no queue.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from experts.credentials.actions.credentials import climb, fall, locked_credential
from experts.credentials.actions.expiry import step_below
from experts.credentials.checkers.registries import Match, matchers
from experts.credentials.enums import REGISTER_OF_KIND, ComparisonOutcome, LadderStep, height
from experts.credentials.models import Comparison, Credential
from experts.credentials.queries import to_compare
from experts.registries.enums import Register
from experts.registries.models import RegistryImport
from experts.registries.queries import latest_import
from marketplace.audit.actions import record
from marketplace.kernel.actors import System

REGISTRY = System("credentials.registries")
SWEEP_LIMIT = 500


def compare_due(*, now: datetime) -> int:
    """Compare the credentials that were not compared with the newest list; return how many. Run by a sweep."""
    done = 0
    for register in Register:
        newest = latest_import(register)
        if newest is None:
            continue
        for pk in list(to_compare(register, newest).values_list("pk", flat=True)[:SWEEP_LIMIT]):
            done += compare_with_registry(credential_pk=pk, now=now) is not None
    return done


@transaction.atomic(durable=True)
def compare_with_registry(*, credential_pk: int, now: datetime) -> Comparison | None:
    """
    Look a credential up in the newest imported register. This function will move it up to “matched” when name and
    number agree, and down with the reason when they do not any more; what differs from the start is left to a person.

    Twice is once. Returns None for kinds without a register, before the first import, and for withdrawn credentials.
    """
    public_id = Credential.objects.values_list("public_id", flat=True).get(pk=credential_pk)
    credential = locked_credential(public_id)
    register = REGISTER_OF_KIND.get(credential.kind)
    newest = latest_import(register) if register else None
    if newest is None or credential.withdrawn_at is not None:
        return None
    name = credential.expert.user.full_name
    before: Comparison | None = Comparison.objects.filter(credential=credential).first()
    if before is not None and before.seen_in_id == newest.pk and before.name == name:
        return before
    match = matchers[credential.kind].match(credential, name)
    facts = {
        "seen_in": newest, "name": name, "outcome": match.outcome, "explanation": match.explanation,
        "evidence": match.evidence, "compared_at": now,
    }  # fmt: skip
    comparison, _is_new = Comparison.objects.update_or_create(credential=credential, defaults=facts)
    if before is None or before.outcome != match.outcome:
        record(what="credentials.compare_with_registry", by=REGISTRY, about=credential, now=now,
               before={"outcome": before.outcome if before else ""},
               after={"outcome": str(match.outcome), "list": str(newest)})  # fmt: skip
    credential.comparison = comparison
    _follow(credential, match, newest, now=now)
    return comparison


def _follow(credential: Credential, match: Match, newest: RegistryImport, *, now: datetime) -> None:
    """Move the credential as the register says. What a person confirmed falls only when the register has ended it."""
    stands = height(credential.step)
    if match.outcome == ComparisonOutcome.MATCHED:
        if stands < height(LadderStep.REGISTRY_MATCHED) and credential.lapsed_at is None:
            climb(credential, LadderStep.REGISTRY_MATCHED, by=REGISTRY, now=now, source=str(newest),
                  seen_on=newest.list_on, explanation=match.explanation)  # fmt: skip
        return
    is_over = match.outcome == ComparisonOutcome.GONE and stands >= height(LadderStep.REGISTRY_MATCHED)
    if is_over or credential.step == LadderStep.REGISTRY_MATCHED:
        step = step_below(credential, LadderStep.REGISTRY_MATCHED)
        fall(credential, step, reason=match.explanation, by=REGISTRY, now=now)
