"""What assessments hold of a person: what was asked of them, and what they answered."""

from __future__ import annotations

from marketplace.kernel.personal import Delete, Personal, Room

ROOM = Room(
    name="assessments",
    label="Assessments and interviews",
    acts=("assessments.Question", "assessments.QuestionVersion", "assessments.Assessment", "assessments.AssessmentVersion",
          "assessments.Guide", "assessments.GuideVersion"),
    tables=(
        Personal("assessments.Recording", Delete(), person="answer__interview__expert__user", title="Recordings",
                 files=("file",), columns=("state", "media_type", "size_bytes", "uploaded_at")),
        Personal("assessments.InterviewAnswer", Delete(), person="interview__expert__user", title="Interview answers",
                 columns=("question", "text", "saved_at", "credit_bps")),
        Personal("assessments.AttemptQuestion", Delete(), person="attempt__expert__user", title="Assessment answers",
                 columns=("attempt__public_id", "position", "answer", "saved_at", "credit_bps")),
        Personal("assessments.Sheet", Delete(), person="about", unseen="What two people noted while they scored blindly."),
        Personal("assessments.Script", Delete(), person="about", unseen="The same answers again, without a name."),
        Personal("assessments.Attempt", Delete(), person="expert__user", title="Attempts at assessments",
                 columns=("public_id", "assessment__current__title", "number", "state", "started_at", "closed_at",
                          "score_bps", "has_passed")),
        Personal("assessments.Interview", Delete(), person="expert__user", title="Interviews",
                 columns=("guide__current__title", "state", "started_at", "closed_at", "score_bps")),
        Personal("assessments.Ask", Delete(), person="expert__user", title="What was asked of you",
                 columns=("field__name", "purpose_kind", "unpaid_minutes", "opened_at", "closed_at")),
        Personal("assessments.Accommodation", Delete(), person="expert__user", title="Accommodations",
                 columns=("state", "words", "asked_at", "answered_at", "answer")),
    ),
)  # fmt: skip
