"""Taking exports: who may, a download that goes on where it stopped, the pages and the API."""

from __future__ import annotations

import hashlib
from pathlib import Path
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from marketplace.audit.models import AuditEvent
from marketplace.kernel import clock
from marketplace.kernel.errors import Invalid, NotAllowed, Refused
from projects.delivery.actions import record_download, request_export, write_export
from projects.delivery.models import Export
from projects.labs.enums import LabRole, Scope
from tests.factories.projects_delivery import LATER, export_of
from tests.factories.projects_labs import browse, join, make_key, owner_of
from tests.factories.projects_listings import make_gig
from tests.factories.projects_work import (
    KIND,
    asks,
    make_accepted,
    make_batch,
)

# -------------------------------------------------------------------------------------------------------------- who


def test_only_managers_and_keys_with_the_scope_take_exports(contract):
    make_batch(contract.project, tasks=1)
    make_accepted(contract)
    export = export_of(contract)
    lab = contract.project.lab
    for role in (LabRole.REVIEWER, LabRole.MEMBER):
        person = join(lab, role)
        with pytest.raises(NotAllowed):
            request_export(project=contract.project, kind=KIND, by=person, now=LATER)
        with pytest.raises(NotAllowed):
            record_download(export=export, by=person, now=LATER)
        address = reverse("delivery:export_download", args=[lab.slug, export.public_id])
        assert browse(person).get(address).status_code == 403
    weak, _text = make_key(lab, Scope.TASKS_READ)
    with pytest.raises(NotAllowed):
        request_export(project=contract.project, kind=KIND, by=weak, now=LATER)


def test_nothing_started_is_nothing_to_export(contract):
    owner = owner_of(contract.project.lab)
    with pytest.raises(Refused, match="nothing to export"):
        request_export(project=contract.project, kind="", by=owner, now=LATER)
    make_batch(contract.project, tasks=1)
    with pytest.raises(Invalid, match="no batch of this kind"):
        request_export(project=contract.project, kind="RED_TEAM", by=owner, now=LATER)


def test_a_download_is_an_attachment_and_stands_in_the_audit_trail(contract):
    make_batch(contract.project, tasks=1)
    make_accepted(contract)
    export = export_of(contract)
    lab = contract.project.lab
    client = browse(owner_of(lab))

    response = client.get(reverse("delivery:export_download", args=[lab.slug, export.public_id]))

    assert b"".join(response.streaming_content) == Path(export.file.path).read_bytes()
    assert response["Content-Disposition"].startswith('attachment; filename="larkfield-labs')
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, no-store"
    noted = AuditEvent.objects.get(what="delivery.download_export")
    assert (noted.about_ref, noted.after) == (str(export.public_id), {"sha256": export.sha256})


@pytest.mark.parametrize(
    ("wanted", "status", "part"),
    [
        ("bytes=10-19", 206, slice(10, 20)),
        ("bytes=100-", 206, slice(100, None)),
        ("bytes=-7", 206, slice(-7, None)),
        ("bytes=0-999999999", 206, slice(0, None)),
        ("bytes=999999999-", 416, slice(0, 0)),
        ("bytes=20-10", 416, slice(0, 0)),
        ("bytes=1-2,5-6", 200, slice(0, None)),
        ("elephants=1-2", 200, slice(0, None)),
    ],
)
def test_a_broken_download_goes_on_where_it_stopped(contract, wanted, status, part):
    make_batch(contract.project, tasks=1)
    make_accepted(contract)
    export = export_of(contract)
    lab = contract.project.lab
    address = reverse("delivery:export_download", args=[lab.slug, export.public_id])
    response = browse(owner_of(lab)).get(address, headers={"Range": wanted})
    content = b"".join(response.streaming_content) if response.streaming else response.content
    assert (response.status_code, content) == (status, Path(export.file.path).read_bytes()[part])


def test_a_part_of_a_changed_file_is_answered_with_the_whole(contract):
    make_batch(contract.project, tasks=1)
    make_accepted(contract)
    export = export_of(contract)
    lab = contract.project.lab
    address = reverse("delivery:export_download", args=[lab.slug, export.public_id])
    client = browse(owner_of(lab))
    assert client.get(address, headers={"Range": "bytes=5-9", "If-Range": '"another"'}).status_code == 200
    assert client.get(address, headers={"Range": "bytes=5-9", "If-Range": f'"{export.sha256}"'}).status_code == 206


