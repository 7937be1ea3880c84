"""What may be done with a person's data: given to them, and erased. One file per noun."""

from marketplace.privacy.actions.copies import (
    expire_copies,
    give_up_parked_copies,
    record_download,
    request_copy,
    try_copies_again,
    write_copy,
)
from marketplace.privacy.actions.erasing import erase_person, reapply_erasure
from marketplace.privacy.actions.requests import cancel_erasure, request_erasure
from marketplace.privacy.actions.restricted import drop_outlived_identities, reveal_identity

__all__ = [
    "cancel_erasure",
    "drop_outlived_identities",
    "erase_person",
    "expire_copies",
    "give_up_parked_copies",
    "reapply_erasure",
    "record_download",
    "request_copy",
    "request_erasure",
    "reveal_identity",
    "try_copies_again",
    "write_copy",
]
