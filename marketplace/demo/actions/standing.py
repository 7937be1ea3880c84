"""Standing in the demonstration world: certificates of the first persona, and two people who came through their link."""

from __future__ import annotations

from datetime import datetime, timedelta

from experts.profiles.models import Expert, Field
from marketplace.demo.actions.people import personas
from projects.hiring.models import Contract
from projects.standing.actions import book_rewards, issue_certificate, open_link, register_referral
from projects.standing.enums import NameShown
from projects.standing.models import Certificate
from projects.standing.queries import credentials_to_name

JOINED = timedelta(days=45)
FRIENDS = 2


def make_standing(*, now: datetime) -> None:
    """Let the first persona have two certificates, and invite two colleagues whose hours earn them something."""
    expert = Expert.objects.select_related("user").get(user=personas()["expert"])
    link = open_link(by=expert.user, now=now - JOINED)
    contracts = Contract.objects.exclude(expert=expert).order_by("pk").select_related("expert")
    for friend in list(dict.fromkeys(contract.expert.user_id for contract in contracts))[:FRIENDS]:
        register_referral(user_id=friend, code=link.code, now=now - JOINED)
    book_rewards(now=now)
    if Certificate.objects.filter(expert=expert).exists():
        return
    named = [row.public_id for row in credentials_to_name(expert)]
    cardiology = Field.objects.get(code="cardiology")
    for field, name in ((cardiology, NameShown.INITIALS), (None, NameShown.FULL)):
        issue_certificate(
            expert_id=expert.public_id, field=field, name_shown=name, credential_ids=named, by=expert.user, now=now
        )
