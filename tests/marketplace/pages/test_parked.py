"""A parked job is never a dead end: an administrator, or finance for its own, sets it due again."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from experts.assessments.models import Recording, ResultEvent
from experts.credentials.models import Document, FileEvent
from experts.profiles.models import ProfileEvent
from experts.resumes.models import Reading
from experts.vetting.models import Check
from marketplace.accounts.models import User
from marketplace.kernel.admin import JobAdmin
from marketplace.kernel.jobs import Job, JobState
from marketplace.notices.models import EmailMessage
from marketplace.privacy.models import DataCopy, ErasureRequest
from payments.gateway.models import StripeEvent
from payments.reports.queries.parked import MONEY_JOBS
from projects.delivery.models import Export
from projects.listings.models import ListingEvent, Meaning
from projects.reach.models import SavedSearch
from projects.work.models import Batch
from tests.factories.experts_assessments import make_interview, send_recording
from tests.factories.experts_credentials import pdf_bytes, upload
from tests.factories.experts_profiles import make_expert
from tests.factories.experts_vetting import make_case
from tests.factories.marketplace_accounts import give_second_factor, make_user
from tests.factories.projects_listings import make_gig
from tests.factories.projects_reach import save
from tests.factories.projects_work import KIND, send_small_file

NOW = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)
FACTS = {"not_before": NOW, "queued_at": NOW}


def an_email() -> Job:
    return EmailMessage.objects.create(to_address="a@b.example", kind="account", subject="S", text="T", **FACTS)


def an_event() -> Job:
    facts = {"stripe_id": "evt_1", "type": "transfer.created", "source": "ACCOUNT", "payload": {}}
    return StripeEvent.objects.create(**facts, created=NOW, received_at=NOW, **FACTS)


def a_document() -> Job:
    return upload(make_expert(), pdf_bytes("cv"), "cv.pdf")


def a_check() -> Job:
    return make_case().checks.order_by("pk").first()


def a_batch() -> Job:
    return send_small_file(make_gig())


def an_export() -> Job:
    project = make_gig()
    facts = {"asked_by_kind": "system", "asked_by_ref": "tests", "asked_at": NOW, "as_of": NOW}
    return Export.objects.create(lab=project.lab, project=project, kind=KIND, state="FAILED", **facts, **FACTS)


def a_profile_event() -> Job:
    return ProfileEvent.objects.create(name="taxonomy_changed", payload={"field_id": 1}, **FACTS)


def a_listing_event() -> Job:
    return ListingEvent.objects.create(name="listing_changed", payload={"number": 2}, **FACTS)


def a_recording() -> Job:
    return send_recording(make_interview())


def a_result() -> Job:
    return ResultEvent.objects.create(name="result_changed", payload={"what": "interview"}, **FACTS)


def a_file_event() -> Job:
    return FileEvent.objects.create(name="resume_accepted", payload={}, **FACTS)


def a_reading() -> Job:
    expert = make_expert()
    return Reading.objects.create(document=upload(expert, pdf_bytes("cv"), "cv.pdf"), expert=expert, **FACTS)


def a_copy() -> Job:
    return DataCopy.objects.create(user=make_user("Somebody"), asked_at=NOW, **FACTS)


def an_erasure() -> Job:
    facts = {"pseudonym": "Deleted person 7f3a", "asked_at": NOW, "due_at": NOW}
    return ErasureRequest.objects.create(user=make_user("Somebody"), **facts, **FACTS)


def a_meaning() -> Job:
    return make_gig().meaning


def a_search() -> Job:
    return save(make_user("Somebody"), "q=chess")


MAKERS = {
    EmailMessage: an_email, StripeEvent: an_event, Document: a_document, Check: a_check, Batch: a_batch, Export: an_export,
    ProfileEvent: a_profile_event, ListingEvent: a_listing_event,
    Recording: a_recording, ResultEvent: a_result, FileEvent: a_file_event, Reading: a_reading,
    DataCopy: a_copy, ErasureRequest: an_erasure, Meaning: a_meaning, SavedSearch: a_search,
}  # fmt: skip


@pytest.fixture
def administrator(client: Client, db: None) -> Client:
    person = User.objects.create_superuser("root@people.example", "correct horse battery")
    give_second_factor(person)
    client.force_login(person)
    return client


def test_every_kind_of_job_can_be_tried_again_somewhere():
    kinds = {model for model in apps.get_models() if issubclass(model, Job)}
    in_the_admin = {model for model in kinds if isinstance(admin.site._registry.get(model), JobAdmin)}
    in_finance = {model for _room, model in MONEY_JOBS.values()}
    assert kinds - in_the_admin - in_finance == set()
    assert in_the_admin == set(MAKERS)


@pytest.mark.parametrize("model", MAKERS, ids=lambda model: model.__name__)
def test_an_administrator_tries_a_parked_job_again_and_changes_nothing_else(administrator: Client, model: type[Job]):
    job = MAKERS[model]()
    mine = model.objects.filter(pk=job.pk)
    mine.update(job_state=JobState.PARKED, attempts=8, last_error="boom")
    where = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    assert "boom" in administrator.get(f"{where}?job_state=PARKED").content.decode()
    assert administrator.get(f"{where}{job.pk}/change/").status_code == 200
    assert administrator.post(f"{where}{job.pk}/change/", {"job_state": "DONE"}).status_code == 403

    administrator.post(where, {"action": "set_due_again", "_selected_action": [job.pk]})

    row = mine.get()
    assert (row.job_state, row.attempts, row.last_error) == (JobState.QUEUED, 0, "boom")
    if model is Export:
        assert row.state == "QUEUED"  # or nobody would write it


def test_a_job_that_is_not_parked_is_left_alone(administrator: Client):
    job = an_email()
    EmailMessage.objects.filter(pk=job.pk).update(job_state=JobState.DONE, attempts=1)
    where = reverse("admin:notices_emailmessage_changelist")
    administrator.post(where, {"action": "set_due_again", "_selected_action": [job.pk]})
    assert EmailMessage.objects.values_list("job_state", "attempts").get(pk=job.pk) == (JobState.DONE, 1)
