"""The sheet: a tagged PDF that says what the document says, with a QR code of the address where it is checked."""

from __future__ import annotations

import io
import re

import pikepdf
import pypdf
import pytest
import qrcode

from projects.standing import queries
from projects.standing.downloads import certificate_pdf, qr_svg
from tests.factories.projects_hours import make_expert, make_running
from tests.factories.projects_standing import confirmed_licence, make_certificate, work_week

pytestmark = pytest.mark.django_db


def modules(svg: str) -> set[tuple[int, int]]:
    """The dark modules of a drawn QR code, without its margin of four."""
    found = re.findall(r"M(\d+),(\d+)H(\d+)V(\d+)H(\d+)z", svg)
    assert found
    return {(int(x) - 4, int(y) - 4) for x, y, right, _low, _left in found for x in range(int(x), int(right))}


def test_the_code_is_that_of_the_address():
    address = "https://preceptor.example/verify/0c5f9c3a-2d3b-4d38-9d52-1f8a3bb2e1a7/"
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=0)
    code.add_data(address)
    wanted = {(x, y) for y, row in enumerate(code.get_matrix()) for x, dark in enumerate(row) if dark}
    assert modules(qr_svg(address)) == wanted
    assert modules(qr_svg(address.replace("7/", "8/"))) != wanted


def test_the_sheet_says_what_the_document_says_and_where_to_check_it():
    contract = make_running()
    confirmed_licence(contract.expert)
    work_week(contract, minutes=95)
    certificate = make_certificate(contract.expert)
    read = pypdf.PdfReader(io.BytesIO(certificate_pdf(certificate)))
    assert len(read.pages) == 1
    text = re.sub(r"\s+", " ", read.pages[0].extract_text())
    for words in ("Record of work", "Imani Okafor", "1 h 35 min", "As of 30 November 2026", certificate.sha256):
        assert words in text
    assert queries.verify_url(certificate.public_id) in text.replace(" ", "")
    links = [note.get_object()["/A"]["/URI"] for note in read.pages[0]["/Annots"]]
    assert set(links) == {queries.verify_url(certificate.public_id)}


def test_the_sheet_is_tagged_and_has_a_title_and_a_language():
    contract = make_running()
    work_week(contract)
    with pikepdf.open(io.BytesIO(certificate_pdf(make_certificate(contract.expert)))) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang) == "en"
        assert str(pdf.docinfo["/Title"]) == "Record of work"
        with pdf.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"


@pytest.mark.parametrize("name", ['#panic("code") *bold*', "$x$ \\ #sys", 'A"; B', "Zoë Łukasik Øyvind"])
def test_a_name_is_never_code(name):
    expert = make_expert(name)
    confirmed_licence(expert)
    text = pypdf.PdfReader(io.BytesIO(certificate_pdf(make_certificate(expert)))).pages[0].extract_text()
    assert re.sub(r"\s+", "", name) in re.sub(r"\s+", "", text)


def test_a_name_that_no_font_can_draw_still_gives_a_sheet_that_says_so():
    contract = make_running(expert=make_expert("王小明"))
    work_week(contract)
    read = pypdf.PdfReader(io.BytesIO(certificate_pdf(make_certificate(contract.expert))))
    text = re.sub(r"\s+", " ", read.pages[0].extract_text())
    assert "Some signs cannot be drawn on this sheet." in text
    assert "Record of work" in text
