"""Wall clocks and UTC on the two nights a year when that is no simple matter, and the form that asks about them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from marketplace.accounts.models import User
from marketplace.kernel.errors import Invalid
from projects.hiring.models import Contract
from projects.hours.forms import EntryForm, entry_initial
from projects.hours.localtime import happens_twice, here, to_utc
from projects.listings.models import Project

NEW_YORK, SYDNEY = "America/New_York", "Australia/Sydney"
AUTUMN, SPRING = date(2026, 11, 1), date(2026, 3, 8)  # New York: back at 02:00, forward at 02:00
SYDNEY_AUTUMN, SYDNEY_SPRING = date(2026, 4, 5), date(2026, 10, 4)  # back at 03:00, forward at 02:00


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("day", "clock", "zone", "moment"),
    [
        (AUTUMN, time(0, 30), NEW_YORK, utc(2026, 11, 1, 4, 30)),
        (AUTUMN, time(2, 30), NEW_YORK, utc(2026, 11, 1, 7, 30)),
        (AUTUMN, time(2, 0), NEW_YORK, utc(2026, 11, 1, 7, 0)),
        (SPRING, time(1, 59), NEW_YORK, utc(2026, 3, 8, 6, 59)),
        (SPRING, time(3, 0), NEW_YORK, utc(2026, 3, 8, 7, 0)),
        (SYDNEY_AUTUMN, time(3, 0), SYDNEY, utc(2026, 4, 4, 17, 0)),
        (SYDNEY_SPRING, time(3, 0), SYDNEY, utc(2026, 10, 3, 16, 0)),
        (date(2026, 11, 18), time(8, 2), "Asia/Kathmandu", utc(2026, 11, 18, 2, 17)),
    ],
)
def test_times_that_mean_one_moment(day, clock, zone, moment):
    assert to_utc(day, clock, zone) == moment
    assert not happens_twice(day, clock, zone)


@pytest.mark.parametrize(
    ("day", "clock", "zone", "first", "second"),
    [
        (AUTUMN, time(1, 0), NEW_YORK, utc(2026, 11, 1, 5, 0), utc(2026, 11, 1, 6, 0)),
        (AUTUMN, time(1, 30), NEW_YORK, utc(2026, 11, 1, 5, 30), utc(2026, 11, 1, 6, 30)),
        (AUTUMN, time(1, 59, 59), NEW_YORK, utc(2026, 11, 1, 5, 59, 59), utc(2026, 11, 1, 6, 59, 59)),
        (SYDNEY_AUTUMN, time(2, 30), SYDNEY, utc(2026, 4, 4, 15, 30), utc(2026, 4, 4, 16, 30)),
    ],
)
def test_a_time_that_happens_twice_is_asked_about(day, clock, zone, first, second):
    assert happens_twice(day, clock, zone)
    with pytest.raises(Invalid, match="happened twice") as refusal:
        to_utc(day, clock, zone, field="end")
    assert refusal.value.facts == {"field": "end_pass"}
    assert to_utc(day, clock, zone, second_pass=False) == first
    assert to_utc(day, clock, zone, second_pass=True) == second


@pytest.mark.parametrize(
    ("day", "clock", "zone"),
    [
        (SPRING, time(2, 0), NEW_YORK),
        (SPRING, time(2, 30), NEW_YORK),
        (SPRING, time(2, 59, 59), NEW_YORK),
        (SYDNEY_SPRING, time(2, 30), SYDNEY),
    ],
)
def test_a_time_that_does_not_exist_is_refused_whatever_was_said(day, clock, zone):
    assert not happens_twice(day, clock, zone)
    for second_pass in (None, False, True):
        with pytest.raises(Invalid, match="does not exist") as refusal:
            to_utc(day, clock, zone, second_pass=second_pass)
        assert refusal.value.facts == {"field": "start"}


def test_a_zone_that_nobody_knows_is_refused_in_words_and_shown_as_utc():
    with pytest.raises(Invalid, match="“Mars/Olympus” is not a time zone we know"):
        to_utc(AUTUMN, time(9), "Mars/Olympus")
    moment = utc(2026, 11, 18, 9)
    assert here(moment, User(time_zone="Mars/Olympus")) == moment


# -------------------------------------------------------------------------------------------------------------- form


def form_of(zone: str = NEW_YORK, **said: str) -> EntryForm:
    project = Project(title="Answers")
    project.lab = _Lab()
    contract = Contract(project=project)
    data = {"contract": str(contract.public_id), "memo": "Reviewed", "day": "2026-11-01"} | said
    return EntryForm(data, contracts=[contract], zone=zone)


def _Lab():  # noqa: N802 -- a lab that is only a name
    from projects.labs.models import Lab

    return Lab(name="Larkfield Labs")


def test_the_form_gives_moments_in_utc():
    form = form_of(day="2026-11-18", start="08:02", end="09:17:30")
    assert form.is_valid()
    assert (form.start_at, form.end_at) == (utc(2026, 11, 18, 13, 2), utc(2026, 11, 18, 14, 17, 30))
    assert form.asks == []


def test_an_end_before_the_start_lies_on_the_next_day():
    form = form_of(day="2026-11-18", start="23:00", end="01:00")
    assert form.is_valid()
    assert (form.start_at, form.end_at) == (utc(2026, 11, 19, 4), utc(2026, 11, 19, 6))


def test_half_past_midnight_to_half_past_two_is_three_hours_when_the_clocks_go_back():
    form = form_of(start="00:30", end="02:30")
    assert form.is_valid()
    assert (form.end_at - form.start_at).total_seconds() == 3 * 3600


def test_half_past_one_to_half_past_three_is_one_hour_when_they_go_forward():
    form = form_of(day="2026-03-08", start="01:30", end="03:30")
    assert form.is_valid()
    assert (form.end_at - form.start_at).total_seconds() == 3600


def test_the_form_asks_which_of_two_times_is_meant_and_takes_the_answer():
    form = form_of(start="00:30", end="01:30")
    assert not form.is_valid()
    assert [question.name for question in form.asks] == ["end_pass"]
    assert "01:30 happened twice on 1 November in America/New_York" in form.errors["end_pass"][0]
    for answer, hours in (("no", 1), ("yes", 2)):
        form = form_of(start="00:30", end="01:30", end_pass=answer)
        assert form.is_valid()
        assert (form.end_at - form.start_at).total_seconds() == hours * 3600
        assert [question.name for question in form.asks] == ["end_pass"]


def test_start_and_end_in_the_hour_that_comes_twice_are_asked_about_apart():
    form = form_of(start="01:50", end="01:10")
    assert not form.is_valid()
    assert [question.name for question in form.asks] == ["start_pass", "end_pass"]
    form = form_of(start="01:50", end="01:10", start_pass="no", end_pass="yes")
    assert form.is_valid()
    assert (form.start_at, form.end_at) == (utc(2026, 11, 1, 5, 50), utc(2026, 11, 1, 6, 10))


def test_the_same_time_twice_is_an_hour():
    form = form_of(start="01:30", end="01:30", start_pass="no", end_pass="yes")
    assert form.is_valid()
    assert (form.end_at - form.start_at).total_seconds() == 3600


def test_a_time_that_does_not_exist_is_told_at_its_field():
    form = form_of(day="2026-03-08", start="01:30", end="02:30")
    assert not form.is_valid()
    assert "02:30 does not exist on 8 March" in form.errors["end"][0]


@pytest.mark.parametrize("missing", ["day", "start", "end", "memo", "contract"])
def test_every_part_is_needed(missing):
    form = form_of(**{"start": "09:00", "end": "10:00", missing: ""})
    assert list(form.errors) == [missing]


def test_an_entry_comes_back_from_its_form_to_the_second():
    """Saving without a change must change nothing, else timer time would be flagged as written by hand."""
    from zoneinfo import ZoneInfo

    zone = ZoneInfo(NEW_YORK)
    for start, end in (
        (utc(2026, 11, 18, 14, 2, 33), utc(2026, 11, 18, 15, 0, 1)),
        (utc(2026, 11, 1, 5, 30), utc(2026, 11, 1, 6, 30)),  # 01:30 to 01:30
        (utc(2026, 11, 19, 4), utc(2026, 11, 19, 6)),  # over midnight
    ):
        contract = form_of().fields["contract"].choices[0][0]
        row = Contract(public_id=contract)
        initial = entry_initial(row, start.astimezone(zone), end.astimezone(zone), "Reviewed")
        blank = form_of()
        shown = {name: blank.fields[name].prepare_value(value) for name, value in initial.items()}
        sent = {name: str(blank.fields[name].widget.format_value(value) or "") if name in {"day", "start", "end"} else str(value) for name, value in shown.items()}  # fmt: skip
        form = form_of(**{name: value for name, value in sent.items() if name != "contract"})
        assert form.is_valid(), form.errors
        assert (form.start_at, form.end_at) == (start, end)
