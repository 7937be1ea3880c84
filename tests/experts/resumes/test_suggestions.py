"""Suggestions: made once and never of what is known, accepted, put right, left out; gone with the file."""

from __future__ import annotations

import io
from datetime import date

import pytest

from experts.credentials import actions as documents
from experts.credentials.enums import CredentialKind, DocumentState
from experts.credentials.inspection import runner
from experts.credentials.models import Credential, Document, FileEvent
from experts.profiles.models import Expert
from experts.resumes import actions
from experts.resumes.enums import ReadingOutcome, SuggestionState
from experts.resumes.models import Reading, Suggestion
from marketplace.audit.models import AuditEvent
from marketplace.kernel.errors import Invalid, NotAllowed, Refused, WrongState
from marketplace.kernel.jobs import JobState
from marketplace.notices.models import Notification
from tests.factories.experts_credentials import docx_bytes, upload
from tests.factories.experts_profiles import NOW, make_blank_expert, make_expert, make_person, make_vetter
from tests.factories.experts_resumes import LAWYER, read, send_resume, suggest

pytestmark = pytest.mark.django_db
WORK = {"title": "Clerk", "organisation": "Invented Court", "begin": "2011-02", "end": "2013-05", "goes_on": False}
GERMAN = {"code": "de", "name": "German", "level": "", "said": "fluent"}


@pytest.fixture
def expert():
    return make_blank_expert(make_person("Tomasz Wieczorek"))


@pytest.fixture
def reading(expert) -> Reading:
    """A reading without suggestions, so that each test writes its own."""
    document = send_resume(expert)
    return Reading.objects.create(
        document=document,
        expert=expert,
        state=ReadingOutcome.READ,
        not_before=NOW,
        queued_at=NOW,
        job_state=JobState.DONE,
    )


def accept(row: Suggestion, by=None, **changed) -> None:
    actions.accept_suggestion(suggestion_id=row.public_id, by=by or row.expert.user, now=NOW, changed=changed or None)


def test_from_the_file_to_the_suggestions_by_its_own_events(expert, django_capture_on_commit_callbacks):
    """The whole way: looked into in the real child, told upward, read in the real child."""
    document = upload(expert, docx_bytes(*LAWYER.split("\n")), "resume.docx")
    documents.check_document(document_id=document.pk, now=NOW)
    event = FileEvent.objects.get()
    for _twice in range(2):
        documents.deliver_event(event_id=event.pk, now=NOW)
    reading = Reading.objects.get()
    actions.read_resume(reading_id=reading.pk, now=NOW)
    actions.read_resume(reading_id=reading.pk, now=NOW)
    reading.refresh_from_db()
    assert (reading.state, reading.job_state, reading.attempts) == (ReadingOutcome.READ, JobState.DONE, 1)
    kinds = [row.kind for row in Suggestion.objects.order_by("position")]
    assert kinds[:2] == ["HEADLINE", "YEARS"]
    assert kinds.count("WORK") == 2
    assert Notification.objects.get().title == f"Your résumé was read: {len(kinds)} suggestions for your profile"
    expert.refresh_from_db()
    assert (expert.headline, expert.years_experience, expert.work.count()) == ("", None, 0)


def test_what_the_profile_says_already_is_not_suggested():
    expert = make_expert(make_person("Tomasz Wieczorek"))
    expert.languages.create(code="pl", level="NATIVE")
    expert.work.create(title="Senior Associate", organisation="Larch & Finch", from_month=date(2018, 3, 1))
    documents.declare_credential(
        expert_id=expert.public_id, kind=CredentialKind.GITHUB, number="Tomasz-W", by=expert.user, now=NOW
    )
    read(expert)
    found = {(row.kind, row.key.partition("|")[0]) for row in Suggestion.objects.all()}
    assert not {kind for kind, _key in found} & {"HEADLINE", "YEARS"}
    assert ("LANGUAGE", "de") in found
    assert ("LANGUAGE", "pl") not in found
    assert [row.value["title"] for row in Suggestion.objects.filter(kind="WORK")] == ["Associate"]
    assert [row.value["kind"] for row in Suggestion.objects.filter(kind="CREDENTIAL")] == ["ORCID"]


def test_a_newer_resume_replaces_what_is_open_and_asks_nothing_twice(expert):
    read(expert)
    headline, years = Suggestion.objects.get(kind="HEADLINE"), Suggestion.objects.get(kind="YEARS")
    accept(headline)
    actions.dismiss_suggestion(suggestion_id=years.public_id, by=expert.user, now=NOW)
    newer = read(expert, LAWYER.replace("Polish (native), ", ""))
    assert set(Suggestion.objects.proposed().values_list("reading", flat=True)) == {newer.pk}
    kinds = list(newer.suggestions.values_list("kind", flat=True))
    assert "HEADLINE" not in kinds
    assert "YEARS" not in kinds
    assert sorted(row.value["code"] for row in newer.suggestions.filter(kind="LANGUAGE")) == ["de", "en"]


