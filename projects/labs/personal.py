"""What labs hold of a person: to which ones they belong."""

from __future__ import annotations

from collections.abc import Iterator

from marketplace.accounts.models import User
from marketplace.kernel.personal import Delete, Obstacle, Person, Personal, Room
from projects.labs.actions import forget_addresses
from projects.labs.enums import LabRole
from projects.labs.models import Membership


def hand_over_first(user: User) -> Iterator[Obstacle]:
    """A lab without an owner could do nothing more, so its last one hands it over."""
    for own in Membership.objects.filter(user=user, role=LabRole.OWNER).select_related("lab").order_by("lab__name"):
        others = Membership.objects.filter(lab=own.lab, role=LabRole.OWNER).exclude(user=user)
        if not others.exists():
            yield Obstacle(f"You are the only owner of {own.lab.name}. Make somebody else an owner first.",
                           f"/lab/{own.lab.slug}/members/")  # fmt: skip


def forget_invitations(person: Person) -> None:
    """Invitations that went to an address of the person hold nothing but that address."""
    forget_addresses(person.names)


ROOM = Room(
    name="labs",
    label="Labs",
    obstacles=hand_over_first,
    also=forget_invitations,
    acts=("labs.Lab", "labs.ApiKey"),
    tables=(
        Personal(
            "labs.Membership", Delete(), person="user", title="Memberships", columns=("lab__name", "role", "joined_at")
        ),
        Personal(
            "labs.Invitation",
            Delete(),
            person="accepted_by",
            title="Invitations to labs",
            columns=("lab__name", "role", "email", "invited_at", "accepted_at"),
        ),
    ),
)
