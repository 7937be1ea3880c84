"""What may be done with credentials and documents; one file per noun."""

from experts.credentials.actions.credentials import (
    attach_document,
    climb_ladder,
    declare_credential,
    rehash_numbers,
    reveal_number,
    step_down,
    withdraw_credential,
    write_declaration,
)
from experts.credentials.actions.documents import (
    check_document,
    open_document,
    refuse_parked_documents,
    remove_document,
    upload_document,
)
from experts.credentials.actions.events import deliver_event
from experts.credentials.actions.expiry import lapse_confirmations, lapse_expired, renew_credential, warn_of_expiry
from experts.credentials.actions.registry import compare_due, compare_with_registry
from experts.credentials.actions.uploads import (
    complete_upload,
    discard_upload,
    drop_old_uploads,
    start_upload,
    take_piece,
)

__all__ = [
    "attach_document",
    "check_document",
    "climb_ladder",
    "compare_due",
    "compare_with_registry",
    "complete_upload",
    "declare_credential",
    "deliver_event",
    "discard_upload",
    "drop_old_uploads",
    "lapse_confirmations",
    "lapse_expired",
    "open_document",
    "refuse_parked_documents",
    "rehash_numbers",
    "remove_document",
    "renew_credential",
    "reveal_number",
    "start_upload",
    "step_down",
    "take_piece",
    "upload_document",
    "warn_of_expiry",
    "withdraw_credential",
    "write_declaration",
]