def test_an_older_resume_that_is_read_late_suggests_nothing(expert):
    older = actions.begin_reading(document_id=send_resume(expert).public_id, now=NOW)
    send_resume(expert, LAWYER + "\nmore")
    actions.read_resume(reading_id=older.pk, now=NOW)
    assert not Suggestion.objects.exists()


def test_a_resume_that_counts_again_is_read_although_no_event_said_so(expert):
    older, newer = send_resume(expert), send_resume(expert, LAWYER + "\nmore")
    Document.objects.filter(pk=newer.pk).update(state=DocumentState.QUARANTINED)
    assert (
        actions.begin_reading(document_id=older.public_id, now=NOW) is None
    )  # told while the newer one was looked into
    assert actions.begin_missing_readings(now=NOW) == 0
    Document.objects.filter(pk=newer.pk).update(state=DocumentState.REFUSED, refusal="a script")
    assert [actions.begin_missing_readings(now=NOW) for _twice in range(2)] == [1, 0]
    assert Reading.objects.get().document == older


@pytest.mark.parametrize("state", [DocumentState.QUARANTINED, DocumentState.REFUSED])
def test_only_a_file_that_was_taken_is_read(expert, state):
    document = send_resume(expert)
    Document.objects.filter(pk=document.pk).update(state=state, refusal="x")
    assert actions.begin_reading(document_id=document.public_id, now=NOW) is None
    assert not Reading.objects.exists()


def test_a_scan_says_so(expert):
    reading = read(expert, "", pages=2, unreadable_pages=2)
    assert reading.state == ReadingOutcome.NO_TEXT
    assert reading.document.is_scan
    assert not Notification.objects.exists()


@pytest.mark.parametrize(
    "said", ["", "nonsense", "{}", '[{"kind": "MONEY", "value": {}, "quote": "x"}]', '[{"kind": "WORK"}]']
)
def test_a_reader_that_dies_or_talks_nonsense_suggests_nothing(expert, monkeypatch, said):
    monkeypatch.setattr("experts.resumes.actions.readings.confined", lambda *_given: (said, -9))
    assert read(expert).state == ReadingOutcome.FAILED
    assert not Suggestion.objects.exists()


def test_the_reader_runs_in_the_limited_process():
    job = b'{"text": "", "name": "", "fields": [], "languages": {}, "today": "2026-11-28"}'
    assert runner.confined("experts.resumes.reading", [], io.BytesIO(job)) == ("[]", 0)
    assert runner.confined("experts.resumes.reading", [], io.BytesIO(b"no job"))[0] == ""


def test_deleting_the_file_deletes_what_was_read_from_it_and_keeps_what_was_accepted(expert):
    reading = read(expert)
    accept(Suggestion.objects.get(kind="HEADLINE"))
    documents.remove_document(document_id=reading.document.public_id, by=expert.user, now=NOW)
    assert not Suggestion.objects.exists()
    assert not Reading.objects.exists()
    assert not Document.objects.exists()
    expert.refresh_from_db()
    assert expert.headline.startswith("Contract lawyer")
    actions.read_resume(reading_id=reading.pk, now=NOW)  # a message that comes late


# ------------------------------------------------------------------------------------------------------- one by one


def test_each_kind_is_written_where_it_belongs(reading, expert):
    facts = [
        ("HEADLINE", {"text": "Contract lawyer"}), ("YEARS", {"years": 12}), ("FIELD", {"code": "cardiology", "name": "Cardiology"}),
        ("LANGUAGE", {"code": "pl", "name": "Polish", "level": "NATIVE", "said": ""}), ("WORK", WORK),
        ("EDUCATION", {"school": "University of Warsaw", "degree": "LL.M.", "subject": "", "begin": "2009-10", "end": "2011-06",
                       "goes_on": False}),
        ("CREDENTIAL", {"kind": "ORCID", "number": "0000-0002-1825-0097"}),
    ]  # fmt: skip
    for position, (kind, value) in enumerate(facts):
        accept(suggest(reading, kind, value, position))
    expert = Expert.objects.get(pk=expert.pk)
    assert (expert.headline, expert.years_experience) == ("Contract lawyer", 12)
    assert [(one.field.code, one.years) for one in expert.field_entries.all()] == [("cardiology", 0)]
    assert list(expert.languages.values_list("code", "level")) == [("pl", "NATIVE")]
    job, study = expert.work.get(), expert.education.get()
    assert (job.title, job.from_month, job.to_month) == ("Clerk", date(2011, 2, 1), date(2013, 5, 1))
    assert (study.school, study.from_month, study.to_month) == (
        "University of Warsaw",
        date(2009, 10, 1),
        date(2011, 6, 1),
    )
    credential = Credential.objects.get()
    assert (credential.kind, credential.number, credential.step) == ("ORCID", "0000-0002-1825-0097", "FORMAT_VALID")
    assert not Suggestion.objects.proposed().exists()
    trail = AuditEvent.objects.filter(what="resumes.accept_suggestion")
    assert trail.count() == 7
    assert "Clerk" not in str(list(trail.values()))  # the trail keeps which kind, not what it says


