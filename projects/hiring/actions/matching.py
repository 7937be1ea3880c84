"""Publishing another version of the weights by which candidates are ranked."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Max

from marketplace.accounts.models import User
from marketplace.audit.actions import record
from marketplace.kernel.errors import Invalid, NotAllowed
from projects.hiring.figures import WEIGHT_MAX, Weights
from projects.hiring.models import MatchWeights
from projects.hiring.models.matching import PARTS


@transaction.atomic(durable=True)
def publish_weights(*, values: Weights, reason: str, by: User, now: datetime) -> MatchWeights:
    """
    Publish weights that count from now on. Earlier versions stay, so that every rank can be worked out again.

    :raises NotAllowed: for everybody but superusers, who edit what the whole product goes by.
    :raises Invalid: if a weight is out of range, or a record would outweigh what a project requires.
    """
    if not by.is_superuser:
        raise NotAllowed("Only administrators change how candidates are ranked.")
    if not reason.strip():
        raise Invalid("Say why, in a sentence: labs and experts read it.", field="reason")
    if any(not 0 <= getattr(values, part) <= WEIGHT_MAX for part in PARTS) or not 0 <= values.newcomer_percent <= 100:
        raise Invalid(f"Each weight is from 0 to {WEIGHT_MAX} points.")
    if values.accepted > values.required:
        raise Invalid("A record here must not weigh more than what a project requires.", field="accepted")
    list(MatchWeights.objects.newest_first().select_for_update()[:1])  # two administrators number them one by one
    latest = MatchWeights.objects.aggregate(latest=Max("version"))["latest"] or 0
    weights: MatchWeights = MatchWeights.objects.create(
        version=latest + 1, reason=reason.strip(), published_at=now, published_by=by,
        newcomer_percent=values.newcomer_percent, **{part: getattr(values, part) for part in PARTS},
    )  # fmt: skip
    record(
        what="hiring.publish_weights", by=by, about=("matchweights", weights.version), now=now,
        after={part: getattr(values, part) for part in (*PARTS, "newcomer_percent")},
    )  # fmt: skip
    return weights
