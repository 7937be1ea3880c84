"""What standing holds of a person: certificates of their work, and who came through their link."""

from __future__ import annotations

from django.db.models import Case, Value, When

from marketplace.kernel.actors import System
from marketplace.kernel.personal import Blank, Delete, Keep, Person, Personal, Room
from projects.standing.actions import erase_certificates

ERASER = System("privacy.eraser")
PROOF = "Rewards stand in the books, which the law keeps. They name two opaque ids and nobody."
PLACE = "Its document is emptied and it is revoked; its place in the public list of revocations has to stay."
STAYS = Case(When(words="", then=Value("")), default=Value("Erased at the request of the person."))


def revoke_certificates(person: Person) -> None:
    """Revoke what was signed and empty the documents: whoever checks one reads that its holder was erased."""
    expert = getattr(person.user, "expert", None)
    if expert is not None:
        erase_certificates(expert_id=expert.public_id, by=ERASER, now=person.now)


ROOM = Room(
    name="standing",
    label="Certificates and referrals",
    close=revoke_certificates,
    acts=("standing.Revocation",),
    tables=(
        Personal("standing.Certificate", Keep(PLACE), person="expert__user", title="Certificates",
                 columns=("public_id", "field__name", "name_shown", "as_of", "document")),
        Personal("standing.ReferralCode", Delete(), person="user", title="Your referral link",
                 columns=("code", "created_at")),
        Personal("standing.Reward", Keep(PROOF), person="referral__referrer", title="Referral rewards",
                 columns=("amount_minor", "currency", "state", "booked_at", "taken_back_at")),
        Personal("standing.Referral", Blank({"words": STAYS}, why=PROOF), person="referrer",
                 title="People who joined through your link", columns=("joined_at", "ends_at", "state")),
        Personal("standing.Referral", Blank({"words": STAYS}, why=PROOF), person="referred",
                 unseen="Whose link you came through is about them."),
    ),
)  # fmt: skip
