"""What a saved search finds, and when its owner is told: each gig once, never more often than they asked."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import mail
from django.test import Client

from marketplace.accounts.models import User
from marketplace.kernel.jobs import JobState
from marketplace.notices.actions import save_preferences, send_email
from marketplace.notices.models import EmailMessage, Notification
from projects.listings.actions import projects as listings
from projects.listings.models import Project
from projects.reach.actions import alerts
from projects.reach.actions import searches as actions
from projects.reach.actions.alerts import look
from projects.reach.models import FoundGig, SavedSearch
from projects.reach.queries.searches import next_morning
from tests.factories.projects_labs import NOW, make_lab, make_person, owner_of
from tests.factories.projects_listings import make_gig
from tests.factories.projects_reach import save, sweep

pytestmark = pytest.mark.django_db
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def person() -> User:
    return make_person("Imani Okafor")


def subjects() -> list[str]:
    return list(EmailMessage.objects.order_by("pk").values_list("subject", flat=True))


def gig(title: str, now: datetime, *fields: str, **parts: object) -> Project:
    return make_gig(None, *(fields or ("medicine",)), title=title, now=now, **parts)


def test_a_new_gig_that_fits_is_told_once_and_one_that_does_not_never(person):
    gig("Was there before", NOW - DAY)
    search = save(person)
    sweep(NOW + MINUTE)
    assert subjects() == []  # Nothing new, so no e-mail.

    new = gig("Echo reports graded", NOW + 10 * MINUTE, "cardiology")
    gig("Endgames", NOW + 10 * MINUTE, "chess")
    for minutes in (11, 12, 30, 90, 24 * 60):
        sweep(NOW + minutes * MINUTE)

    assert subjects() == ["New gig: Echo reports graded"]
    assert list(search.found.values_list("project", flat=True)) == [new.pk]
    notice = Notification.objects.get(user=person)
    assert (notice.kind, notice.path) == ("searches", f"/me/searches/{search.public_id}/")


def test_the_email_says_what_was_found_and_how_to_stop_it(person):
    search = save(person, name="Hearts & minds")
    new = gig("Echo <reports> graded", NOW + MINUTE, "cardiology")
    gig("A second one", NOW + MINUTE)
    sweep(NOW + 2 * MINUTE)
    email = EmailMessage.objects.get()
    send_email(email_id=email.pk, now=NOW + 2 * MINUTE)
    sent = mail.outbox[0]

    assert sent.subject == "2 new gigs: Hearts & minds"
    for words in ("Echo <reports> graded", "$180–250 /h · Larkfield Labs · 10–20 h a week", f"/gigs/{new.public_id}/"):
        assert words in sent.body
    html = sent.alternatives[0][0]
    assert "Echo &lt;reports&gt; graded" in html
    assert "Hearts &amp; minds" in html
    stop = re.search(r"https?://\S+/searches/stop/\S+", sent.body).group()
    assert sent.extra_headers["List-Unsubscribe"] == f"<{stop}>"
    assert sent.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"

    stopped = Client(enforce_csrf_checks=True).post(
        stop.removeprefix(settings.SITE_URL), {"List-Unsubscribe": "One-Click"}
    )
    search.refresh_from_db()
    assert (stopped.status_code, search.frequency) == (200, "HERE")
    assert "notices/unsubscribe" in sent.body  # and the whole kind, for who wants that


def test_opening_the_stop_link_only_asks_and_a_forged_one_is_not_there(person):
    search = save(person)
    gig("Echo reports graded", NOW + MINUTE)
    sweep(NOW + 2 * MINUTE)
    stop = re.search(r"/searches/stop/\S+", EmailMessage.objects.get().text).group()
    page = Client().get(stop)
    assert (page.status_code, b"Stop them" in page.content) == (200, True)
    search.refresh_from_db()
    assert search.frequency == "INSTANT"
    assert Client().get(f"/searches/stop/{search.public_id}:forged/").status_code == 404


def test_within_an_hour_there_is_one_email_and_the_rest_is_gathered(person):
    save(person)
    gig("First of all", NOW + MINUTE)
    sweep(NOW + 2 * MINUTE)
    for number in (2, 3, 4):
        gig(f"Number {number}", NOW + number * 10 * MINUTE)
        sweep(NOW + number * 10 * MINUTE + MINUTE)
    assert subjects() == ["New gig: First of all"]

    sweep(NOW + HOUR + MINUTE)
    assert len(subjects()) == 1
    sweep(NOW + HOUR + 2 * MINUTE)
    assert subjects() == ["New gig: First of all", "3 new gigs: Medicine"]
    assert all(f"Number {number}" in EmailMessage.objects.order_by("pk").last().text for number in (2, 3, 4))


def test_the_daily_email_comes_at_seven_on_the_clock_of_the_persons_wall(person):
    person.time_zone = "America/New_York"
    person.save()
    save(person, frequency="DAILY")
    gig("Overnight", NOW + HOUR)
    gig("In the evening", NOW + 5 * HOUR)
    sweep(NOW + 6 * HOUR)
    seven = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
    assert NOW < seven < NOW + 6 * HOUR  # Saved at half past four in the morning there.
    assert subjects() == ["2 new gigs: Medicine"]

    gig("Another gig", NOW + 7 * HOUR)
    sweep(seven + DAY - MINUTE)
    assert len(subjects()) == 1
    sweep(seven + DAY)
    assert subjects()[1:] == ["New gig: Another gig"]
    sweep(seven + 2 * DAY)
    assert len(subjects()) == 2  # A day without new gigs is a day without an e-mail.


@pytest.mark.parametrize(
    ("zone", "moment", "morning"),
    [
        ("UTC", datetime(2026, 11, 18, 6, 59, tzinfo=UTC), datetime(2026, 11, 18, 7, 0, tzinfo=UTC)),
        ("UTC", datetime(2026, 11, 18, 7, 0, tzinfo=UTC), datetime(2026, 11, 19, 7, 0, tzinfo=UTC)),
        ("Asia/Tokyo", datetime(2026, 11, 18, 21, 0, tzinfo=UTC), datetime(2026, 11, 18, 22, 0, tzinfo=UTC)),
        # Clocks go forward in the night between: seven comes an hour earlier.
        ("Europe/Berlin", datetime(2026, 3, 28, 12, 0, tzinfo=UTC), datetime(2026, 3, 29, 5, 0, tzinfo=UTC)),
        ("Nowhere/Land", datetime(2026, 11, 18, 6, 0, tzinfo=UTC), datetime(2026, 11, 18, 7, 0, tzinfo=UTC)),
    ],
)
def test_seven_in_the_morning_of_a_zone(zone, moment, morning):
    assert next_morning(moment, zone) == morning


def test_who_wants_no_email_finds_the_count_in_the_list(person):
    save(person, frequency="HERE")
    gig("Echo reports graded", NOW + MINUTE)
    sweep(NOW + 2 * HOUR)
    assert (subjects(), Notification.objects.count()) == ([], 0)
    assert SavedSearch.objects.with_new(NOW + 2 * HOUR).get().new == 1


def test_what_the_person_has_seen_here_is_not_told_by_email(person):
    search = save(person, frequency="DAILY")
    gig("Seen at noon", NOW + HOUR)
    sweep(NOW + 2 * HOUR)
    actions.mark_seen(search_id=search.public_id, by=person, now=NOW + 3 * HOUR)
    sweep(NOW + 2 * DAY)
    assert subjects() == []


def test_only_what_anybody_may_find_is_told(person):
    save(person)
    gig("By link only", NOW + MINUTE, visibility="LINK")
    full = gig("All places taken", NOW + MINUTE)
    Project.objects.filter(pk=full.pk).update(places_filled=full.places_wanted)
    gig("Over soon", NOW + MINUTE, closes_at=NOW + 3 * MINUTE)
    sweep(NOW + 5 * MINUTE)
    assert subjects() == []


@pytest.mark.full
def test_what_closes_before_the_morning_is_left_out(person):
    lab = make_lab(now=NOW)
    save(person, frequency="DAILY")
    short = make_gig(lab, "medicine", title="Gone by then", now=NOW + HOUR)
    gig("Still there", NOW + HOUR)
    sweep(NOW + 2 * HOUR)
    listings.close_project(project_id=short.pk, reason="All work is done.", by=owner_of(lab), now=NOW + 3 * HOUR)
    sweep(NOW + DAY)
    assert subjects() == ["New gig: Still there"]


@pytest.mark.full
def test_a_gig_that_was_paused_when_it_would_have_been_found_is_found_when_it_is_back(person):
    lab = make_lab(now=NOW)
    save(person)
    late = make_gig(lab, "medicine", title="Back again", now=NOW + MINUTE)
    listings.pause_project(project_id=late.pk, reason="A mistake in the text.", by=owner_of(lab), now=NOW + MINUTE)
    sweep(NOW + 2 * MINUTE)
    assert subjects() == []
    listings.reopen_project(project_id=late.pk, by=owner_of(lab), now=NOW + DAY)
    sweep(NOW + DAY + HOUR)
    listings.pause_project(project_id=late.pk, reason="Another mistake.", by=owner_of(lab), now=NOW + DAY + HOUR)
    listings.reopen_project(project_id=late.pk, by=owner_of(lab), now=NOW + DAY + 2 * HOUR)
    sweep(NOW + 3 * DAY)
    assert subjects() == ["New gig: Back again"]


def test_a_gig_that_becomes_visible_after_the_moment_it_carries_is_not_lost(person):
    """Its transaction was slow: the search had looked between the moment on the row and its commit."""
    save(person)
    slow = gig("Slow to commit", NOW + MINUTE)
    Project.objects.filter(pk=slow.pk).update(visibility="LINK")
    gig("Quick one here", NOW + 2 * MINUTE, "chess")
    sweep(NOW + 3 * MINUTE)
    Project.objects.filter(pk=slow.pk).update(visibility="PUBLIC")
    sweep(NOW + 4 * MINUTE)
    sweep(NOW + 15 * MINUTE)
    assert subjects() == ["New gig: Slow to commit"]


def test_what_was_on_the_board_when_it_was_saved_is_not_new(person):
    gig("A minute old", NOW - MINUTE)
    save(person)
    gig("Something else", NOW + MINUTE, "chess")
    sweep(NOW + 2 * MINUTE)
    sweep(NOW + DAY)
    assert subjects() == []


def test_gigs_with_only_some_of_the_words_are_not_told(person):
    save(person, "q=physician+xylophone")
    gig("Physicians of the night", NOW + MINUTE)
    sweep(NOW + 2 * MINUTE)
    assert (subjects(), FoundGig.objects.count()) == ([], 0)


def test_nobody_is_written_to_before_the_address_is_known_to_be_theirs(person):
    EmailAddress.objects.filter(user=person).update(verified=False)
    save(person)
    gig("Echo reports graded", NOW + MINUTE)
    sweep(NOW + 2 * MINUTE)
    assert subjects() == []
    EmailAddress.objects.filter(user=person).update(verified=True)
    sweep(NOW + DAY + HOUR)
    assert subjects() == ["New gig: Echo reports graded"]


def test_who_switched_the_kind_off_is_told_on_the_page_only(person):
    save_preferences(by=person, wishes={"searches": False})
    save(person)
    gig("Echo reports graded", NOW + MINUTE)
    sweep(NOW + 2 * MINUTE)
    assert (subjects(), Notification.objects.get().title) == ([], "New gig: Echo reports graded")


def test_a_paused_search_is_quiet_and_afterwards_tells_what_is_still_open(person):
    search = save(person)
    actions.pause_search(search_id=search.public_id, by=person, now=NOW)
    gig("While away", NOW + HOUR)
    sweep(NOW + 5 * DAY)
    assert (subjects(), FoundGig.objects.count()) == ([], 0)
    actions.resume_search(search_id=search.public_id, by=person, now=NOW + 6 * DAY)
    sweep(NOW + 6 * DAY)
    assert subjects() == ["New gig: While away"]


def test_a_fault_between_finding_and_telling_leaves_nothing_behind_and_the_next_try_tells_once(person, monkeypatch):
    search = save(person)
    gig("Echo reports graded", NOW + MINUTE)

    def away(*_args, **_kwargs):
        raise OSError("no template")

    with monkeypatch.context() as broken:
        broken.setattr("marketplace.notices.actions.render_to_string", away)
        sweep(NOW + 2 * MINUTE)
    search.refresh_from_db()
    assert (search.job_state, search.attempts, "no template" in search.last_error) == (JobState.QUEUED, 1, True)
    assert (subjects(), FoundGig.objects.count(), Notification.objects.count()) == ([], 0, 0)

    sweep(NOW + 3 * MINUTE)
    look(search_id=search.pk, now=NOW + 3 * MINUTE)  # rung twice
    search.refresh_from_db()
    assert subjects() == ["New gig: Echo reports graded"]
    assert (search.job_state, search.attempts, search.last_error) == (JobState.DONE, 0, "")


def test_a_search_that_is_paused_while_a_worker_looks_tells_nothing(person, monkeypatch):
    search = save(person)
    gig("Echo reports graded", NOW + MINUTE)
    whole = alerts._look

    def pause_first(taken, *, now):
        actions.pause_search(search_id=search.public_id, by=person, now=now)
        whole(taken, now=now)

    monkeypatch.setattr(alerts, "_look", pause_first)
    sweep(NOW + 2 * MINUTE)
    search.refresh_from_db()
    assert (subjects(), FoundGig.objects.count()) == ([], 0)
    assert (search.state, search.job_state) == ("PAUSED", JobState.DONE)


def test_closed_gigs_are_forgotten_and_open_ones_kept(person):
    lab = make_lab(now=NOW)
    save(person)
    done = make_gig(lab, "medicine", title="Done with it", now=NOW + MINUTE)
    kept = gig("Kept open", NOW + MINUTE)
    sweep(NOW + 2 * MINUTE)
    listings.close_project(project_id=done.pk, reason="All work is done.", by=owner_of(lab), now=NOW + HOUR)
    assert actions.forget_closed_gigs() == 1
    assert FoundGig.objects.get().project == kept


@pytest.mark.full
def test_searches_sleep_while_nothing_is_published(person):
    search = save(person)
    gig("Endgames", NOW + MINUTE, "chess")
    sweep(NOW + 2 * MINUTE)
    sweep(NOW + 12 * MINUTE)  # once more, for gigs that were slow to commit
    search.refresh_from_db()
    assert search.looked_at == NOW + 12 * MINUTE
    sweep(NOW + 2 * HOUR)
    search.refresh_from_db()
    assert search.looked_at == NOW + 12 * MINUTE
    sweep(NOW + 2 * DAY)
    search.refresh_from_db()
    assert search.looked_at == NOW + 2 * DAY