def test_what_is_open_is_asked_before_it_can_be_accepted(reading, expert):
    row = suggest(reading, "LANGUAGE", GERMAN)
    with pytest.raises(Invalid, match="leaves something open"):
        accept(row)
    accept(row, level="C1")
    assert expert.languages.get().level == "C1"
    job = suggest(reading, "WORK", WORK | {"begin": "2011"})
    with pytest.raises(Invalid, match="leaves something open"):
        accept(job)
    accept(job, begin="2011-04", title="Court clerk")
    assert (expert.work.get().title, expert.work.get().from_month) == ("Court clerk", date(2011, 4, 1))
    job.refresh_from_db()
    assert job.value["title"] == "Court clerk"


def test_what_is_decided_is_decided(reading, expert):
    row = suggest(reading, "WORK", WORK)
    accept(row)
    for deed in (actions.accept_suggestion, actions.dismiss_suggestion, actions.restore_suggestion):
        with pytest.raises(WrongState):
            deed(suggestion_id=row.public_id, by=expert.user, now=NOW)
    assert expert.work.count() == 1


def test_a_fact_that_was_typed_in_meanwhile_is_not_written_twice(reading, expert):
    row = suggest(reading, "WORK", WORK)
    expert.work.create(title="Clerk", organisation="Invented Court", from_month=date(2011, 2, 1))
    accept(row)
    row.refresh_from_db()
    assert (row.state, expert.work.count()) == (SuggestionState.ACCEPTED, 1)


def test_what_was_left_out_can_be_brought_back(reading, expert):
    row = suggest(reading, "WORK", WORK)
    actions.dismiss_suggestion(suggestion_id=row.public_id, by=expert.user, now=NOW)
    row.refresh_from_db()
    assert (row.state, row.decided_at) == (SuggestionState.DISMISSED, NOW)
    actions.restore_suggestion(suggestion_id=row.public_id, by=expert.user, now=NOW)
    accept(row)
    assert expert.work.count() == 1


def test_a_section_is_accepted_at_once_but_for_what_is_open(reading, expert):
    suggest(reading, "WORK", WORK)
    suggest(reading, "WORK", WORK | {"title": "Judge", "begin": "2014"}, 1)
    suggest(reading, "LANGUAGE", GERMAN, 2)
    assert actions.accept_section(expert_id=expert.public_id, section="history", by=expert.user, now=NOW) == 1
    assert [row.value.get("title", "German") for row in Suggestion.objects.proposed().order_by("position")] == [
        "Judge", "German",
    ]  # fmt: skip


def test_a_section_with_one_that_is_refused_changes_nothing_and_names_it(reading, expert):
    suggest(reading, "WORK", WORK)
    suggest(reading, "WORK", WORK | {"title": "Judge", "begin": "1800-01", "end": "1801-01"}, 1, quote="Judge in 1800")
    with pytest.raises(Refused, match="“Judge in 1800” cannot be accepted. A year from 1930 on."):
        actions.accept_section(expert_id=expert.public_id, section="history", by=expert.user, now=NOW)


@pytest.mark.parametrize("who", [make_vetter, make_person])
def test_nobody_else_decides(reading, expert, who):
    row, other = suggest(reading, "WORK", WORK), who()
    for deed in (actions.accept_suggestion, actions.dismiss_suggestion, actions.restore_suggestion):
        with pytest.raises(NotAllowed):
            deed(suggestion_id=row.public_id, by=other, now=NOW)
    with pytest.raises(NotAllowed):
        actions.accept_section(expert_id=expert.public_id, section="history", by=other, now=NOW)
    assert not Suggestion.objects.visible_to(other).exists()
    assert expert.work.count() == 0
