"""
Who may open what: every address of ours stands here under its door, with the answer for each role.

An address that is not here fails the build, so opening or adding one is a decision.
"""

from __future__ import annotations

from typing import Final

ROLES: Final = (
    "visitor", "stranger", "foreign-owner", "expert", "lab-owner", "lab-reviewer", "vetting", "preparer", "approver",
)  # fmt: skip
"""stranger: an expert with nothing to do with any of it; foreign-owner: the owner of another lab."""

MEMBERS: Final = frozenset({"lab-owner", "lab-reviewer"})
FINANCE: Final = frozenset({"preparer", "approver"})

INSIDERS: Final[dict[str, frozenset[str]]] = {
    "open": frozenset(ROLES),
    "person": frozenset(ROLES) - {"visitor"},
    "own": frozenset({"expert"}),
    "lab": MEMBERS,
    "manager": frozenset({"lab-owner"}),
    "vetting": frozenset({"vetting"}),
    "finance": FINANCE,
    "support": frozenset(),  # no role of this test is support; tests/marketplace/privacy opens these pages
    "key": frozenset(),
    "token": frozenset(),
    "stripe": frozenset(),
}
"""Which roles stand behind a door. Everybody else is refused: 302 to sign-in, 403 or 404, never more."""

MATRIX: Final[dict[str, list[str]]] = {
    "open": [
        "pages:home", "pages:how_it_works", "pages:how_pay_works", "pages:help", "pages:", "pages:legal",
        "pages:robots", "pages:security_txt", "pages:healthz", "pages:readyz", "pages:palette", "listings:board",
        "listings:detail", "listings:field", "listings:fields", "labs:public", "notices:unsubscribe",
        "vetting:how",
        "standing:verify", "standing:verify_one", "standing:json", "standing:revocations", "standing:did",
        "hiring:lab_ratings", "standing:checker", "standing:invited", "standing:invited_to",
        "reach:stop", "reach:feed", "reach:gig_picture", "reach:field_picture", "reach:share", "reach:short",
        "reach:sitemap", "reach:sitemap_part",
        "labs:join", "listings:changes", "standing:lab_fairness", "standing:lab_fairness_json", "standing:gig_fairness",
        "standing:gig_fairness_json",
    ],
    "person": [
        "pages:expert_home", "notices:inbox", "notices:preferences", "notices:read_all", "profiles:edit",
        "profiles:start", "profiles:save", "profiles:claim", "profiles:all_fields", "profiles:find_fields",
        "profiles:open", "profiles:steps", "profiles:step", "profiles:entry_add", "credentials:list",
        "credentials:choose", "credentials:declare", "credentials:upload_resume", "credentials:upload_start",
        "resumes:list", "resumes:hint", "resumes:accept_section", "vetting:mine", "vetting:ask",
        "vetting:steps", "hiring:apply", "hiring:applications", "hiring:invitations", "hiring:contracts", "work:queue", "hours:week",
        "hours:entry_add", "hours:timer", "hours:timer_beat", "hours:timer_start", "hours:timer_stop",
        "hours:earnings", "payouts:account", "payouts:account_start", "payouts:account_again",
        "payouts:account_details", "payouts:account_return", "labs:choose", "labs:create", "assessments:mine",
        "assessments:accommodations", "standing:certificates", "standing:new", "standing:referrals",
        "standing:open_link", "support:end", "standing:share", "reach:searches", "reach:new",
        "reach:keep",  # a visitor presses it, too, and is led to sign-up
        "assessments:accommodations", "privacy:mine", "privacy:ask_for_copy", "privacy:erase",
    ],
    "own": [
        # These answer 404 to who has no copy and no open request, which in this world is everybody.
        "privacy:progress", "privacy:download", "privacy:take_back",
        "notices:open", "profiles:entry", "profiles:entry_remove", "credentials:attach", "credentials:document",
        "credentials:document_state", "credentials:upload", "credentials:upload_discard", "resumes:change",
        "resumes:accept", "resumes:dismiss", "resumes:restore", "credentials:remove", "credentials:renew", "credentials:withdraw",
        "vetting:own_case", "vetting:answer", "vetting:progress", "vetting:appeal",
        "vetting:withdraw", "hiring:invitation", "hiring:invitation_decline", "hiring:unmute", "hiring:application", "hiring:application_withdraw", "hiring:offer", "hiring:offer_sign",
        "hiring:offer_accept", "hiring:offer_decline", "hiring:contract", "hiring:contract_end", "hiring:record",
        "hiring:contract_pdf", "hiring:amendment_accept", "hiring:amendment_decline", "hiring:rate", "hiring:rating_reply",
        "hiring:rating_report", "work:start",
        "work:workbench", "work:draft", "work:beat", "work:compare", "work:submit", "work:skip", "work:take_back",
        "hours:entry", "hours:entry_remove", "hours:week_submit", "hours:week_reopen", "hours:payslip",
        "assessments:withdraw", "assessments:start", "assessments:attempt", "assessments:question",
        "assessments:submit", "assessments:pause", "assessments:resume", "assessments:interview_start",
        "assessments:interview", "assessments:interview_answer", "assessments:interview_upload",
        "assessments:interview_submit", "assessments:recording", "assessments:recording_remove",
        "standing:certificate", "standing:pdf", "standing:take_back",
        "reach:search", "reach:edit", "reach:run", "reach:pause", "reach:resume", "reach:delete",
    ],
    "lab": [
        "labs:member_role", "labs:member_remove", "labs:settings", "labs:keys", "listings:preview",
        # These five may be read by every member; changing anything there is refused by the action, and keys are not listed.
        "pages:lab_overview", "listings:projects", "listings:project", "listings:versions",
        "labs:members", "hiring:candidates", "hiring:candidate", "hiring:board", "hiring:candidates_csv", "hiring:lab_contracts",
        "hiring:lab_contract", "work:batches", "work:batch", "work:tasks", "work:task", "work:batch_progress",
        "work:review_queue", "work:review", "work:review_next", "work:review_take", "work:review_put_back",
        "work:review_decide", "delivery:exports", "hiring:note_add", "hiring:note_remove", "hiring:score",
        "delivery:export", "delivery:export_download", "delivery:export_progress",
    ],
    "manager": [
        "listings:funding", "listings:lab_funding", "listings:deposit", "hours:lab_hours", "hours:statement",
        "hours:statement_csv",
        "listings:create", "listings:edit", "listings:publish", "listings:pause", "listings:reopen", "listings:close",
        "listings:take_back", "labs:key_revoke", "labs:invitation_again", "labs:invitation_revoke",
        "hiring:bulk", "hiring:undo", "hiring:criteria", "hiring:matches", "hiring:invite", "hiring:invitation_withdraw",
        "hiring:shortlist", "hiring:decline", "hiring:make_offer", "hiring:offer_withdraw", "hiring:contract_pause",
        "hiring:contract_resume", "hiring:lab_contract_end", "hiring:amend", "hiring:amendment_withdraw", "hiring:lab_record",
        "hiring:lab_contract_pdf", "hiring:lab_rate", "hiring:lab_rating_reply", "hiring:lab_rating_report",
        "work:batch_upload", "work:batch_columns",
        "work:batch_finalize", "work:batch_pause", "work:batch_resume", "work:batch_cancel", "work:task_cancel",
        "work:task_reopen", "hours:approve",
    ],
    "vetting": [
        "vetting:queue", "vetting:decided", "vetting:case", "vetting:claim", "vetting:release", "vetting:decide",
        "vetting:climb", "vetting:fall", "vetting:reveal", "vetting:rechecks", "vetting:hits", "vetting:hit",
        "vetting:hit_decide", "credentials:staff_document",
        "vetting:next", "vetting:workload", "vetting:keep", "vetting:take_over", "vetting:opinion_ask",
        "vetting:opinion_give", "vetting:opinion_withdraw", "vetting:judge", "vetting:retry", "vetting:read",
        "vetting:hit_decide", "duplicates:queue", "duplicates:question", "duplicates:answer", "credentials:staff_document",
        "profiles:taxonomy", "profiles:taxonomy_add", "profiles:taxonomy_field", "profiles:taxonomy_merge",
        "profiles:taxonomy_retire", "profiles:taxonomy_restore", "profiles:taxonomy_remove",
        "assessments:bank", "assessments:question_new", "assessments:question_edit", "assessments:question_preview",
        "assessments:question_publish", "assessments:question_retire", "assessments:papers", "assessments:paper_new",
        "assessments:paper_edit", "assessments:paper_publish", "assessments:paper_retire", "assessments:scoring",
        "assessments:script", "assessments:script_take", "assessments:script_put_back",
        "assessments:script_recording", "assessments:statistics", "assessments:requests", "assessments:request",
        "listings:reviews", "listings:review",
        "standing:staff_certificates", "standing:staff_certificate", "standing:staff_referrals",
        "standing:staff_referral", "hiring:rating_reports", "hiring:rating_decide",
    ],
    "finance": [
        "reports:cockpit", "reports:index", "reports:report", "reports:report_csv", "reports:ledger",
        "reports:accounts", "reports:account", "reports:account_csv", "reports:entry", "reports:at_stripe",
        "reports:check_now", "reports:parked", "reports:try_again", "payouts:runs", "payouts:draft", "payouts:run", "payouts:run_live",
        "payouts:run_log", "payouts:item", "payouts:compute", "payouts:approve", "payouts:execute", "payouts:pause",
        "payouts:resume", "payouts:cancel", "payouts:close", "payouts:reconcile", "payouts:retry", "payouts:holds",
        "payouts:place_hold", "payouts:release_hold", "payouts:corrections", "payouts:ask_correction",
        "payouts:post_correction", "payouts:decline_correction",
    ],
    "support": ["privacy:requests", "privacy:request", "privacy:reveal", "support:people", "support:look", "support:looks"],
    "token": ["pages:metrics"],
    "stripe": ["gateway:webhook", "gateway:thin_webhook"],
}  # fmt: skip


NO_MONEY: Final = frozenset({"hiring:lab_contracts", "hiring:lab_contract", "hiring:candidate"})
"""Pages behind the door of the lab that show rates and fees to owners and managers only (design 2.1)."""


def door_of(name: str) -> str | None:
    """Return the door of an address by its URL name; the API's stand behind keys; None if it is not in the matrix."""
    if name.startswith("api:"):
        return "key"
    return next((door for door, names in MATRIX.items() if name in names), None)
