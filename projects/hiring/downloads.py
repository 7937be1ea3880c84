"""The written contract as PDF, for both sides."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal

import typst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from marketplace.kernel.markdown import plain_blocks
from marketplace.kernel.money import format_money
from projects.hiring.enums import CORRECTION_HOURS, NOTICE_DAYS
from projects.hiring.models import Contract, ContractVersion, TermsSignature

PAPER: Final = Path(__file__).with_name("contract.typ")


def contract_pdf(contract: Contract) -> bytes:
    """
    Return the written contract as PDF/UA-1: tagged, with title and language, so that a screen reader reads it in order.

    Made anew each time from the rows, which never change: the same contract gives the same bytes until something new is
    agreed. Whatever people wrote goes in as data, never as source, so that no name is code.
    """
    data = _data(contract)
    try:
        return _set(data, standards=["ua-1"])
    except typst.TypstError:  # The standard refuses signs that no font here can draw, such as those of Chinese.
        missing = _("Some signs cannot be drawn on this sheet. The record on the site shows them.")
        return _set(data | {"missing": missing}, standards=[])


def _set(data: dict[str, Any], *, standards: list[Literal["ua-1"]]) -> bytes:
    made = typst.compile(PAPER, sys_inputs={"data": json.dumps(data)}, pdf_standards=[*standards])
    if not isinstance(made, bytes):
        raise TypeError("A contract is one file.")
    return made


def _data(contract: Contract) -> dict[str, Any]:
    terms = contract.offer.terms
    signature: TermsSignature | None = getattr(contract.offer, "signature", None)
    return {
        "lang": (get_language() or "en")[:2],
        "title": _("Contract"),
        "author": "Preceptor",
        "about": contract.project.title,
        "missing": "",
        "number": _("Contract %(id)s") % {"id": contract.public_id},
        "parties_title": _("Between"),
        "parties": _parties(contract, signature),
        "versions_title": _("What is agreed"),
        "versions_words": _(
            "A later version counts from its first moment on and never before it. The platform's fee is paid by the lab on top "
            "of the rate; nothing is taken from it."
        ),
        "versions_head": [
            _("Version"),
            _("From"),
            _("Rate, an hour"),
            _("Hours a week, at most"),
            _("Last day"),
            _("Fee"),
        ],
        "versions": [_row(version, contract.currency) for version in contract.versions.order_by("number")],
        "rules_title": _("Rules of every contract"),
        "rules": _rules(contract),
        "terms_title": terms.title,
        "terms_version": _("Version %(number)s of the lab's terms") % {"number": terms.version},
        "terms": plain_blocks(terms.text),
        "hash_label": _("SHA-256 of the text"),
        "sha256": terms.sha256,
        "signed_title": _("Signature"),
        "signed": _signed(signature, contract),
        "signed_words": _(
            "Signed electronically: the name was typed by the holder of the account, and the hash is that of the very text that "
            "was shown. The record on the site computes it again."
        ),
        "page": _("Page"),
        "of": _("of"),
    }


def _parties(contract: Contract, signature: TermsSignature | None) -> list[list[str]]:
    lab = contract.lab
    expert = contract.expert.user.get_full_name() or (signature.typed_name if signature else "")
    return [
        [_("Lab"), lab.public_name if lab.is_anonymous else lab.legal_name or lab.name],
        [_("Expert"), _("%(name)s, named %(alias)s in the lab's files") % {"name": expert, "alias": contract.alias}],
        [_("First day"), f"{contract.offer.starts_on:%-d %B %Y}"],
        [_("Accepted"), _moment(contract.started_at)],
    ] + ([[_("Ended"), _moment(contract.ended_at)]] if contract.ended_at else [])


def _row(version: ContractVersion, currency: str) -> list[str]:
    hours = f"{version.weekly_cap_minutes / 60:g} h"
    last = f"{version.ends_on:%-d %B %Y}" if version.ends_on else _("none agreed")
    fee = f"{version.fee_bps / 100:g} %"
    return [
        str(version.number), _moment(version.effective_from), format_money(version.rate_minor, currency), hours, last, fee,
    ]  # fmt: skip


def _rules(contract: Contract) -> list[str]:
    """Return what holds for every contract, in sentences."""
    return [
        _("Work is paid by the hour, by whole minutes of each UTC day, in %(currency)s.") % {"currency": contract.currency},
        _("The lab sets the pay of a week aside before its first minute is worked."),
        _("Hours can be corrected until Monday %(hour)s:00 UTC after their week. Approved pay is never withheld, "
          "whatever happens to the contract.") % {"hour": CORRECTION_HOURS},
        _("A new rate, cap or last day is a new version, which the expert accepts. It begins on a Monday; less pay, hours or "
          "days is proposed at least %(days)s days ahead.") % {"days": NOTICE_DAYS},
        _("The expert may end the contract on any day. The lab gives %(days)s days' notice, unless the terms were seriously "
          "breached.") % {"days": NOTICE_DAYS},
    ]  # fmt: skip


def _signed(signature: TermsSignature | None, contract: Contract) -> list[list[str]]:
    if signature is None:
        return []
    rows = [
        [_("Name as typed"), signature.typed_name],
        [_("When"), _moment(signature.signed_at, seconds=True)],
        [_("From the address"), signature.address or _("not kept")],
        [_("SHA-256 of what was signed"), signature.text_sha256],
    ]
    sender = contract.offer.sent_by
    offered = f"{sender.get_full_name()}, {_moment(contract.offer.sent_at, seconds=True)}"
    return [
        *rows,
        [_("Offered for the lab by"), offered if not contract.lab.is_anonymous else _moment(contract.offer.sent_at)],
    ]


def _moment(at: datetime, *, seconds: bool = False) -> str:
    return f"{at:%-d %B %Y, %H:%M:%S} UTC" if seconds else f"{at:%-d %B %Y, %H:%M} UTC"
