"""What may be done with a lab, its people and its API keys. Each function is one decision, one transaction."""

from projects.labs.actions.invitations import (
    accept_invitation,
    forget_addresses,
    forget_old_invitations,
    invite_member,
    revoke_invitation,
    send_invitation_again,
)
from projects.labs.actions.keys import USE_NOTED_EVERY, create_api_key, note_key_use, revoke_api_key
from projects.labs.actions.labs import change_settings, create_lab
from projects.labs.actions.people import change_role, remove_member

__all__ = [
    "USE_NOTED_EVERY",
    "accept_invitation",
    "change_role",
    "change_settings",
    "create_api_key",
    "create_lab",
    "forget_addresses",
    "forget_old_invitations",
    "invite_member",
    "note_key_use",
    "remove_member",
    "revoke_api_key",
    "revoke_invitation",
    "send_invitation_again",
]
