"""Referrals: whose link counts, and the questions that staff answer."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from marketplace.accounts.models import User
from marketplace.kernel.errors import Invalid, NotAllowed, WrongState
from payments.payouts.models import PayoutAccount
from projects.standing import actions
from projects.standing.models import Referral, ReferralCode
from tests.factories.experts_credentials import make_licence
from tests.factories.experts_profiles import make_vetter
from tests.factories.projects_hours import BEFORE, make_expert
from tests.factories.projects_labs import make_person
from tests.factories.projects_standing import LATER, make_link, make_referral

pytestmark = pytest.mark.django_db
WORDS = "Two people who live together; both passports were shown."


def sign_up(client: Client, email: str = "new.person@people.example") -> User:
    facts = {"full_name": "Noor Haddad", "email": email, "password1": "correct horse battery staple"}
    assert client.post(reverse("account_signup"), facts).status_code == 302
    return User.objects.get(email=email)


# ------------------------------------------------------------------------------------------------------------ links


def test_a_link_is_random_and_stays_the_same():
    rosa, ana = make_expert("Rosa Ilves"), make_expert("Ana Silva")
    first = make_link(rosa)
    assert make_link(rosa).code == first.code != make_link(ana).code
    assert len(first.code) == 10
    with pytest.raises(NotAllowed):
        actions.open_link(by=make_person("No Expert"), now=BEFORE)


def test_who_signs_up_after_following_a_link_counts_as_invited(client):
    rosa = make_expert("Rosa Ilves")
    page = client.get(f"/r/{make_link(rosa).code}/")
    assert page.status_code == 200
    assert "Rosa" not in page.content.decode()
    referral = Referral.objects.get(referred=sign_up(client))
    assert (referral.referrer, referral.share_bps) == (rosa.user, 2000)
    assert referral.ends_at - referral.joined_at == timedelta(days=365)


def test_the_first_link_counts(client):
    rosa, ana = make_expert("Rosa Ilves"), make_expert("Ana Silva")
    for expert in (rosa, ana):
        client.get(f"/r/{make_link(expert).code}/")
    assert Referral.objects.get(referred=sign_up(client)).referrer == rosa.user


def test_without_a_link_with_a_forged_cookie_or_a_link_to_nobody_nobody_counts(client):
    sign_up(client, "one@people.example")
    assert client.get("/r/nobody2345/").status_code == 404
    sign_up(Client(), "two@people.example")
    code = make_link(make_expert("Rosa Ilves")).code
    forger = Client()
    forger.cookies["referral"] = f"{code}:1:made-up"
    sign_up(forger, "three@people.example")
    assert not Referral.objects.exists()


def test_a_link_followed_by_somebody_with_an_account_changes_nothing(client):
    code = make_link(make_expert("Rosa Ilves")).code
    client.force_login(make_expert("Ana Silva").user)
    page = client.get(f"/r/{code}/")
    assert "referral" not in page.cookies
    assert "You have an account already" in page.content.decode()


def test_the_link_of_a_blocked_person_leads_nowhere(client):
    rosa = make_expert("Rosa Ilves")
    code = make_link(rosa).code
    User.objects.filter(pk=rosa.user_id).update(is_active=False)
    assert client.get(f"/r/{code}/").status_code == 404
    assert actions.register_referral(user_id=make_person("Noor").pk, code=code, now=LATER) is None


# ---------------------------------------------------------------------------------------------------- one, no circles


def test_only_the_first_referrer_counts_and_nobody_refers_themselves():
    rosa, ana, noor = make_expert("Rosa Ilves"), make_expert("Ana Silva"), make_person("Noor Haddad")
    make_referral(rosa, noor)
    assert actions.register_referral(user_id=noor.pk, code=make_link(ana).code, now=LATER) is None
    assert actions.register_referral(user_id=rosa.user_id, code=make_link(rosa).code, now=LATER) is None
    facts = {"share_bps": 2000, "joined_at": BEFORE, "ends_at": LATER}
    for pair in ({"referrer": ana.user, "referred": noor}, {"referrer": ana.user, "referred": ana.user}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Referral.objects.create(**pair, **facts)
    assert list(Referral.objects.values_list("referrer", "referred")) == [(rosa.user_id, noor.pk)]


def test_there_are_no_circles():
    rosa, ana = make_expert("Rosa Ilves"), make_expert("Ana Silva")
    make_referral(rosa, ana.user)
    # Ana's link came after her account; Rosa has a link of her own, so she is not new.
    assert actions.register_referral(user_id=rosa.user_id, code=make_link(ana).code, now=LATER) is None
    assert ReferralCode.objects.count() == 2


# ---------------------------------------------------------------------------------------------------------- questions


def same_bank(*experts, label: str = "First Harbor ··4417") -> None:
    PayoutAccount.objects.filter(user__in=[expert.user for expert in experts]).update(
        destination_label=label, country="US"
    )


def with_accounts(*experts) -> None:
    for number, expert in enumerate(experts):
        PayoutAccount.objects.create(
            user=expert.user, stripe_account_id=f"acct_{number}", country="US", state="READY", created_at=BEFORE,
            destination_label=f"Bank ··{number}",
        )  # fmt: skip


def test_the_same_account_at_the_bank_is_a_question_for_staff_and_no_verdict():
    rosa, ana = make_expert("Rosa Ilves"), make_expert("Ana Silva")
    with_accounts(rosa, ana)
    referral = make_referral(rosa, ana.user)
    assert actions.question_referrals(now=LATER) == 0
    same_bank(rosa, ana)
    assert actions.question_referrals(now=LATER) == 1
    referral.refresh_from_db()
    assert (referral.state, referral.question) == (
        "QUESTIONED", "Both are paid to an account of the same bank with the same last digits.",
    )  # fmt: skip
    actions.decide_referral(referral_id=referral.public_id, is_good=True, words=WORDS, by=make_vetter(), now=LATER)
    assert actions.question_referrals(now=LATER) == 0  # somebody has looked: it is not asked again


def test_the_same_licence_is_a_question_too():
    rosa, ana = make_expert("Rosa Ilves"), make_expert("Ana Silva")
    make_referral(rosa, ana.user)
    make_licence(rosa, now=BEFORE)
    assert actions.question_referrals(now=LATER) == 0
    make_licence(ana, now=BEFORE)
    assert actions.question_referrals(now=LATER) == 1


def test_staff_decide_with_a_reason_and_never_about_their_own():
    rosa, vetter = make_expert("Rosa Ilves"), make_vetter()
    referral = make_referral(rosa, make_person("Noor Haddad"))
    facts = {"referral_id": referral.public_id, "is_good": False, "now": LATER}
    with pytest.raises(NotAllowed):
        actions.decide_referral(**facts, words=WORDS, by=rosa.user)
    with pytest.raises(Invalid):
        actions.decide_referral(**facts, words="No.", by=vetter)
    own = make_referral(make_expert("Ana Silva"), vetter)
    with pytest.raises(NotAllowed):
        actions.decide_referral(**facts | {"referral_id": own.public_id}, words=WORDS, by=vetter)
    actions.decide_referral(**facts, words=WORDS, by=vetter)
    with pytest.raises(WrongState):
        actions.decide_referral(**facts | {"is_good": True}, words=WORDS, by=vetter)
