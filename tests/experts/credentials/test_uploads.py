"""A file in pieces: cut off and gone on with, two windows at once, thrown away; foreign ones are not found."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.urls import reverse

from experts.credentials import actions
from experts.credentials.actions import uploads
from experts.credentials.enums import MAX_PIECE_BYTES, DocumentKind, DocumentState
from experts.credentials.models import Document, PartialUpload
from marketplace.kernel import clock
from marketplace.kernel.errors import Conflict, Invalid, Refused, TooLarge, TooMany, WrongState
from tests.factories.experts_credentials import make_licence, make_resume, pdf_bytes
from tests.factories.experts_profiles import NOW, make_expert, make_vetter

pytestmark = pytest.mark.django_db
FILE = pdf_bytes("Imani Okafor, cardiologist")
START, JSON = "/me/credentials/uploads/", {"Accept": "application/json"}


@pytest.fixture
def expert(client):
    expert = make_expert()
    client.force_login(expert.user)
    return expert


@pytest.fixture(autouse=True)
def _nothing_of_other_tests(db) -> None:
    """Rows of other tests are rolled back, their files are not."""
    actions.drop_old_uploads(now=NOW)


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def start(client, content: bytes = FILE, name: str = "cv.pdf", **more):
    data = {"kind": "RESUME", "credential": "", "name": name, "size": len(content), "sha256": sha(content)} | more
    return client.post(START, data, headers=JSON)


def send(client, url: str, offset: int, content: bytes):
    return client.post(url, content, "application/octet-stream", headers=JSON | {"Upload-Offset": str(offset)})


def begin(expert, content: bytes = FILE, name: str = "cv.pdf", now=NOW, **more) -> PartialUpload:
    return actions.start_upload(
        expert_id=expert.public_id, kind=DocumentKind.RESUME, name=name, size_bytes=len(content), sha256=sha(content),
        by=expert.user, now=now, **more,
    )  # fmt: skip


def pieces() -> list[str]:
    """The files of all uploads in storage, by folder and name."""
    if not default_storage.exists("partial"):
        return []
    return [f"{one}/{name}" for one in default_storage.listdir("partial")[0]
            for name in default_storage.listdir(f"partial/{one}")[1]]  # fmt: skip


@pytest.mark.parametrize("cut", [1, 100, len(FILE) - 1])
def test_a_file_that_was_cut_off_goes_on_where_it_stopped(client, expert, cut, django_capture_on_commit_callbacks):
    told = start(client).json()
    assert (told["offset"], told["size"]) == (0, len(FILE))
    assert send(client, told["url"], 0, FILE[:cut]).json()["offset"] == cut
    again = start(client, name="the same under another name.pdf").json()  # a reload, and the same file chosen again
    assert (again["url"], again["offset"]) == (told["url"], cut)
    head = client.head(told["url"])
    assert (head.status_code, head["Upload-Offset"]) == (200, str(cut))
    with django_capture_on_commit_callbacks(execute=False):
        assert send(client, told["url"], cut, FILE[cut:]).json() == {"done": True}
    document = Document.objects.get()
    assert (document.state, document.sha256, document.original_name) == (DocumentState.QUARANTINED, sha(FILE), "cv.pdf")
    with document.file.open("rb") as content:
        assert content.read() == FILE
    assert not PartialUpload.objects.exists()
    assert pieces() == []
    actions.check_document(document_id=document.pk, now=clock.now())
    document.refresh_from_db()
    assert (document.state, document.pages) == (DocumentState.CLEAN, 1)


def test_a_piece_that_is_not_the_next_is_told_which_one_is(client, expert):
    url = start(client).json()["url"]
    send(client, url, 0, FILE[:50])
    for offset in (0, 49, 51):
        answer = send(client, url, offset, b"xyz")
        assert (answer.status_code, answer.json()["offset"]) == (409, 50)
    assert len(pieces()) == 1


def test_what_arrived_is_held_against_what_was_announced(client, expert, django_capture_on_commit_callbacks):
    url = start(client).json()["url"]
    with django_capture_on_commit_callbacks(execute=True):
        answer = send(client, url, 0, b"%PDF-" + b"x" * (len(FILE) - 5))
    assert (answer.status_code, answer.json()["detail"]) == (400, uploads.NOT_THE_FILE)
    assert not PartialUpload.objects.exists()
    assert not Document.objects.exists()
    assert pieces() == []


def test_a_piece_has_its_limits(expert):
    row = begin(expert)
    with pytest.raises(TooLarge):
        actions.take_piece(
            upload_id=row.public_id, offset=0, content=b"0" * (MAX_PIECE_BYTES + 1), by=expert.user, now=NOW
        )
    with pytest.raises(Invalid, match="More arrived"):
        actions.take_piece(upload_id=row.public_id, offset=0, content=b"0" * (len(FILE) + 1), by=expert.user, now=NOW)
    with pytest.raises(Invalid, match="empty"):
        actions.take_piece(upload_id=row.public_id, offset=0, content=b"", by=expert.user, now=NOW)
    with pytest.raises(WrongState, match="not arrived"):
        actions.complete_upload(upload_id=row.public_id, by=expert.user, now=NOW)
    assert pieces() == []


def test_what_would_not_be_taken_is_refused_before_a_byte_is_sent(client, expert):
    for more, words in (
        ({"name": "cv.exe"}, "not a kind of file"), ({"size": 0}, "0 bytes"), ({"size": (10 << 20) + 1}, "larger than 10 MB"),
        ({"sha256": "short"}, "checksum"), ({"kind": "EVERYTHING"}, "too old"),
    ):  # fmt: skip
        answer = start(client, **more)
        assert (answer.status_code, words in answer.json()["detail"]) == (400, True)
    assert not PartialUpload.objects.exists()


def test_five_files_may_be_on_their_way(expert):
    for number in range(uploads.MOST_OPEN):
        begin(expert, FILE + bytes([number]))
    with pytest.raises(TooMany, match="on their way"):
        begin(expert, FILE)
    begin(make_expert(), FILE)
    begin(expert, FILE, now=NOW + uploads.KEPT + timedelta(seconds=1))  # the old ones count no more


def test_a_file_that_stopped_a_day_ago_is_thrown_away(expert, django_capture_on_commit_callbacks):
    row = begin(expert)
    actions.take_piece(upload_id=row.public_id, offset=0, content=FILE[:9], by=expert.user, now=NOW)
    almost, over = NOW + uploads.KEPT - timedelta(seconds=1), NOW + uploads.KEPT
    assert actions.drop_old_uploads(now=almost) == 0
    with pytest.raises(WrongState, match="has ended"):
        actions.take_piece(upload_id=row.public_id, offset=9, content=FILE[9:], by=expert.user, now=over)
    with django_capture_on_commit_callbacks(execute=True):
        assert actions.drop_old_uploads(now=over) >= 1  # here the commit, and with it the clearing, comes late
    assert not PartialUpload.objects.exists()
    assert pieces() == []


def test_pieces_that_a_kill_left_behind_are_found_by_the_sweep(expert):
    row = begin(expert)
    actions.take_piece(upload_id=row.public_id, offset=0, content=FILE[:9], by=expert.user, now=NOW)
    other = begin(make_expert())
    actions.take_piece(upload_id=other.public_id, offset=0, content=FILE[:7], by=other.expert.user, now=NOW)
    PartialUpload.objects.filter(pk=row.pk).delete()  # as after a kill between the commit and the clearing
    assert len(pieces()) == 2
    assert actions.drop_old_uploads(now=NOW) == 1
    assert [name.partition("/")[0] for name in pieces()] == [other.public_id.hex]
    actions.discard_upload(upload_id=other.public_id, by=other.expert.user, now=NOW)


def test_a_lost_piece_ends_the_upload_and_says_so(expert, django_capture_on_commit_callbacks):
    row = begin(expert)
    row = actions.take_piece(upload_id=row.public_id, offset=0, content=FILE, by=expert.user, now=NOW)
    default_storage.delete(row.pieces[0])
    with django_capture_on_commit_callbacks(execute=True), pytest.raises(Conflict, match="was lost"):
        actions.complete_upload(upload_id=row.public_id, by=expert.user, now=NOW)
    assert not PartialUpload.objects.exists()


def test_a_complete_file_whose_request_died_is_completed_by_an_empty_piece(client, expert):
    row = begin(expert)
    actions.take_piece(upload_id=row.public_id, offset=0, content=FILE, by=expert.user, now=NOW)
    url = reverse("credentials:upload", args=[row.public_id])
    assert client.get(url).json()["offset"] == len(FILE)
    assert send(client, url, len(FILE), b"").json() == {"done": True}
    assert Document.objects.get().sha256 == sha(FILE)
    assert send(client, url, len(FILE), b"").status_code == 404


def test_the_very_file_that_is_here_already_is_not_sent_again(client, expert):
    document = make_resume(expert)
    with document.file.open("rb") as file:
        content = file.read()
    assert start(client, content, "resume.docx").json() == {"done": True}
    assert not PartialUpload.objects.exists()
    make_resume(expert, ("A newer one",))
    assert start(client, content, "resume.docx").json()["done"] is False  # going back to an older one is a wish


def test_evidence_in_pieces_stands_behind_its_credential(client, expert):
    licence = make_licence(expert)
    told = start(client, kind="EVIDENCE", credential=str(licence.public_id)).json()
    assert send(client, told["url"], 0, FILE).json() == {"done": True}
    licence.refresh_from_db()
    assert licence.document == Document.objects.get()
    foreign = make_licence(make_expert())
    assert start(client, kind="EVIDENCE", credential=str(foreign.public_id)).status_code == 404


def test_a_file_on_its_way_is_shown_and_can_be_discarded_without_a_script(client, expert):
    row = begin(expert, now=NOW)
    PartialUpload.objects.filter(pk=row.pk).update(expires_at="2999-01-01T00:00Z")
    page = client.get("/me/credentials/").text
    assert "“cv.pdf” stopped on its way." in page
    discard = reverse("credentials:upload_discard", args=[row.public_id])
    assert f'action="{discard}"' in page
    assert client.post(discard)["Location"] == "/me/credentials/"
    assert not PartialUpload.objects.exists()


@pytest.mark.parametrize("who", ["another expert", "a vetter"])
def test_a_foreign_upload_is_not_found(client, who):
    row = begin(make_expert())
    client.force_login(make_expert().user if who == "another expert" else make_vetter())
    url = reverse("credentials:upload", args=[row.public_id])
    answers = [client.get(url), client.head(url), send(client, url, 0, FILE),
               client.post(reverse("credentials:upload_discard", args=[row.public_id]), headers=JSON)]  # fmt: skip
    assert [answer.status_code for answer in answers] == [404] * 4
    assert pieces() == []


# ---------------------------------------------------------------------------------------------------------- at once


def at_once(*deeds) -> list[object]:
    """Do all of them at the same moment, each on a connection of its own; return what each gave or refused."""
    gate = Barrier(len(deeds))

    def run(deed):
        gate.wait()
        try:
            return deed()
        except Refused as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return [one.result() for one in [pool.submit(run, deed) for deed in deeds]]


@pytest.mark.django_db(transaction=True)
def test_two_windows_with_one_file_make_one_document_of_it():
    expert = make_expert()
    first, second = at_once(*[lambda: begin(expert)] * 2)
    assert first.pk == second.pk
    took = at_once(*[
        lambda: actions.take_piece(upload_id=first.public_id, offset=0, content=FILE, by=expert.user, now=NOW)
    ] * 2)  # fmt: skip
    assert sorted(type(one).__name__ for one in took) == ["Conflict", "PartialUpload"]
    assert PartialUpload.objects.get().received_bytes == len(FILE)
    assert len(pieces()) == 1
    done = at_once(*[lambda: actions.complete_upload(upload_id=first.public_id, by=expert.user, now=NOW)] * 2)
    kinds = {type(one).__name__ for one in done}
    assert "Document" in kinds
    assert kinds <= {"Document", "WrongState", "Conflict"}
    assert Document.objects.count() == 1
    assert pieces() == []


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_both_windows_would_write_the_same_piece():
    """The negative control of the race above."""
    expert = make_expert()
    row, gate = begin(expert), Barrier(2)

    def careless() -> str:
        mine = PartialUpload.objects.get(pk=row.pk)
        gate.wait()
        if mine.received_bytes != 0:
            return "refused"
        mine.received_bytes, mine.pieces = len(FILE), [*mine.pieces, "one more"]
        mine.save()
        return "taken"

    assert at_once(careless, careless) == ["taken", "taken"]
