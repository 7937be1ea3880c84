"""What is known of one credential: its number, its document, its place on the ladder, its expiry."""

from __future__ import annotations

from experts.credentials.checkers import checker_for
from experts.credentials.enums import DocumentState, LadderStep
from experts.credentials.models import Credential
from experts.vetting.checks.base import Finding, NotYet, attention, needs_person, passed
from experts.vetting.models import Check

SEEN = (LadderStep.DOCUMENT_SEEN, LadderStep.REGISTRY_MATCHED, LadderStep.CONFIRMED)


def look_at_credential(check: Check) -> Finding:
    """Return what the checker says of the number, and what a person has said before."""
    credential = check.credential
    if credential is None or credential.withdrawn_at is not None:
        return attention("The expert withdrew it.")
    document = credential.document
    if document is not None and document.state == DocumentState.QUARANTINED:
        raise NotYet("Its document is still being checked.")
    evidence = {
        "credential": str(credential.public_id),
        "step": credential.step,
        "expires_on": credential.expires_on.isoformat() if credential.expires_on else "",
        "document": str(document.public_id) if document else "",
    }
    if credential.expires_on is not None and credential.expires_on < check.case.opened_at.date():
        return attention(f"It expired on {credential.expires_on:%d %b %Y}.", **evidence)
    return _by_its_place(credential, evidence)


def _by_its_place(credential: Credential, evidence: dict[str, str]) -> Finding:
    outcome = checker_for(credential.kind).check(credential)
    evidence = evidence | {"source": outcome.source}
    behind = "A document stands behind it." if credential.document else "No document was sent."
    if credential.step in SEEN:
        return passed(f"It stands at “{credential.get_step_display()}” from an earlier look. {behind}", **evidence)
    if outcome.ok is False:
        return attention(f"{outcome.explanation} {behind}", **evidence)
    if outcome.ok is None:
        return needs_person(f"{outcome.explanation} {behind}", **evidence)
    return passed(f"{outcome.explanation} {behind}", **evidence)
