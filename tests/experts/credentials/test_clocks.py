"""The clocks of a credential: warned of, lapsed, renewed, and confirmed again."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from experts.credentials import actions
from experts.credentials.enums import DocumentKind, LadderStep
from experts.credentials.models import Credential, ExpiryWarning
from experts.credentials.queries import credentials_meeting, standing_credentials, to_confirm_again
from marketplace.kernel.errors import Invalid, NotAllowed, WrongState
from marketplace.notices.models import Notification
from tests.factories.experts_credentials import make_licence, make_npi, passed, pdf_bytes, upload
from tests.factories.experts_profiles import NOW, make_expert, make_vetter

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


def days(number):
    return timedelta(days=number)


def titles(expert):
    return list(Notification.objects.filter(user=expert.user).order_by("pk").values_list("title", flat=True))


def confirm(credential, now=NOW):
    return actions.climb_ladder(
        credential_id=credential.public_id, to_step=LadderStep.CONFIRMED, by=make_vetter(), now=now,
        source="Massachusetts board", seen_on=now.date(),
    )  # fmt: skip


# --------------------------------------------------------------------------------------------------------- warnings


@pytest.mark.full
def test_an_expert_is_warned_sixty_thirty_and_seven_days_before_once_each():
    expert = make_expert()
    make_licence(expert, expires_on=TODAY + days(70))
    told = []
    for day in range(72):
        moment = NOW + days(day)
        told += [day] * actions.warn_of_expiry(now=moment)
        told += [day] * actions.warn_of_expiry(now=moment)
    assert told == [10, 40, 63]
    assert titles(expert) == [
        "Cardiology (US-MA) expires in 60 days", "Cardiology (US-MA) expires in 30 days", "Cardiology (US-MA) expires in 7 days",
    ]  # fmt: skip


def test_who_declares_a_licence_that_ends_soon_gets_the_nearest_warning_alone():
    expert = make_expert()
    make_licence(expert, expires_on=TODAY + days(5))
    assert actions.warn_of_expiry(now=NOW) == 1
    assert [row.days for row in ExpiryWarning.objects.all()] == [7]
    assert titles(expert) == ["Cardiology (US-MA) expires in 5 days"]


@pytest.mark.parametrize(("left", "words"), [(0, "expires today"), (1, "expires tomorrow")])
def test_the_last_days_are_said_as_people_say_them(left, words):
    expert = make_expert()
    make_licence(expert, expires_on=TODAY + days(left))
    actions.warn_of_expiry(now=NOW)
    assert titles(expert) == [f"Cardiology (US-MA) {words}"]


def test_nobody_is_warned_of_what_is_withdrawn_renewed_or_without_end():
    expert = make_expert()
    make_npi(expert)
    gone = make_licence(expert, expires_on=TODAY + days(5))
    renewed = make_licence(expert, number="220149", expires_on=TODAY + days(5))
    actions.withdraw_credential(credential_id=gone.public_id, by=expert.user, now=NOW)
    actions.renew_credential(credential_id=renewed.public_id, expires_on=TODAY + days(500), by=expert.user, now=NOW)
    assert actions.warn_of_expiry(now=NOW) == 0


def test_a_renewed_credential_is_warned_of_anew():
    expert = make_expert()
    licence = make_licence(expert, expires_on=TODAY + days(5))
    actions.warn_of_expiry(now=NOW)
    actions.lapse_expired(now=NOW + days(6))
    actions.renew_credential(
        credential_id=licence.public_id, expires_on=TODAY + days(30), by=expert.user, now=NOW + days(6)
    )
    assert actions.warn_of_expiry(now=NOW + days(6)) == 1


# ------------------------------------------------------------------------------------------------------------ lapse


def test_an_expired_credential_counts_for_nothing_not_even_as_declared():
    expert = make_expert()
    licence = make_licence(expert, expires_on=TODAY)
    assert actions.lapse_expired(now=NOW) == 0  # its last day still counts
    assert list(credentials_meeting(expert, licence.kind, LadderStep.DECLARED)) == [licence]
    assert [actions.lapse_expired(now=NOW + days(1)), actions.lapse_expired(now=NOW + days(1))] == [1, 0]
    licence.refresh_from_db()
    assert (licence.step, licence.lapsed_at) == (LadderStep.DECLARED, NOW + days(1))
    assert list(credentials_meeting(expert, licence.kind, LadderStep.DECLARED)) == []
    assert standing_credentials([expert]) == {expert.pk: []}
    assert titles(expert) == ["Cardiology (US-MA) was stepped down"]


def test_what_was_only_declared_lapses_with_a_notice_too():
    expert = make_expert()
    licence = make_licence(expert, region="WY", expires_on=TODAY - days(1))
    assert licence.step == LadderStep.DECLARED
    assert actions.lapse_expired(now=NOW) == 1
    assert titles(expert) == ["Cardiology (US-WY) has expired"]


def test_a_lapsed_credential_never_climbs():
    licence = make_licence(make_expert(), expires_on=TODAY)
    actions.lapse_expired(now=NOW + days(1))
    with pytest.raises(WrongState, match="expired on"):
        confirm(licence, now=NOW + days(1))
    with pytest.raises(IntegrityError, match="lapsed_credential_counts_for_nothing"), transaction.atomic():
        Credential.objects.filter(pk=licence.pk).update(step=LadderStep.FORMAT_VALID)


# ---------------------------------------------------------------------------------------------------------- renewal


def test_a_lapsed_credential_begins_again_with_its_number():
    expert = make_expert()
    licence = confirm(make_licence(expert, expires_on=TODAY))
    actions.lapse_expired(now=NOW + days(1))
    renewed = actions.renew_credential(
        credential_id=licence.public_id, expires_on=TODAY + days(700), by=expert.user, now=NOW + days(2)
    )
    assert (renewed.step, renewed.lapsed_at, renewed.expires_on) == (LadderStep.FORMAT_VALID, None, TODAY + days(700))
    assert renewed.number == licence.number
    assert [move.to_step for move in renewed.steps.order_by("pk")][-2:] == ["DECLARED", "FORMAT_VALID"]


def test_renewed_before_its_last_day_it_keeps_its_step_until_then():
    expert = make_expert()
    licence = confirm(make_licence(expert, expires_on=TODAY + days(20)))
    actions.renew_credential(credential_id=licence.public_id, expires_on=TODAY + days(700), by=expert.user, now=NOW)
    licence.refresh_from_db()
    assert (licence.step, licence.expires_on) == (LadderStep.CONFIRMED, TODAY + days(20))
    actions.lapse_expired(now=NOW + days(21))
    licence.refresh_from_db()
    assert (licence.step, licence.expires_on, licence.renewal_expires_on, licence.lapsed_at) == (
        LadderStep.FORMAT_VALID, TODAY + days(700), None, None,
    )  # fmt: skip
    assert "Nobody has looked at the renewed one yet" in Notification.objects.order_by("-pk")[0].body


def test_whoever_looks_at_a_renewed_credential_takes_its_new_day_over():
    expert = make_expert()
    licence = confirm(make_licence(expert, expires_on=TODAY + days(20)))
    actions.renew_credential(credential_id=licence.public_id, expires_on=TODAY + days(700), by=expert.user, now=NOW)
    confirm(licence, now=NOW + days(1))
    licence.refresh_from_db()
    assert (licence.step, licence.expires_on, licence.renewal_expires_on) == (
        LadderStep.CONFIRMED, TODAY + days(700), None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("expires_on", "words"),
    [(TODAY + days(20), "must end after"), (TODAY + days(1), "must end after")],
)
def test_a_renewal_ends_later_than_what_it_renews(expires_on, words):
    expert = make_expert()
    licence = make_licence(expert, expires_on=TODAY + days(20))
    with pytest.raises(Invalid, match=words):
        actions.renew_credential(credential_id=licence.public_id, expires_on=expires_on, by=expert.user, now=NOW)


def test_only_the_expert_renews_and_only_what_ends():
    expert = make_expert()
    licence, npi = make_licence(expert), make_npi(expert)
    with pytest.raises(NotAllowed):
        actions.renew_credential(
            credential_id=licence.public_id, expires_on=date(2031, 1, 1), by=make_vetter(), now=NOW
        )
    with pytest.raises(WrongState, match="no last day"):
        actions.renew_credential(credential_id=npi.public_id, expires_on=date(2031, 1, 1), by=expert.user, now=NOW)


# ----------------------------------------------------------------------------------------------------- confirmation


def test_a_confirmation_counts_for_a_year_and_steps_down_to_what_still_holds():
    expert = make_expert()
    licence = make_licence(expert, expires_on=TODAY + days(900))
    document = upload(expert, pdf_bytes("Board"), "licence.pdf", DocumentKind.EVIDENCE, credential_id=licence.public_id)
    passed(document)
    actions.climb_ladder(credential_id=licence.public_id, to_step=LadderStep.DOCUMENT_SEEN, by=make_vetter(), now=NOW)
    assert confirm(licence).confirmed_until == TODAY + days(365)
    assert actions.lapse_confirmations(now=NOW + days(365)) == 0
    assert [actions.lapse_confirmations(now=NOW + days(366)) for _twice in range(2)] == [1, 0]
    licence.refresh_from_db()
    assert (licence.step, licence.confirmed_until) == (LadderStep.DOCUMENT_SEEN, None)
    assert "The look of our staff counted until 23 Nov 2027" in Notification.objects.order_by("-pk")[0].body


def test_how_long_a_confirmation_counts_is_a_setting(settings):
    settings.CONFIRMATION_DAYS = 90
    assert confirm(make_licence(make_expert())).confirmed_until == TODAY + days(90)


def test_confirmed_again_its_year_begins_anew():
    licence = confirm(make_licence(make_expert(), expires_on=TODAY + days(900)))
    assert list(to_confirm_again(TODAY + days(365))) == [licence]
    again = confirm(licence, now=NOW + days(300))
    assert again.confirmed_until == TODAY + days(665)
    assert [(move.from_step, move.to_step) for move in again.steps.order_by("pk")][-1] == ("CONFIRMED", "CONFIRMED")
    assert actions.lapse_confirmations(now=NOW + days(366)) == 0
    assert list(to_confirm_again(TODAY + days(365))) == []


def test_the_database_knows_until_when_what_is_confirmed_counts():
    licence = confirm(make_licence(make_expert()))
    with pytest.raises(IntegrityError, match="confirmed_credential_says_until_when"), transaction.atomic():
        Credential.objects.filter(pk=licence.pk).update(confirmed_until=None)
