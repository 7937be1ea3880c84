"""What vetting holds of a person: cases with what was decided, and screenings against the sanctions list."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import CharField, Value
from django.db.models.functions import Cast, Concat

from experts.vetting.enums import BLOCKING_HITS
from experts.vetting.models import Hit
from marketplace.accounts.models import User
from marketplace.kernel.personal import Blank, Delete, Obstacle, Personal, Room

SCREENED = (
    "The law on sanctions wants the proof that people were screened before they were paid, for ten years (31 CFR 501.601). "
    "List, day and score stay; the name goes."
)
ERASED = "Erased at the request of the person."


def settle_first(user: User) -> Iterator[Obstacle]:
    """While somebody compares a person with a sanctions list, nothing of it may vanish. It is not said what is looked at."""
    if Hit.objects.filter(expert__user=user, state__in=BLOCKING_HITS).exists():
        yield Obstacle("We are looking at something in your account. Erasing goes on when that is settled.")


ROOM = Room(
    name="vetting",
    label="Vetting",
    obstacles=settle_first,
    tables=(
        Personal("vetting.Answer", Delete(), person="decision__about", title="Your answers", columns=("text", "answered_at")),
        Personal("vetting.Appeal", Delete(), person="about", title="Appeals",
                 columns=("case__number", "text", "filed_at", "outcome", "reason", "judged_at")),
        Personal("vetting.Opinion", Delete(), person="about",
                 unseen="Advice of one colleague to another. What counted for you stands in the decision."),
        Personal("vetting.Decision", Delete(), person="about", title="Decisions",
                 columns=("case__number", "outcome", "reason_code", "reason", "decided_at")),
        Personal("vetting.Check", Delete(), person="case__expert__user", title="Checks",
                 columns=("case__number", "kind", "result", "explanation", "checked_at")),
        Personal("vetting.Case", Delete(), person="expert__user", title="Cases",
                 columns=("number", "field__name", "state", "opened_at", "due_at", "decided_at")),
        Personal("vetting.HitDecision", Blank({"reason": ERASED}, why=SCREENED), person="about",
                 unseen="What staff noted about a name on a list, which names others."),
        Personal("vetting.Hit", Blank({"own_name": lambda person: person.pseudonym}, why=SCREENED), person="expert__user",
                 unseen="It names the people of the list."),
        Personal("vetting.Screening",
                 Blank({"name": Concat(Value("erased "), Cast("pk", CharField()))}, why=SCREENED),
                 person="expert__user", title="Screenings",
                 columns=("seen_in__register", "seen_in__list_on", "name", "screened_at")),
    ),
)  # fmt: skip
