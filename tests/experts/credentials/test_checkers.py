"""Checkers against published numbers. A well formed number proves its form, never its holder."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experts.credentials.checkers import checker_for, registered
from experts.credentials.checkers.licence import formats
from experts.credentials.enums import CredentialKind, LadderStep
from experts.credentials.models import Credential
from experts.profiles.iso import us_states


def outcome(kind, number, **facts):
    checker = checker_for(kind)
    return checker.check(Credential(kind=kind, number=checker.normalise(number), **facts))


def test_these_kinds_are_checked_by_code():
    assert set(registered) == {
        CredentialKind.NPI, CredentialKind.ORCID, CredentialKind.MEDICAL_LICENCE, CredentialKind.FIDE,
        CredentialKind.BAR_ADMISSION, CredentialKind.GITHUB, CredentialKind.PUBLISHED_WORK,
        CredentialKind.LANGUAGE_CERTIFICATE,
    }  # fmt: skip


@pytest.mark.parametrize(
    "number", ["1234567893", "1245319599", "1679576722", "123 456 7893", "1234-567-893", "\uff11234567893"]
)
def test_a_published_npi_is_well_formed(number):
    found = outcome(CredentialKind.NPI, number)
    assert (found.ok, found.step) == (True, LadderStep.FORMAT_VALID)
    assert "never proves" in found.explanation


@pytest.mark.parametrize(
    "number",
    [
        "1234567890",
        "1234567898",
        "1558597798",
        "3234567893",
        "0234567893",
        "123456789",
        "12345678931",
        "12345X7893",
        "",
    ],
)
def test_a_wrong_npi_can_only_be_a_slip(number):
    found = outcome(CredentialKind.NPI, number)
    assert (found.ok, found.step, found.is_certain) == (False, LadderStep.DECLARED, True)


@given(st.integers(100_000_000, 299_999_999))
def test_exactly_one_check_digit_fits_any_nine_digits(first_nine):
    fitting = [digit for digit in range(10) if outcome(CredentialKind.NPI, f"{first_nine}{digit}").ok]
    assert len(fitting) == 1


@given(st.integers(100_000_000, 299_999_999), st.integers(0, 8))
def test_exchanging_one_digit_never_goes_unnoticed(first_nine, place):
    whole = next(
        f"{first_nine}{digit}" for digit in range(10) if outcome(CredentialKind.NPI, f"{first_nine}{digit}").ok
    )
    changed = whole[:place] + str((int(whole[place]) + 1) % 10) + whole[place + 1 :]
    assert outcome(CredentialKind.NPI, changed).ok is False


@pytest.mark.parametrize(
    "number",
    [
        "0000-0002-1825-0097",
        "0000-0002-1694-233X",
        "0000-0002-1694-233x",
        "https://orcid.org/0000-0001-5109-3700",
        "0000000218250097",
    ],
)
def test_a_published_orcid_is_well_formed(number):
    assert outcome(CredentialKind.ORCID, number).ok is True


def test_an_orcid_is_kept_in_one_form():
    assert checker_for(CredentialKind.ORCID).normalise("https://orcid.org/000000021694233x/") == "0000-0002-1694-233X"


@pytest.mark.parametrize(
    "number", ["0000-0002-1825-0098", "0000-0002-1825-009X", "0000-0002-1825-009", "X000-0002-1825-0097", "orcid"]
)
def test_a_wrong_orcid_can_only_be_a_slip(number):
    found = outcome(CredentialKind.ORCID, number)
    assert (found.ok, found.is_certain) == (False, True)


@pytest.mark.parametrize(
    ("state", "number"),
    [("MA", "220148"), ("MA", "1012345"), ("CA", "A 104882"), ("CA", "20A12345"), ("CA", "g-54321"), ("NY", "123456"),
     ("TX", "K1234"), ("FL", "ME 104882"), ("IL", "036.104882"), ("OH", "35.104882"), ("PA", "MD012345E")],
)  # fmt: skip
def test_a_licence_in_the_form_of_its_state_is_well_formed(state, number):
    found = outcome(CredentialKind.MEDICAL_LICENCE, number, country="US", region=state)
    assert (found.ok, found.step) == (True, LadderStep.FORMAT_VALID)


@pytest.mark.parametrize(
    ("state", "number"), [("MA", "A12"), ("CA", "12345"), ("NY", "12345"), ("TX", "12345"), ("OH", "104882")]
)
def test_a_licence_in_another_form_is_looked_at_and_not_refused(state, number):
    found = outcome(CredentialKind.MEDICAL_LICENCE, number, country="US", region=state)
    assert (found.ok, found.step, found.is_certain) == (False, LadderStep.DECLARED, False)


@pytest.mark.parametrize(("country", "region"), [("US", "WY"), ("US", ""), ("DE", "BY"), ("GB", "")])
def test_where_no_form_is_known_a_person_looks(country, region):
    found = outcome(CredentialKind.MEDICAL_LICENCE, "123", country=country, region=region)
    assert (found.ok, found.step) == (None, LadderStep.DECLARED)
    assert "a person looks" in found.explanation


def test_the_table_of_states_names_states_and_their_boards():
    assert set(formats()) <= set(us_states())
    assert {"MA", "CA", "NY", "TX"} <= set(formats())
    assert all(set(entry) == {"pattern", "form", "board"} for entry in formats().values())


@pytest.mark.parametrize(
    ("number", "ok"), [("1503014", True), ("4100018", True), ("12345", True), ("1234", False), ("15O3014", False)]
)
def test_a_fide_id_has_digits_only(number, ok):
    assert outcome(CredentialKind.FIDE, number).ok is ok


@pytest.mark.parametrize("kind", sorted(set(CredentialKind) - set(registered)))
def test_every_other_kind_says_that_a_person_looks(kind):
    found = outcome(kind, "  anything   goes ")
    assert (found.ok, found.step) == (None, LadderStep.DECLARED)
