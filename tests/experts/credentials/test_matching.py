"""Whether a name and a number agree with an entry of an imported register."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from experts.credentials.checkers.registries import federation_of, matchers, names_agree
from experts.credentials.enums import ComparisonOutcome, CredentialKind
from experts.registries.enums import Register
from experts.registries.queries import is_latin, name_words
from tests.factories.experts_credentials import make_licence, make_npi
from tests.factories.experts_profiles import NOW, make_expert, make_person
from tests.factories.experts_registries import import_list, licence, player, provider

LATER = NOW + timedelta(days=30)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("José Núñez-de la Cruz", ["jose", "nunez", "de", "la", "cruz"]),
        ("Dr. Imani  Okafor, M.D.", ["imani", "okafor"]),
        ("Seán O’Brien Jr.", ["sean", "obrien"]),
        ("Łukasz Østergård", ["lukasz", "ostergard"]),
        ("Jörg Weiß", ["jorg", "weiss"]),
        ("Md Rahman", ["md", "rahman"]),
        ("Anh Do", ["anh", "do"]),
        ("Imani Okafor, MD, PhD", ["imani", "okafor"]),
        ("OKAFOR Jr., Imani", ["okafor", "imani"]),
        ("Do, Anh", ["do", "anh"]),
        ("", []),
    ],
)
def test_names_are_compared_without_accents_titles_and_signs(text, words):
    assert name_words(text) == words


@pytest.mark.parametrize(
    ("text", "latin"), [("José Núñez", True), ("Ольга Петрова", False), ("王伟", False), ("", False)]
)
def test_registers_can_be_searched_for_latin_letters_only(text, latin):
    assert is_latin(text) is latin


@pytest.mark.parametrize(
    ("name", "last", "first", "middle"),
    [
        ("Imani Okafor", "OKAFOR", "IMANI", "CHIDINMA"),  # the middle name left out
        ("Imani C. Okafor", "OKAFOR", "IMANI", "CHIDINMA"),  # as an initial
        ("Imani Chidinma Okafor", "OKAFOR", "IMANI", "C"),
        ("Imani Grace Okafor", "OKAFOR", "IMANI", ""),  # the register has none
        ("Okafor Imani", "OKAFOR", "IMANI", ""),
        ("José Núñez de la Cruz", "NUNEZ DE LA CRUZ", "JOSE", ""),
        ("Jose Nunez delacruz", "NUNEZ DELACRUZ", "JOSE", ""),
        ("Ana DelaCruz", "DE LA CRUZ", "ANA", ""),
        ("Sean O'Brien", "O'BRIEN", "SEAN", "P"),
        ("Mary-Jane Lind", "LIND", "MARY JANE", ""),
        ("Edgar Hoff", "HOFF", "JOHN", "EDGAR"),  # known by the middle name
        ("J. Edgar Hoff", "HOFF", "JOHN", "EDGAR"),
    ],
)
def test_names_of_one_person_agree(name, last, first, middle):
    assert names_agree(name, last=last, first=first, middle=middle)


@pytest.mark.parametrize(
    ("name", "last", "first", "middle"),
    [
        ("Imani Okafor", "OKAFORSON", "IMANI", ""),
        ("Imani Okafor", "OKAFOR", "INES", ""),
        ("I. Okafor", "OKAFOR", "IMANI", ""),  # an initial alone is too little
        ("Imani Grace Okafor", "OKAFOR", "IMANI", "CHIDINMA"),
        ("Okafor", "OKAFOR", "IMANI", ""),
        ("Imani Okafor", "OKAFOR LIND", "IMANI", ""),
        ("", "OKAFOR", "IMANI", ""),
        ("Imani Okafor", "", "", ""),
    ],
)
def test_names_of_two_people_do_not(name, last, first, middle):
    assert not names_agree(name, last=last, first=first, middle=middle)


def matched(credential, name="Imani Okafor"):
    return matchers[credential.kind].match(credential, name)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("row", "outcome", "words"),
    [
        (provider(), ComparisonOutcome.MATCHED, "NPPES has the name with this NPI in MA"),
        (provider(last="LIND", other_last_name="OKAFOR"), ComparisonOutcome.MATCHED, "a former name"),
        (provider(last="LIND"), ComparisonOutcome.DIFFERS, "under another name"),
        (provider(number="2000000010"), ComparisonOutcome.NOT_FOUND, "No person has this NPI"),
        (provider(deactivated_on=date(2024, 6, 15)), ComparisonOutcome.GONE, "deactivated this NPI on 15 Jun 2024"),
        (
            provider(licences=[licence("220148", "MA")]),
            ComparisonOutcome.MATCHED,
            "Internal medicine, cardiovascular disease",
        ),
    ],
)
def test_an_npi_is_compared_with_its_entry(row, outcome, words):
    import_list(Register.NPPES, row)
    found = matched(make_npi(make_expert()))
    assert found.outcome == outcome
    assert words in found.explanation


@pytest.mark.django_db
def test_a_declared_licence_strengthens_a_match_or_casts_doubt_on_it():
    import_list(Register.NPPES, provider(practice_state="", licences=[licence("22-0148", "MA")]))
    expert, elsewhere = make_expert(), make_expert()
    make_licence(expert)  # 220148 in MA
    make_licence(elsewhere, number="104882", region="NY")
    same, other = matched(make_npi(expert)), matched(make_npi(elsewhere))
    assert (same.outcome, same.evidence["same_licences"]) == (ComparisonOutcome.MATCHED, ["MA"])
    assert "the same licence number in MA" in same.explanation
    assert other.outcome == ComparisonOutcome.DIFFERS
    assert "but in MA; a licence is declared for NY" in other.explanation


@pytest.mark.django_db
def test_a_number_that_left_the_list_is_gone():
    import_list(Register.NPPES, provider(), provider("2000000010"))
    import_list(Register.NPPES, provider("2000000010"), now=LATER)
    found = matched(make_npi(make_expert()))
    assert found.outcome == ComparisonOutcome.GONE
    assert "not in NPPES any more (NPPES of 23 Dec 2026)" in found.explanation


def make_fide(expert, title="", number="99900015"):
    from experts.credentials import actions

    return actions.declare_credential(
        expert_id=expert.public_id, kind=CredentialKind.FIDE, number=number, title=title, by=expert.user, now=NOW
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("row", "title", "outcome", "words"),
    [
        (player(), "", ComparisonOutcome.MATCHED, "without a title, federation USA."),
        (player(title="WGM", women_title="WGM"), "Woman Grandmaster", ComparisonOutcome.MATCHED, "WGM"),
        (player(title="IM", women_title="WGM"), "wgm", ComparisonOutcome.MATCHED, "IM and WGM"),
        (player(title="FM"), "GM", ComparisonOutcome.DIFFERS, "FIDE lists the title FM, and GM is declared"),
        (player(), "GM", ComparisonOutcome.DIFFERS, "FIDE lists no title"),
        (player(name="Lind, Sigrid"), "", ComparisonOutcome.DIFFERS, "under another name"),
        (player(name="Imani Okafor"), "", ComparisonOutcome.MATCHED, "FIDE has the name"),
        (
            player(federation="NGR"),
            "",
            ComparisonOutcome.MATCHED,
            "federation NGR. The profile's country would be USA.",
        ),
        (player(number="99900099"), "", ComparisonOutcome.NOT_FOUND, "No player has this id"),
    ],
)
def test_a_fide_id_is_compared_by_name_title_and_federation(row, title, outcome, words):
    import_list(Register.FIDE, row)
    found = matched(make_fide(make_expert(), title))
    assert found.outcome == outcome
    assert words in found.explanation


@pytest.mark.django_db
def test_accents_of_the_account_do_not_matter():
    import_list(Register.FIDE, player(name="Tavares Lima, Joao Pedro"))
    credential = make_fide(make_expert(make_person("João Tavares Lima")))
    assert matched(credential, "João Tavares Lima").outcome == ComparisonOutcome.MATCHED


@pytest.mark.parametrize(
    ("country", "letters"), [("DE", "GER"), ("US", "USA"), ("NO", "NOR"), ("CH", "SUI"), ("", ""), ("XX", "")]
)
def test_fide_writes_some_countries_in_its_own_way(country, letters):
    assert federation_of(country) == letters
