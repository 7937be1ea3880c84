"""Celery's way in."""

from __future__ import annotations

from celery import shared_task

from marketplace.kernel import clock


@shared_task(name="credentials.check_document")
def check_document(*, document_id: str, **_from_newer_senders: object) -> None:
    from experts.credentials import actions  # task calls action

    actions.check_document(document_id=int(document_id), now=clock.now())


@shared_task(name="credentials.compare_credential")
def compare_credential(*, credential_id: str, **_from_newer_senders: object) -> None:
    from experts.credentials import actions  # task calls action

    actions.compare_with_registry(credential_pk=int(credential_id), now=clock.now())


@shared_task(name="credentials.deliver_event")
def deliver_event(*, event_id: str, **_from_newer_senders: object) -> None:
    from experts.credentials import actions  # task calls action

    actions.deliver_event(event_id=int(event_id), now=clock.now())
