"""What may be done with credentials and documents; one file per noun."""

from experts.credentials.actions.credentials import (
    attach_document,
    climb_ladder,
    declare_credential,
    rehash_numbers,
    reveal_number,
    step_down,
    withdraw_credential,
)
from experts.credentials.actions.documents import (
    check_document,
    open_document,
    refuse_parked_documents,
    remove_document,
    upload_document,
)
from experts.credentials.actions.expiry import lapse_confirmations, lapse_expired, renew_credential, warn_of_expiry
from experts.credentials.actions.registry import compare_due, compare_with_registry

__all__ = [
    "attach_document",
    "check_document",
    "climb_ladder",
    "compare_due",
    "compare_with_registry",
    "declare_credential",
    "lapse_confirmations",
    "lapse_expired",
    "open_document",
    "refuse_parked_documents",
    "rehash_numbers",
    "remove_document",
    "renew_credential",
    "reveal_number",
    "step_down",
    "upload_document",
    "warn_of_expiry",
    "withdraw_credential",
]
