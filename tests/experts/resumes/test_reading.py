"""What is read out of a résumé, with the line it stands in, and what is left out because it is doubtful."""

from __future__ import annotations

import pytest

from experts.resumes.reading.reader import read_resume
from experts.resumes.reading.spans import Span, span_in, year_in
from tests.factories.experts_resumes import LAWYER, known


def facts(text: str, kind: str = "", **told):
    found = read_resume(text, known(**told))
    return [fact for fact in found if not kind or fact.kind == kind]


def values(text: str, kind: str, **told) -> list[dict]:
    return [fact.value for fact in facts(text, kind, **told)]


def test_a_plain_resume_is_read_with_its_lines():
    assert [(fact.kind, fact.page, fact.line) for fact in facts(LAWYER)] == [
        ("HEADLINE", 1, 2), ("YEARS", 1, 2), ("FIELD", 1, 2), ("LANGUAGE", 1, 10), ("LANGUAGE", 1, 10),
        ("LANGUAGE", 1, 10), ("WORK", 1, 4), ("WORK", 1, 6), ("EDUCATION", 1, 8), ("CREDENTIAL", 1, 12),
        ("CREDENTIAL", 1, 12),
    ]  # fmt: skip
    assert values(LAWYER, "WORK")[0] == {
        "title": "Senior associate", "organisation": "Larch & Finch LLP", "begin": "2018-03", "end": "", "goes_on": True,
    }  # fmt: skip
    assert values(LAWYER, "EDUCATION") == [{
        "school": "University of Warsaw", "degree": "LL.M.", "subject": "International Law", "begin": "2011", "end": "2013",
        "goes_on": False,
    }]  # fmt: skip
    assert [(one["code"], one["level"], one["said"]) for one in values(LAWYER, "LANGUAGE")] == [
        ("pl", "NATIVE", ""), ("en", "C2", ""), ("de", "", "fluent"),
    ]  # fmt: skip
    assert values(LAWYER, "CREDENTIAL") == [
        {"kind": "ORCID", "number": "0000-0002-1825-0097"}, {"kind": "GITHUB", "number": "tomasz-w"},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "span", "beside"),
    [
        ("Associate, Larch\tJan 2015 – present", Span("2015-01", "", goes_on=True), "Associate, Larch"),
        ("07/2010 - 06/2013", Span("2010-07", "2013-06", goes_on=False), ""),
        ("2003–2009\tMBBS, Lagos", Span("2003", "2009", goes_on=False), "MBBS, Lagos"),
        ("2019-03 to 2020-11", Span("2019-03", "2020-11", goes_on=False), ""),
        ("Sept. 2013 until Feb 2018 | Cardexa", Span("2013-09", "2018-02", goes_on=False), "Cardexa"),
        ("Editor (since May 2021)", None, ""),
        ("Editor, since May 2021", Span("2021-05", "", goes_on=True), "Editor"),
        ("I worked from 2010 to 2013 in three wards", None, ""),
        ("2013 – 2010", None, ""),
        ("Call 2015-2019-33", None, ""),
        ("Room 2015", None, ""),
    ],
)
def test_spans_of_months(text, span, beside):
    assert span_in(text) == (None if span is None else (span, beside))


def test_a_year_alone_ends_a_course_of_study():
    assert year_in("MBBS, University of Lagos, 2009") == (Span("", "2009", goes_on=False), "MBBS, University of Lagos")
    assert year_in("between 2009 and 2010") is None


