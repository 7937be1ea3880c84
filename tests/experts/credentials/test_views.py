"""The credentials pages: for their owner, and files for vetting staff too."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from experts.credentials import actions
from experts.credentials.enums import CredentialKind, DocumentKind, DocumentState, LadderStep
from experts.credentials.models import Credential, Document
from experts.credentials.shapes import SHAPES, slug_of
from marketplace.audit.models import AuditEvent
from marketplace.kernel import clock
from tests.factories.experts_credentials import NPI, docx_bytes, make_licence, make_npi, make_resume, pdf_bytes, upload
from tests.factories.experts_profiles import NOW, make_expert, make_person, make_vetter

pytestmark = pytest.mark.django_db
LIST = "/me/credentials/"


@pytest.fixture
def expert(client):
    expert = make_expert()
    client.force_login(expert.user)
    return expert


def evidence(expert, **facts):
    document = upload(expert, pdf_bytes("Board"), "Licence of Imani.pdf", DocumentKind.EVIDENCE, **facts)
    Document.objects.filter(pk=document.pk).update(state=DocumentState.CLEAN)
    return document


def test_a_person_without_a_profile_is_led_to_it(client):
    client.force_login(make_person())
    assert client.get(LIST)["Location"] == "/me/profile/"
    assert client.get(reverse("credentials:choose")).status_code == 404


@pytest.mark.parametrize("kind", SHAPES)
def test_every_kind_has_its_form(client, expert, kind):
    assert kind.label in client.get(reverse("credentials:choose")).text
    page = client.get(reverse("credentials:declare", args=[slug_of(kind)]))
    assert page.status_code == 200
    assert re.findall(r'name="(\w+)"', page.text.partition("<main")[2].partition("</main>")[0])[1:] == [
        *SHAPES[kind].fields
    ]


def test_every_kind_is_there():
    assert set(SHAPES) == set(CredentialKind)


def test_a_kind_that_does_not_exist_is_not_found(client, expert):
    assert client.get(reverse("credentials:declare", args=["palm-reading"])).status_code == 404


def test_an_npi_is_declared_and_shown_with_its_ladder(client, expert):
    assert client.post(reverse("credentials:declare", args=["npi"]), {"number": "123 456 7893"})["Location"] == LIST
    page = client.get(LIST).text
    assert "··7893" in page
    assert NPI not in page
    assert "Number well formed" in page
    assert "That never proves" in page or "never proves whose it is" in page


def test_a_slip_stands_next_to_the_number(client, expert):
    answer = client.post(reverse("credentials:declare", args=["npi"]), {"number": "1234567890"})
    assert answer.status_code == 422
    assert "The last digit does not fit" in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert not Credential.objects.exists()


def test_a_licence_is_declared_with_its_document(client, expert):
    data = {"country": "US", "region": "massachusetts", "number": "220148", "title": "", "expires_on": "2028-11-01",
            "file": SimpleUploadedFile("licence.pdf", pdf_bytes("Board"))}  # fmt: skip
    assert client.post(reverse("credentials:declare", args=["medical-licence"]), data).status_code == 302
    credential = Credential.objects.get()
    assert (credential.region, credential.step) == ("MA", LadderStep.FORMAT_VALID)
    assert credential.document.state == DocumentState.QUARANTINED
    assert "Waits for its check" in client.get(LIST).text


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"country": "US", "region": "Atlantis", "number": "1", "expires_on": "2028-11-01"}, "two letters"),
        ({"country": "US", "region": "", "number": "1", "expires_on": "2028-11-01"}, "two letters"),
        ({"country": "US", "region": "MA", "number": "1", "expires_on": ""}, "This field is required"),
        ({"country": "ZZ", "region": "", "number": "1", "expires_on": "2028-11-01"}, "not one of the available"),
        ({"country": "US", "region": "MA", "number": "1\x00", "expires_on": "2028-11-01"}, "Null characters"),
    ],
)
def test_what_is_wrong_with_a_licence_stands_next_to_its_field(client, expert, data, words):
    answer = client.post(reverse("credentials:declare", args=["medical-licence"]), data)
    assert answer.status_code == 422
    assert words in answer.text


def test_the_same_number_twice_is_refused_on_a_page_of_its_own(client, expert):
    make_npi(expert)
    answer = client.post(reverse("credentials:declare", args=["npi"]), {"number": NPI})
    assert answer.status_code == 422
    assert "declared this number already" in answer.text


def test_a_resume_is_sent_checked_and_shown(client, expert):
    file = SimpleUploadedFile("resume.docx", docx_bytes("Imani Okafor"))
    assert client.post(reverse("credentials:upload_resume"), {"file": file})["Location"] == LIST
    document = Document.objects.get()
    state = reverse("credentials:document_state", args=[document.public_id])
    assert f'hx-get="{state}"' in client.get(LIST).text
    assert f'hx-get="{state}"' in client.get(state).text
    actions.check_document(document_id=document.pk, now=clock.now())
    answer = client.get(state).text
    assert "Checked" in answer
    assert "hx-get" not in answer


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (SimpleUploadedFile("empty.pdf", b""), "0 bytes"),
        (SimpleUploadedFile("resume.exe", b"MZ"), "not a kind of file"),
        (SimpleUploadedFile("resume.pdf", b"PK\x03\x04"), "something else"),
        ("", "This field is required"),
    ],
)
def test_a_file_that_is_not_taken_is_explained_next_to_its_field(client, expert, file, words):
    answer = client.post(reverse("credentials:upload_resume"), {"file": file})
    assert answer.status_code == 422
    assert words in answer.text


def test_why_a_resume_was_refused_stays_on_the_page(client, expert):
    document = upload(expert, pdf_bytes("x") + b"A" * 2000, "resume.pdf")
    actions.check_document(document_id=document.pk, now=NOW)
    assert "Something else is appended to this PDF" in client.get(LIST).text


def test_withdrawing_asks_once_more(client, expert):
    credential = make_npi(expert)
    page = reverse("credentials:withdraw", args=[credential.public_id])
    assert "Withdraw NPI number?" in client.get(page).text
    assert client.post(page)["Location"] == LIST
    assert "··7893" not in client.get(LIST).text
    assert client.get(page).status_code == 404


def test_a_document_is_sent_and_deleted(client, expert):
    licence = make_licence(expert)
    page = reverse("credentials:attach", args=[licence.public_id])
    assert client.get(page).status_code == 200
    assert client.post(page, {}).status_code == 422
    assert client.post(page, {"file": SimpleUploadedFile("l.pdf", pdf_bytes("x"))}).status_code == 302
    document = Document.objects.get()
    remove = reverse("credentials:remove", args=[document.public_id])
    assert "Delete “l.pdf”?" in client.get(remove).text
    assert client.post(remove)["Location"] == LIST
    assert not Document.objects.exists()


@pytest.mark.parametrize("name", ["credentials:document", "credentials:staff_document"])
def test_a_file_is_served_as_an_attachment_that_nobody_keeps(client, expert, name):
    document = evidence(expert)
    client.force_login(expert.user if name == "credentials:document" else make_vetter())
    answer = client.get(reverse(name, args=[document.public_id]))
    assert answer.status_code == 200
    assert b"".join(answer.streaming_content).startswith(b"%PDF-")
    assert answer["Content-Disposition"] == 'attachment; filename="Licence of Imani.pdf"'
    assert answer["Content-Type"] == "application/pdf"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "no-store, private"
    assert answer["X-Robots-Tag"] == "noindex, nofollow, noarchive"
    assert "sandbox" in answer["Content-Security-Policy"]


def test_staff_opening_a_file_stands_in_the_trail_and_its_owner_does_not(client, expert):
    document = evidence(expert)
    client.get(reverse("credentials:document", args=[document.public_id]))
    assert not AuditEvent.objects.filter(what="credentials.open_document").exists()
    vetter = make_vetter()
    client.force_login(vetter)
    client.get(reverse("credentials:staff_document", args=[document.public_id]))
    assert AuditEvent.objects.get(what="credentials.open_document").actor_ref == vetter.actor_ref


def test_a_file_in_quarantine_is_served_to_nobody(client, expert):
    document = upload(expert, pdf_bytes("x"), "x.pdf")
    assert client.get(reverse("credentials:document", args=[document.public_id])).status_code == 409
    client.force_login(make_vetter())
    assert client.get(reverse("credentials:staff_document", args=[document.public_id])).status_code == 409


OWN = ["credentials:document", "credentials:document_state", "credentials:remove"]


@pytest.mark.parametrize("who", ["another expert", "a vetter", "a person"])
def test_what_belongs_to_somebody_else_is_not_found(client, who):
    expert = make_expert()
    document, licence = evidence(expert), make_licence(expert)
    user = {"another expert": lambda: make_expert().user, "a vetter": make_vetter, "a person": make_person}[who]()
    client.force_login(user)
    for name in OWN:
        assert client.get(reverse(name, args=[document.public_id])).status_code == 404
    for name in ("credentials:attach", "credentials:withdraw"):
        assert client.get(reverse(name, args=[licence.public_id])).status_code == 404
        assert client.post(reverse(name, args=[licence.public_id])).status_code == 404
    staff = client.get(reverse("credentials:staff_document", args=[document.public_id]))
    assert staff.status_code == (200 if who == "a vetter" else 404)


def test_a_visitor_is_asked_to_sign_in(client):
    document = evidence(make_expert())
    for name in ("credentials:document", "credentials:staff_document"):
        assert client.get(reverse(name, args=[document.public_id]))["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("how_many", [1, 3])
def test_the_list_asks_the_database_the_same_however_long(client, expert, django_assert_num_queries, how_many):
    for number in range(how_many):
        licence = make_licence(expert, number=f"22014{number}")
        evidence(expert, credential_id=licence.public_id)
    make_resume(expert)
    client.get(LIST)
    with django_assert_num_queries(13):
        page = client.get(LIST).text
    assert page.count("Form of licence numbers in MA") == how_many


def test_the_admin_shows_credentials_without_their_numbers(client):
    from marketplace.accounts.models import User
    from tests.factories.marketplace_accounts import give_second_factor

    credential, document = make_npi(make_expert()), evidence(make_expert())
    admin = User.objects.create_superuser("root@people.example", "correct horse battery")
    give_second_factor(admin)
    client.force_login(admin)
    assert client.get(reverse("admin:credentials_credential_changelist")).status_code == 200
    page = client.get(reverse("admin:credentials_credential_change", args=[credential.pk]))
    assert (page.status_code, NPI in page.text, "_save" in page.text) == (200, False, False)
    assert client.get(reverse("admin:credentials_document_change", args=[document.pk])).status_code == 200