# ------------------------------------------------------------------------------------------------------------ pages


def test_the_page_asks_for_an_export_and_shows_it(contract):
    make_batch(contract.project, tasks=1)
    make_accepted(contract)
    lab = contract.project.lab
    client = browse(owner_of(lab))
    address = reverse("delivery:exports", args=[lab.slug])
    assert "No export yet" in client.get(address).content.decode()

    response = client.post(address, {"what": f"{contract.project.public_id}:{KIND}"})
    export = Export.objects.get()
    assert response.url == reverse("delivery:export", args=[lab.slug, export.public_id])
    assert "Writing the file" in client.get(response.url).content.decode()
    progress = reverse("delivery:export_progress", args=[lab.slug, export.public_id])
    assert b"<html" not in client.get(progress, headers={"HX-Request": "true"}).content

    write_export(export_id=export.pk, now=clock.now())
    export.refresh_from_db()
    assert client.get(progress, headers={"HX-Request": "true"})["HX-Refresh"] == "true"
    assert export.sha256 in client.get(response.url).content.decode()
    assert client.post(address, {"what": "nonsense"}).status_code == 422


@pytest.mark.parametrize("how_many", [1, 3])
def test_the_exports_ask_the_database_the_same_however_many(contract, how_many):
    make_batch(contract.project, tasks=1)
    for _ in range(how_many):
        export_of(contract)
    client = browse(owner_of(contract.project.lab))
    address = reverse("delivery:exports", args=[contract.project.lab.slug])
    client.get(address)
    with asks(of="delivery_", times=1):
        page = client.get(address).content.decode()
    assert page.count('<th scope="row"') == how_many


def test_another_labs_export_is_as_absent_as_none(contract):
    make_batch(contract.project, tasks=1)
    export = export_of(contract)
    stranger = make_gig().lab
    client = browse(owner_of(stranger))
    for name in ("export", "export_progress", "export_download"):
        for slug in (contract.project.lab.slug, stranger.slug):
            assert client.get(reverse(f"delivery:{name}", args=[slug, export.public_id])).status_code == 404


# -------------------------------------------------------------------------------------------------------------- API


def test_a_program_asks_polls_and_downloads(contract):
    make_batch(contract.project, tasks=1)
    make_accepted(contract)
    _key, text = make_key(contract.project.lab, Scope.EXPORTS)
    client = Client(headers={"Authorization": f"Bearer {text}"})

    asked = client.post(f"/api/v1/projects/{contract.project.public_id}/exports/", {}, content_type="application/json")
    assert (asked.status_code, asked.json()["state"], asked.json()["download"]) == (202, "QUEUED", "")
    address = f"/api/v1/exports/{asked.json()['id']}/"
    early = client.get(address + "download/")
    assert (early.status_code, early.json()["code"]) == (422, "refused")

    write_export(export_id=Export.objects.get().pk, now=clock.now())
    ready = client.get(address).json()
    assert (ready["state"], ready["rows_written"]) == ("READY", 1)
    content = b"".join(client.get(ready["download"]).streaming_content)
    assert hashlib.sha256(content).hexdigest() == ready["sha256"]
    part = client.get(ready["download"], headers={"Range": "bytes=0-3"})
    assert (part.status_code, b"".join(part.streaming_content)) == (206, content[:4])
    assert len(client.get(f"/api/v1/projects/{contract.project.public_id}/exports/").json()["results"]) == 1


def test_a_key_without_the_scope_or_of_another_lab_gets_nothing(contract):
    make_batch(contract.project, tasks=1)
    export = export_of(contract)
    _key, weak = make_key(contract.project.lab, Scope.TASKS_READ, Scope.TASKS_WRITE)
    _key, foreign = make_key(make_gig().lab, Scope.EXPORTS)
    for text, status in ((weak, 403), (foreign, 404)):
        client = Client(headers={"Authorization": f"Bearer {text}"})
        for address in (f"exports/{export.public_id}/", f"exports/{export.public_id}/download/"):
            assert client.get(f"/api/v1/{address}").status_code == status
    client = Client(headers={"Authorization": f"Bearer {foreign}"})
    assert client.get(f"/api/v1/exports/{uuid4()}/").status_code == 404