@pytest.mark.parametrize(
    "entry",
    [
        "Attending cardiologist\nBrightwater Heart Clinic, Boston\nJan 2015 – present",
        "Brightwater Heart Clinic, Boston\nAttending cardiologist\nJan 2015 – present",
        "Jan 2015 – present\nAttending cardiologist\nBrightwater Heart Clinic, Boston",
        "Attending cardiologist at Brightwater Heart Clinic, Boston, Jan 2015 – present",
        "Attending cardiologist | Brightwater Heart Clinic, Boston | Jan 2015 – present",
        "Brightwater Heart Clinic, Boston\tJan 2015 – present\nAttending cardiologist",
        "Jan 2015 – present\tAttending cardiologist, Brightwater Heart Clinic, Boston",
    ],
)
def test_a_job_in_the_shapes_that_people_use(entry):
    assert values(f"Experience\n{entry}\nRuns the clinic.\n", "WORK") == [{
        "title": "Attending cardiologist", "organisation": "Brightwater Heart Clinic, Boston", "begin": "2015-01",
        "end": "", "goes_on": True,
    }]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "Experience\nSomething nobody knows, 2010 – 2013",  # neither a title nor a place
        "Experience\n2010 – 2013\n",
        "Experience\n• Led mergers of banks, 2010 – 2013",
        "Experience\nWorked with the attending cardiologist of a clinic from 2010 to 2013 on charts.",
        "Experience\nAttending cardiologist, Brightwater Clinic, 2027 – 2030",  # months that have not come
        "Attending cardiologist, Brightwater Clinic, 2010 – 2013",  # in no section
        "Publications\nThe cardiologist, Lancet Press, 2010 – 2013",
    ],
)
def test_what_is_doubtful_is_no_job(text):
    assert values(text, "WORK") == []


def test_each_job_keeps_its_own_lines():
    text = (
        "Experience\nAttending cardiologist\nBrightwater Heart Clinic\nJan 2015 – present\nTeaches residents on\nrounds.\n"
        "Resident in internal medicine\nInvented General Hospital\n07/2010 – 06/2013"
    )
    assert [(one["title"], one["organisation"]) for one in values(text, "WORK")] == [
        ("Attending cardiologist", "Brightwater Heart Clinic"), ("Resident in internal medicine", "Invented General Hospital"),
    ]  # fmt: skip
    assert facts(text, "WORK")[1].quote == (
        "Resident in internal medicine / Invented General Hospital / 07/2010 – 06/2013"
    )


def test_pages_are_counted_and_lines_begin_anew_on_each():
    found = facts("Imani Okafor\nCardiologist in Boston\fEducation\nMBBS, Medicine, University of Lagos, 2003 – 2009")
    assert [(fact.kind, fact.page, fact.line) for fact in found] == [
        ("HEADLINE", 1, 2), ("FIELD", 1, 2), ("EDUCATION", 2, 2),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "level", "said"),
    [("Languages: Igbo (C1)", "C1", ""), ("Languages\nIgbo: mother tongue", "NATIVE", ""), ("Languages\nIgbo\nfluent", "", "fluent"),
     ("Language skills\n• Igbo – near native", "", ""), ("Languages\tIgbo B2\n", "B2", "")],
)  # fmt: skip
def test_a_level_is_taken_as_it_is_written_and_never_guessed(text, level, said):
    assert [(one["code"], one["level"], one["said"]) for one in values(text, "LANGUAGE")] == [("ig", level, said)]


def test_a_language_outside_its_section_is_none():
    assert values("Summary\nI teach English and French to doctors.", "LANGUAGE") == []


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("ORCID: 0000-0002-1825-0098", None), ("NPI: 1234567893", "1234567893"), ("NPI 1234567890", None),
        ("Phone 1234567893", None), ("https://github.com/imani-o/thesis", None), ("github.com/imani-o", "imani-o"),
    ],
)  # fmt: skip
def test_only_well_formed_numbers_are_read(line, number):
    assert [one["number"] for one in values(f"Contact\n{line}", "CREDENTIAL")] == ([number] if number else [])


def test_a_specialty_stands_for_what_it_is_under_and_short_words_count_for_nothing():
    text = "Imani Okafor\nPhysician and cardiologist\nSkills\nMedicine, cardiology, cloud, go"
    assert [one["code"] for one in values(text, "FIELD", name="Imani Okafor")] == ["cardiology"]


def test_a_field_that_only_a_description_names_is_not_suggested():
    text = "Experience\nWriter, Larch Press, 2010 – 2013\nEdited a book about neurosurgery and its history."
    assert values(text, "FIELD") == []


def test_a_headline_is_neither_the_name_nor_an_address_nor_a_sentence():
    text = (
        "Imani Okafor, physician\nimani@cardiologist.example\n+1 617 555 0100\nI am a physician who writes.\nBoston, MA"
    )
    assert values(text, "HEADLINE", name="Imani Okafor") == []
