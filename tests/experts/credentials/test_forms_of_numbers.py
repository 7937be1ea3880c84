"""What code can check alone, against published numbers, and against every slip of one digit."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import isbn, luhn
from stdnum.iso7064 import mod_11_2

from experts.credentials.checkers import checker_for
from experts.credentials.enums import CredentialKind, LadderStep
from experts.credentials.models import Credential
from experts.credentials.shapes import SHAPES


def outcome(kind, number, **facts):
    checker = checker_for(kind)
    return checker.check(Credential(kind=kind, number=checker.normalise(number), **facts))


def test_every_kind_has_a_shape_and_a_checker_that_answers():
    for kind in CredentialKind:
        assert SHAPES[kind].fields
        assert outcome(kind, "", title="x").explanation.endswith(".")


# Published examples: CMS, ORCID, DOI Handbook, ISBN Users' Manual, State Bar of California (form only).
@pytest.mark.parametrize(
    ("kind", "number", "facts"),
    [
        (CredentialKind.NPI, "1234567893", {}),
        (CredentialKind.NPI, "1558598797", {}),
        (CredentialKind.ORCID, "0000-0002-1825-0097", {}),
        (CredentialKind.ORCID, "https://orcid.org/0000-0002-1694-233X", {}),
        (CredentialKind.FIDE, "99900015", {}),
        (CredentialKind.BAR_ADMISSION, "104882", {"country": "US", "region": "CA"}),
        (CredentialKind.GITHUB, "https://github.com/some-one/", {}),
        (CredentialKind.GITHUB, "@octo-cat2", {}),
        (CredentialKind.PUBLISHED_WORK, "https://doi.org/10.1000/182", {}),
        (CredentialKind.PUBLISHED_WORK, "doi: 10.1000/xyz123", {}),
        (CredentialKind.PUBLISHED_WORK, "978-0-306-40615-7", {}),
        (CredentialKind.PUBLISHED_WORK, "0-306-40615-2", {}),
    ],
)
def test_published_numbers_are_well_formed(kind, number, facts):
    found = outcome(kind, number, **facts)
    assert (found.ok, found.step) == (True, LadderStep.FORMAT_VALID)
    assert found.source


@pytest.mark.parametrize(
    ("kind", "number", "facts", "is_certain"),
    [
        (CredentialKind.NPI, "1234567890", {}, True),
        (CredentialKind.NPI, "3234567893", {}, True),
        (CredentialKind.ORCID, "0000-0002-1825-0098", {}, True),
        (CredentialKind.FIDE, "12AB", {}, True),
        (CredentialKind.BAR_ADMISSION, "1048821", {"country": "US", "region": "CA"}, False),
        (CredentialKind.GITHUB, "two--hyphens", {}, True),
        (CredentialKind.GITHUB, "-first", {}, True),
        (CredentialKind.GITHUB, "a" * 40, {}, True),
        (CredentialKind.PUBLISHED_WORK, "10.99/182", {}, False),
        (CredentialKind.PUBLISHED_WORK, "978-0-306-40615-8", {}, True),
    ],
)
def test_wrong_numbers_stay_declared_and_sure_slips_are_sent_back(kind, number, facts, is_certain):
    found = outcome(kind, number, **facts)
    assert (found.ok, found.step, found.is_certain) == (False, LadderStep.DECLARED, is_certain)


@pytest.mark.parametrize(
    ("kind", "facts", "words"),
    [
        (
            CredentialKind.BAR_ADMISSION,
            {"country": "US", "region": "NY"},
            "No rule is known for the numbers of this bar (US-NY)",
        ),
        (CredentialKind.BAR_ADMISSION, {"country": "DE"}, "No rule is known for the numbers of this bar (DE)"),
        (
            CredentialKind.MEDICAL_LICENCE,
            {"country": "US", "region": "WY"},
            "No rule is known for the numbers of this board",
        ),
        (CredentialKind.LANGUAGE_CERTIFICATE, {"title": "German c1"}, "It names the CEFR level C1"),
        (CredentialKind.LANGUAGE_CERTIFICATE, {"title": "German, very good"}, "It names no CEFR level"),
        (CredentialKind.CFA, {}, "No program can check this"),
    ],
)
def test_where_no_rule_is_known_that_is_said(kind, facts, words):
    found = outcome(kind, "77", **facts)
    assert (found.ok, found.step) == (None, LadderStep.DECLARED)
    assert words in found.explanation


@given(st.sampled_from("12"), st.text("0123456789", min_size=8, max_size=8), st.integers(1, 9), st.integers(0, 9))
def test_every_npi_with_one_digit_wrong_is_found(first, rest, place, slip):
    body = first + rest
    number = body + luhn.calc_check_digit("80840" + body)
    assert outcome(CredentialKind.NPI, number).ok is True
    wrong = number[:place] + str((int(number[place]) + 1 + slip % 9) % 10) + number[place + 1 :]
    assert outcome(CredentialKind.NPI, wrong).ok is False


@given(st.text("0123456789", min_size=15, max_size=15), st.integers(0, 14), st.integers(1, 9))
def test_every_orcid_with_one_digit_wrong_is_found(body, place, slip):
    number = body + mod_11_2.calc_check_digit(body)
    assert outcome(CredentialKind.ORCID, number).ok is True
    wrong = number[:place] + str((int(number[place]) + slip) % 10) + number[place + 1 :]
    assert outcome(CredentialKind.ORCID, wrong).ok is False


@given(st.text("0123456789", min_size=9, max_size=9))
def test_every_isbn_is_known_in_its_long_form_too(body):
    short = body + isbn._calc_isbn10_check_digit(body)
    assert outcome(CredentialKind.PUBLISHED_WORK, short).ok is True
    assert outcome(CredentialKind.PUBLISHED_WORK, isbn.to_isbn13(short)).ok is True


@given(st.text(max_size=60), st.sampled_from(sorted(CredentialKind)))
def test_no_text_makes_a_checker_stumble_and_its_normal_form_is_stable(text, kind):
    checker = checker_for(kind)
    once = checker.normalise(text)
    checker.check(Credential(kind=kind, number=once, title=text, country="US", region="CA"))
    if set(text) <= set(string.ascii_letters + string.digits + "-. "):
        assert checker.normalise(once) == once
