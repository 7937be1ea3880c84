"""The only code of this area that writes."""

from experts.assessments.actions.accommodations import (
    answer_accommodation,
    ask_accommodation,
    withdraw_accommodation,
)
from experts.assessments.actions.asks import close_ask, open_ask
from experts.assessments.actions.attempts import (
    close_overdue_attempts,
    pause_attempt,
    resume_attempt,
    save_answer,
    start_attempt,
    submit_attempt,
)
from experts.assessments.actions.authoring import create_authored, publish_authored, retire_authored, save_authored
from experts.assessments.actions.events import deliver_event
from experts.assessments.actions.interviews import (
    close_overdue_interviews,
    save_interview_answer,
    start_interview,
    submit_interview,
)
from experts.assessments.actions.promises import remind_of_overdue_requests, remind_of_overdue_scripts
from experts.assessments.actions.recordings import (
    check_recording,
    open_recording,
    refuse_parked_recordings,
    remove_recording,
    upload_recording,
)
from experts.assessments.actions.scoring import put_back_script, score_script, take_script

__all__ = [
    "answer_accommodation",
    "ask_accommodation",
    "check_recording",
    "close_ask",
    "close_overdue_attempts",
    "close_overdue_interviews",
    "create_authored",
    "deliver_event",
    "open_ask",
    "open_recording",
    "pause_attempt",
    "publish_authored",
    "put_back_script",
    "refuse_parked_recordings",
    "remind_of_overdue_requests",
    "remind_of_overdue_scripts",
    "remove_recording",
    "resume_attempt",
    "retire_authored",
    "save_answer",
    "save_authored",
    "save_interview_answer",
    "score_script",
    "start_attempt",
    "start_interview",
    "submit_attempt",
    "submit_interview",
    "take_script",
    "upload_recording",
    "withdraw_accommodation",
]  # fmt: skip
