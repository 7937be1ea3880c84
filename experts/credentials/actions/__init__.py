"""What may be done with credentials and documents; one file per noun."""

from experts.credentials.actions.credentials import (
    attach_document,
    climb_ladder,
    declare_credential,
    reveal_number,
    step_down,
    step_down_expired,
    withdraw_credential,
)
from experts.credentials.actions.documents import (
    check_document,
    open_document,
    refuse_parked_documents,
    remove_document,
    upload_document,
)

__all__ = [
    "attach_document",
    "check_document",
    "climb_ladder",
    "declare_credential",
    "open_document",
    "refuse_parked_documents",
    "remove_document",
    "reveal_number",
    "step_down",
    "step_down_expired",
    "upload_document",
    "withdraw_credential",
]
