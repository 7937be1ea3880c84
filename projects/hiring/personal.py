"""What hiring holds of a person: applications, and the contracts that came of them."""

from __future__ import annotations

from collections.abc import Iterator

from experts.profiles.models import Expert
from marketplace.accounts.models import User
from marketplace.kernel.personal import Blank, Delete, Obstacle, Person, Personal, Room
from marketplace.notices.actions import forget_words
from projects.hiring.actions.applications import withdraw_application
from projects.hiring.actions.invitations import decline_invitation
from projects.hiring.enums import LIVE_APPLICATION_STATES, ApplicationState, ContractState
from projects.hiring.models import Application, Contract, GigInvitation

AMONG_THEMSELVES = "What members of a lab wrote to each other. What they decided, and why, stands in the application."
RATED = "The averages of both sides count it, without a word of it."
AGREED = "A contract is kept as long as either side may have to prove it. It names the pseudonym."


def end_contracts_first(user: User) -> Iterator[Obstacle]:
    """Whoever still works under a contract ends it first, so that the lab is not left waiting."""
    running = Contract.objects.filter(expert__user=user).exclude(state=ContractState.ENDED)
    for contract in running.select_related("project").order_by("pk"):
        yield Obstacle(f"Your contract for “{contract.project.title}” is still running. End it first.",
                       f"/me/contracts/{contract.public_id}/")  # fmt: skip


def withdraw_what_is_open(person: Person) -> None:
    """Take back the applications that still wait and decline invitations, so that no lab decides about somebody who is gone."""
    live = LIVE_APPLICATION_STATES - {ApplicationState.HIRED}
    for application in Application.objects.filter(expert__user=person.user, state__in=live).order_by("pk"):
        withdraw_application(application_id=application.public_id, by=person.user, now=person.now)
    for invitation in GigInvitation.objects.of_expert(person.user).open().order_by("pk"):
        decline_invitation(invitation_id=invitation.public_id, mute=False, by=person.user, now=person.now)


def forget_in_notices_to_labs(person: Person) -> None:
    """Labs were told of a candidate by their headline; those notices now tell of the pseudonym."""
    applications = (
        Application.objects.filter(expert__user=person.user).order_by("pk").values_list("public_id", flat=True)
    )
    invited = GigInvitation.objects.of_expert(person.user).order_by("pk").values_list("project__public_id", flat=True)
    headlines = Expert.objects.filter(user=person.user).values_list("headline", flat=True)
    forget_words(words=list(headlines), pseudonym=person.pseudonym, about=[*applications, *invited])


ROOM = Room(
    name="hiring",
    label="Applications and contracts",
    obstacles=end_contracts_first,
    close=withdraw_what_is_open,
    also=forget_in_notices_to_labs,
    acts=("hiring.Criteria", "hiring.MatchWeights"),
    tables=(
        Personal("hiring.GigInvitation", Delete(), person="expert__user", title="Invitations to gigs",
                 columns=("project__title", "project__lab__name", "state", "message", "sent_at", "answered_at", "rank", "points",
                          "weights__version")),
        Personal("hiring.LabMute", Delete(), person="expert__user", title="Labs you muted",
                 columns=("lab__name", "muted_at")),
        Personal("hiring.CandidateNote", Delete(), person="application__expert__user", unseen=AMONG_THEMSELVES),
        Personal("hiring.Scorecard", Delete(), person="about", unseen=AMONG_THEMSELVES),
        Personal("hiring.HeldDecision", Delete(), person="application__expert__user",
                 unseen="What was decided and told stands in the application; what was undone never counted."),
        Personal("hiring.Application",
                 Blank({"note": "", "answers": [], "conflicts": ""}, why="The lab's pipeline counts it, without a word of it."),
                 person="expert__user", title="Applications",
                 columns=("project__title", "state", "note", "answers", "conflicts", "submitted_at", "decided_at",
                          "decline_reason")),
        Personal("hiring.Offer", Blank({"message": ""}, why=AGREED), person="application__expert__user", title="Offers",
                 columns=("application__project__title", "state", "rate_minor", "currency", "starts_on", "ends_on", "sent_at",
                          "answered_at")),
        Personal("hiring.TermsSignature",
                 Blank({"typed_name": lambda person: person.pseudonym, "address": ""}, why=AGREED), person="user",
                 title="Signatures", columns=("typed_name", "text_sha256", "signed_at", "address")),
        Personal("hiring.Amendment", Blank({"reason": ""}, why=AGREED), person="contract__expert__user", title="Amendments",
                 columns=("contract__project__title", "state", "rate_minor", "weekly_cap_minutes", "ends_on",
                          "effective_from", "reason", "proposed_at", "answered_at")),
        Personal("hiring.Rating", Blank({"words": "", "reply": "", "flag_reason": "", "decided_why": ""}, why=RATED),
                 person="contract__expert__user", title="Ratings", only={"revealed_at__isnull": False},
                 columns=("contract__project__title", "side", "stars", "words", "reply", "given_at", "revealed_at")),
        Personal("hiring.Contract", Blank({"end_reason": ""}, why=AGREED), person="expert__user", title="Contracts",
                 columns=("project__title", "alias", "state", "currency", "started_at", "ends_at", "ended_at", "end_code",
                          "end_reason")),
    ),
)  # fmt: skip
