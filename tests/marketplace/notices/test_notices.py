from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.core import mail
from django.db import transaction
from django.urls import reverse

from marketplace.kernel.jobs import JobState
from marketplace.notices.actions import notify, save_preferences, send_email
from marketplace.notices.models import EmailMessage, Notification
from tests.factories.marketplace_accounts import make_user

NOW = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)


def tell(user, kind="candidates", title="New application"):
    with transaction.atomic():
        return notify(user=user, kind=kind, title=title, body="One.\n\nTwo.", path="/lab/x/", now=NOW)


@pytest.mark.django_db
def test_a_notice_stands_on_the_page_and_goes_by_email():
    user = make_user("Tessa Rhodes")
    tell(user)
    email = EmailMessage.objects.get()
    assert (email.to_address, email.subject, email.job_state) == (user.email, "New application", JobState.QUEUED)
    assert "One." in email.text
    assert "/lab/x/" in email.text
    assert "<p" in email.html
    assert Notification.objects.get().user == user


@pytest.mark.django_db
def test_a_person_may_switch_off_emails_but_not_the_essential_ones():
    user = make_user()
    save_preferences.__wrapped__(by=user, wishes={"candidates": False, "applications": False, "nonsense": True})
    tell(user, "candidates")
    tell(user, "applications")
    assert list(EmailMessage.objects.values_list("kind", flat=True)) == ["applications"]
    assert Notification.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_an_email_is_sent_once_and_the_row_says_so(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    tell(make_user())
    row = EmailMessage.objects.get()
    for _ in range(2):
        send_email(email_id=row.pk, now=NOW)
    assert [message.subject for message in mail.outbox] == ["New application"]
    row.refresh_from_db()
    assert row.job_state == JobState.DONE


@pytest.mark.django_db
def test_the_inbox_shows_ones_own_notices_only(client):
    mine, theirs = make_user(), make_user()
    tell(mine, title="For me")
    other = tell(theirs, title="For them")
    client.force_login(mine)
    page = client.get(reverse("notices:inbox")).content.decode()
    assert ("For me" in page, "For them" in page) == (True, False)
    assert client.post(reverse("notices:open", args=[other.public_id])).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_opening_a_notice_marks_it_read_and_leads_on(client):
    user = make_user()
    notice = tell(user)
    client.force_login(user)
    answer = client.post(reverse("notices:open", args=[notice.public_id]))
    notice.refresh_from_db()
    assert (answer["Location"], notice.read_at is not None) == ("/lab/x/", True)


@pytest.mark.django_db
@pytest.mark.parametrize("how_many", [1, 3])
def test_the_inbox_asks_the_database_the_same_however_long(client, django_assert_num_queries, how_many):
    user = make_user()
    for _ in range(how_many):
        tell(user)
    client.force_login(user)
    client.get(reverse("notices:inbox"))
    with django_assert_num_queries(6):
        client.get(reverse("notices:inbox"))
