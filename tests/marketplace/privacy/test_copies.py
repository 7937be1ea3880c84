"""A copy of one's data: everything of oneself, nothing of anybody else, one at a time, gone again after a week."""

from __future__ import annotations

import gc
import io
import json
import tracemalloc
import zipfile
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage

from experts.profiles.models import WorkEntry
from marketplace.audit.models import AuditEvent
from marketplace.kernel.errors import NotAllowed, WrongState
from marketplace.kernel.jobs import MAX_ATTEMPTS, JobState
from marketplace.notices.models import Notification
from marketplace.privacy import actions
from marketplace.privacy.enums import CopyState
from marketplace.privacy.models import DataCopy
from tests.factories.experts_profiles import NOW, make_expert, make_person, make_work
from tests.factories.marketplace_privacy import make_copy, make_whole_person

pytestmark = pytest.mark.django_db


def opened(copy: DataCopy) -> dict[str, bytes]:
    with copy.file.open("rb") as file, zipfile.ZipFile(io.BytesIO(file.read())) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_it_holds_everything_of_the_person_and_nothing_of_the_other():
    mine, _theirs = make_whole_person("Quillonby"), make_whole_person("Zabriskie", licence="230999")
    files = opened(make_copy(mine))
    whole = b"\n".join(files.values())
    assert b"Zabriskie" not in whole
    assert b"zabriskie" not in whole
    assert b"230999" not in whole
    for name in files:
        if name.endswith(".json"):
            json.loads(files[name])
    profile = json.loads(files["data/profiles.json"])["tables"]
    assert profile["Work history"][0]["organisation"] == "Clinic Quillonby"
    assert profile["Conflicts"][0]["organisation"] == "Rival Quillonby"
    credentials = json.loads(files["data/credentials.json"])["tables"]
    assert credentials["Credentials"][0]["number"] == "220148"
    assert json.loads(files["data/accounts.json"])["tables"]["Account"][0]["email"] == "quillonby@people.example"
    assert json.loads(files["data/hiring.json"])["tables"]["Signatures"][0]["typed_name"] == "Wren Quillonby"
    assert "Clinic Quillonby" in files["index.html"].decode()


def test_the_files_of_the_person_come_with_it_and_the_rows_name_them():
    files = opened(make_copy(make_whole_person("Quillonby")))
    row = json.loads(files["data/credentials.json"])["tables"]["Documents"][0]
    name = row["file_in_this_archive"]
    assert name.endswith("-resume.docx")
    assert files[name].startswith(b"PK")


def test_what_staff_are_told_of_others_is_left_out():
    person = make_whole_person("Quillonby")
    staff = Notification.objects.get(kind="vetting_queue", title="Look at Wren Quillonby").user
    assert b"Quillonby" not in b"\n".join(opened(make_copy(staff)).values())
    assert person.pk != staff.pk


def test_one_at_a_time():
    person = make_person()
    actions.request_copy(by=person, now=NOW)
    with pytest.raises(WrongState):
        actions.request_copy(by=person, now=NOW)


def test_the_person_is_told_and_every_step_stands_in_the_trail():
    person = make_person()
    copy = make_copy(person)
    assert (copy.state, copy.job_state, copy.expires_at) == (CopyState.READY, JobState.DONE, NOW + timedelta(days=7))
    assert list(Notification.objects.filter(user=person).values_list("title", flat=True)) == [
        "The copy of your data is ready"
    ]
    actions.record_download(copy=copy, by=person, now=NOW)
    trail = AuditEvent.objects.about("datacopy", copy.public_id).values_list("what", flat=True)
    assert set(trail) == {"privacy.request_copy", "privacy.finish_copy", "privacy.download_copy"}


def test_nobody_else_takes_it_and_nobody_after_a_week():
    person = make_person()
    copy = make_copy(person)
    with pytest.raises(NotAllowed):
        actions.record_download(copy=copy, by=make_person("Somebody Else"), now=NOW)
    with pytest.raises(WrongState):
        actions.record_download(copy=copy, by=person, now=NOW + timedelta(days=8))


def test_after_a_week_the_file_is_swept():
    copy = make_copy(make_person())
    name = copy.file.name
    assert actions.expire_copies(now=NOW + timedelta(days=6)) == 0
    assert default_storage.exists(name)
    assert [actions.expire_copies(now=NOW + timedelta(days=7)) for _ in range(2)] == [1, 0]
    copy.refresh_from_db()
    assert (copy.state, copy.file.name, default_storage.exists(name)) == (CopyState.EXPIRED, "", False)


def test_a_copy_that_keeps_failing_is_given_up_and_tried_again_by_a_person(monkeypatch):
    person = make_person()
    copy = actions.request_copy(by=person, now=NOW)
    with monkeypatch.context() as patched:
        patched.setattr("marketplace.privacy.actions.copies.write_archive", lambda *_a, **_k: 1 / 0)
        for day in range(MAX_ATTEMPTS):
            assert actions.write_copy(copy_id=copy.pk, now=NOW + timedelta(days=day)) is False
    copy.refresh_from_db()
    assert (copy.state, copy.job_state) == (CopyState.FAILED, JobState.PARKED)
    assert Notification.objects.filter(user=person, title__contains="could not be put together").count() == 1
    assert actions.try_copies_again(DataCopy.objects.all(), now=NOW + timedelta(days=9)) == 1
    assert actions.write_copy(copy_id=copy.pk, now=NOW + timedelta(days=9)) is True
    copy.refresh_from_db()
    assert copy.state == CopyState.READY


@pytest.mark.full
def test_ten_times_the_rows_take_no_more_memory():
    peaks = []
    for count in (500, 5000):
        expert = make_expert(make_person(f"Holder {count}"))
        row = make_work(expert)
        WorkEntry.objects.bulk_create(
            [
                WorkEntry(
                    expert=expert, title="T" * 100, organisation="O", from_month=row.from_month, summary="s" * 200
                )
                for _ in range(count)
            ]
        )
        copy = actions.request_copy(by=expert.user, now=NOW)
        gc.collect()
        tracemalloc.start()
        actions.write_copy(copy_id=copy.pk, now=NOW)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        copy.refresh_from_db()
        assert copy.rows > count
    assert peaks[1] < 2 * peaks[0]
