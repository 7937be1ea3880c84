"""What accounts hold of a person: the account itself, how they sign in, and from where."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib.auth.hashers import make_password

from marketplace.accounts.actions import forget_sign_ins
from marketplace.accounts.models import User
from marketplace.kernel.personal import Blank, Delete, Keep, Obstacle, Personal, Room


def staff_first_step_down(user: User) -> Iterator[Obstacle]:
    """Staff acts stay in the trail; whoever holds a role hands it back first."""
    if user.is_superuser or user.is_staff or user.role_grants.exists():
        yield Obstacle("You hold a staff role. Ask an administrator to take it back first.")


ROOM = Room(
    name="accounts",
    label="Account and sign-in",
    obstacles=staff_first_step_down,
    also=forget_sign_ins,
    tables=(
        Personal("account.EmailAddress", Delete(), person="user", title="E-mail addresses",
                 columns=("email", "verified", "primary")),
        Personal("mfa.Authenticator", Delete(), person="user", title="Second factors",
                 columns=("type", "created_at", "last_used_at")),
        Personal("socialaccount.SocialAccount", Delete(), person="user", title="Sign-in with other sites",
                 columns=("provider", "uid", "date_joined", "last_login")),
        Personal("usersessions.UserSession", Delete(), person="user", title="Signed-in devices",
                 columns=("created_at", "last_seen_at", "ip", "user_agent")),
        Personal("accounts.StaffRole", Delete(), person="user", title="Staff roles", columns=("role", "granted_at")),
        Personal("admin.LogEntry", Keep("It says what was changed in the admin, and names the pseudonym."), person="user",
                 unseen="Only staff have such entries, and they are about others."),
        Personal(
            "accounts.User",
            Blank(
                {
                    "email": lambda person: f"erased-{person.user.public_id}@erased.invalid",
                    "full_name": lambda person: person.pseudonym,
                    "password": lambda _person: make_password(None),
                    "time_zone": "UTC",
                    "last_login": None,
                    "is_active": False,
                },
                why="Ledger, contracts and accepted work name the account; from now on it has a pseudonym.",
            ),
            ref="public_id",
            title="Account",
            columns=("public_id", "full_name", "email", "time_zone", "date_joined", "last_login"),
        ),
    ),
)  # fmt: skip
