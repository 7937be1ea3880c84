"""What may be done about two accounts that have something in common."""

from experts.duplicates.actions.identifiers import drop_old_hashes, forget_person, note_identifier, take_in_due
from experts.duplicates.actions.questions import answer_question

__all__ = ["answer_question", "drop_old_hashes", "forget_person", "note_identifier", "take_in_due"]
