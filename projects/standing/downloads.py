"""A certificate as files: the PDF with its QR code, and the QR code for the page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final, Literal

import qrcode
import typst
from django.utils.translation import get_language, gettext
from qrcode.image.svg import SvgPathImage

from projects.standing.models import Certificate
from projects.standing.queries import verify_url
from projects.standing.shapes import ISSUER_NAME, day_words, read_document

PAPER: Final = Path(__file__).with_name("paper.typ")


def qr_svg(address: str) -> str:
    """Return the QR code of an address as SVG, error correction M, with the four modules of margin that scanners want."""
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=4, image_factory=SvgPathImage)
    code.add_data(address)
    drawn: bytes = code.make_image().to_string()
    return drawn.decode()


def certificate_pdf(certificate: Certificate) -> bytes:
    """
    Return the certificate as PDF/UA-1: tagged, with title and language, so that a screen reader reads it in order.

    Made anew each time from the signed document, so paper and document never say different things.
    """
    address = verify_url(certificate.public_id)
    data = _data(certificate, address)
    try:
        return _set(data, address, standards=["ua-1"])
    except typst.TypstError:  # The standard refuses signs that no font here can draw, such as those of Chinese.
        missing = gettext("Some signs cannot be drawn on this sheet. The page of the certificate shows them.")
        return _set(data | {"missing": missing}, address, standards=[])


def _set(data: dict[str, Any], address: str, *, standards: list[Literal["ua-1"]]) -> bytes:
    inputs = {"data": json.dumps(data), "qr": qr_svg(address)}
    made = typst.compile(PAPER, sys_inputs=inputs, pdf_standards=[*standards])
    if not isinstance(made, bytes):
        raise TypeError("A certificate is one file.")
    return made


def _data(certificate: Certificate, address: str) -> dict[str, Any]:
    read = read_document(certificate.content)
    day = day_words(certificate.as_of.date())
    return {
        "lang": (get_language() or "en")[:2],
        "title": read.title,
        "issuer": ISSUER_NAME,
        "issued": gettext("As of %(day)s") % {"day": day},
        "holder": read.holder,
        "missing": "",
        "nameless": gettext("The holder chose not to be named here."),
        "head_name": gettext("What was counted"),
        "head_value": gettext("On %(day)s") % {"day": day},
        "lines": [{"name": line.name, "value": line.value, "meaning": line.meaning} for line in read.lines],
        "check_title": gettext("Is it real, and does it still count?"),
        "check_words": gettext(
            "Scan the code or open the address. The page says whether it was revoked or followed by a newer one. The signed "
            "file there can be checked without us, too."
        ),
        "url": address,
        "qr_alt": gettext("QR code of the address %(url)s") % {"url": address},
        "hash_label": "SHA-256",
        "sha256": certificate.sha256,
        "footer": gettext(
            "This sheet shows what the signed document says. Only the document is signed, not the sheet. Clients are never named."
        ),
    }
