"""A check of an open case looks again when a question about its expert was opened or answered after it looked."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q

from experts.duplicates.models import Question
from experts.vetting.actions.checks import look_again
from experts.vetting.enums import OPEN_CASE_STATES, CheckKind
from experts.vetting.models import Check

SWEEP_LIMIT = 200


def follow_questions(*, now: datetime) -> int:
    """Have stale checks worked once more; return how many. It reads off the rows that they are, so a kill loses nothing."""
    expert = OuterRef("case__expert__user")
    newer = Q(opened_at__gt=OuterRef("checked_at")) | Q(answered_at__gt=OuterRef("checked_at"))
    questions = Question.objects.filter(Q(first=expert) | Q(second=expert), newer)
    stale = Check.objects.filter(
        Exists(questions), kind=CheckKind.DUPLICATE, round=F("case__round"), case__state__in=OPEN_CASE_STATES
    )
    ids = list(stale.order_by("pk").values_list("case__expert__public_id", flat=True)[:SWEEP_LIMIT])
    return sum(look_again(expert_id=expert_id, kind=CheckKind.DUPLICATE, now=now) for expert_id in set(ids))
