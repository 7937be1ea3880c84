"""The written contract and the record of its signature: whole, the same each time, and no name is code."""

from __future__ import annotations

import io
import re

import pikepdf
import pypdf
import pytest

from marketplace.kernel.markdown import plain_blocks
from projects.hiring.downloads import contract_pdf
from projects.hiring.models import TermsSignature
from projects.labs.enums import LabRole
from tests.factories.projects_contracts import agree, propose
from tests.factories.projects_hiring import (
    NOW,
    accept,
    make_applicant,
    make_contract,
    make_expert,
    make_gig,
    make_lab,
    make_offer,
    owner_of,
)
from tests.factories.projects_labs import browse, join
from tests.support.visiting import get, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def read(contract) -> tuple[bytes, str]:
    """The file, and its words without regard to where lines break."""
    made = contract_pdf(contract)
    pages = pypdf.PdfReader(io.BytesIO(made)).pages
    return made, re.sub(r"\s+", " ", " ".join(page.extract_text() for page in pages))


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def test_the_sheet_names_the_parties_the_versions_the_terms_and_the_signature():
    contract = make_contract()
    agree(propose(contract, rate_minor=240_00))
    made, words = read(contract)
    signature = contract.offer.signature
    for wanted in (
        "Larkfield Labs", "Imani Okafor, named E-1 in the lab's files", "$210.00", "$240.00", "23 November 2026, 00:00 UTC",
        "18 November 2026, 09:30:00 UTC", "192.0.2.7", "What you see here stays here.", "The lab owns what you write.",
        "Approved pay is never withheld",
    ):  # fmt: skip
        assert wanted in words
    assert squeezed(words).count(contract.offer.terms.sha256) == 2
    assert signature.text_sha256 == contract.offer.terms.sha256
    assert made == contract_pdf(contract)


def test_an_anonymous_lab_is_not_named_in_it():
    contract = make_contract(make_gig(make_lab(is_anonymous=True)))
    _made, words = read(contract)
    assert "AI research organisation" in words
    assert contract.lab.name not in words
    assert owner_of(contract.lab).get_full_name() not in words


def test_the_sheet_is_tagged_and_has_a_title_and_a_language():
    with pikepdf.open(io.BytesIO(contract_pdf(make_contract()))) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang) == "en"
        assert str(pdf.docinfo["/Title"]) == "Contract: Physician Talent Network"
        with pdf.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"


@pytest.mark.parametrize("name", ['#panic("code") *bold*', "$x$ \\ #sys", 'A"; B', "Zoë Łukasik Øyvind"])
def test_a_name_is_never_code(name):
    _made, words = read(make_contract(expert=make_expert(name)))
    assert squeezed(words).count(squeezed(name)) == 2  # as a party, and as typed


def test_a_name_that_no_font_can_draw_still_makes_a_sheet_that_says_so():
    _made, words = read(make_contract(expert=make_expert("李小龍")))
    assert "Some signs cannot be drawn on this sheet" in words


def test_long_terms_with_marks_of_every_kind_stand_in_it_to_the_last_word():
    paragraphs = [
        f'{number}. Clause **{number}** says `#eval("{number}")` and nothing else.' for number in range(1, 200)
    ]
    text = "# Terms\n\n" + "\n\n".join(paragraphs) + "\n\n| a | b |\n|---|---|\n| x | the last cell |\n"
    contract = make_contract(make_gig(terms_text=text))
    made, words = read(contract)
    assert len(pypdf.PdfReader(io.BytesIO(made)).pages) > 5
    assert 'Clause 199 says #eval("199") and nothing else.' in words
    assert "the last cell" in words


def test_blocks_of_markdown_leave_nothing_out():
    text = "# Head\n\nSee [the list](https://a.example/x) *now*.\n\n- one\n  1. two\n\n> said\n\n```\ncode\n```\n\n| a | b |\n|--|--|\n| 1 | 2 |"
    assert plain_blocks(text) == [
        {"kind": "heading", "text": "Head"},
        {"kind": "words", "text": "See the list (https://a.example/x) now."},
        {"kind": "item", "depth": 1, "mark": "•", "text": "one"},
        {"kind": "item", "depth": 2, "mark": "1.", "text": "two"},
        {"kind": "words", "text": "said"},
        {"kind": "code", "text": "code"},
        {"kind": "words", "text": "a | b"},
        {"kind": "words", "text": "1 | 2"},
    ]


def test_both_sides_download_it_and_nobody_else():
    contract = make_contract()
    lab = contract.lab
    mine = get(browse(contract.expert.user), "hiring:contract_pdf", contract.public_id)
    theirs = get(browse(owner_of(lab)), "hiring:lab_contract_pdf", lab.slug, contract.public_id)
    assert mine.content == theirs.content
    assert mine["Content-Disposition"] == 'attachment; filename="preceptor-contract-E-1-2026-11-18.pdf"'
    reviewer = browse(join(lab, LabRole.REVIEWER))
    for name in ("hiring:lab_contract_pdf", "hiring:lab_record"):
        assert get(reviewer, name, lab.slug, contract.public_id).status_code == 403
    stranger = browse(make_expert("Somebody Else").user)
    for name in ("hiring:contract_pdf", "hiring:record"):
        assert get(stranger, name, contract.public_id).status_code == 404


def test_the_record_computes_the_hash_of_the_text_again():
    contract = make_contract()
    for client, name, args in (
        (browse(contract.expert.user), "hiring:record", [contract.public_id]),
        (browse(owner_of(contract.lab)), "hiring:lab_record", [contract.lab.slug, contract.public_id]),
    ):
        words = text_of(get(client, name, *args))
        assert "The text is the one that was signed." in words
        assert words.count(contract.offer.terms.sha256) == 2
        assert "192.0.2.7" in words


def test_the_record_says_so_when_the_text_is_another():
    """No action writes such a signature, and triggers refuse to change one; the page would see it, as after a bad restore."""
    offer = make_offer(make_applicant(make_gig()))
    user = offer.application.expert.user
    TermsSignature.objects.create(
        offer=offer, user=user, typed_name=user.full_name, text_sha256="0" * 64, signed_at=NOW, address=""
    )
    words = text_of(get(browse(user), "hiring:record", accept(offer).public_id))
    assert "The text is not the one that was signed." in words
    assert "not kept" in words
