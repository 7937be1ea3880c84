"""Questions about assessments that other rooms ask too, and what the pages show."""

from experts.assessments.queries.asked import (
    Asked,
    AskedInterview,
    AskedPaper,
    Standing,
    asks_of,
    fields_with_papers,
    papers_of,
    pool_of,
    standing_of,
    unpaid_minutes_of_field,
    words_for,
)
from experts.assessments.queries.results import AssessmentResult, InterviewResult, assessment_results, interview_result
from experts.assessments.queries.scripts import (
    Agreement,
    Item,
    agreement_of,
    items_of,
    queue_for,
    requests_for_badge,
    scripts_for_badge,
    settled_scripts,
    sheet_of,
)
from experts.assessments.queries.statistics import ItemFigures, agreement_overall, figures_of_field

__all__ = [
    "Agreement",
    "Asked",
    "AskedInterview",
    "AskedPaper",
    "AssessmentResult",
    "InterviewResult",
    "Item",
    "ItemFigures",
    "Standing",
    "agreement_of",
    "agreement_overall",
    "asks_of",
    "assessment_results",
    "fields_with_papers",
    "figures_of_field",
    "interview_result",
    "items_of",
    "papers_of",
    "pool_of",
    "queue_for",
    "requests_for_badge",
    "scripts_for_badge",
    "settled_scripts",
    "sheet_of",
    "standing_of",
    "unpaid_minutes_of_field",
    "words_for",
]  # fmt: skip
