"""Both sides' pages of a contract: new terms, the end, ratings, filters, and reports before staff."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine
from django.urls import reverse

from projects.hiring.enums import AmendmentState, ContractState, FlagState, Side
from projects.hiring.models import Amendment, Rating
from projects.hiring.queries import history_of
from projects.labs.enums import LabRole
from tests.factories.experts_profiles import make_vetter
from tests.factories.projects_contracts import (
    CUT_MONDAY,
    SAID,
    agree,
    give_notice,
    leave,
    propose,
    rate,
    rate_both,
)
from tests.factories.projects_hiring import (
    NOW,
    make_applicant,
    make_contract,
    make_expert,
    make_gig,
    make_lab,
    owner_of,
)
from tests.factories.projects_labs import browse, join
from tests.factories.projects_work import asks
from tests.support.visiting import get, post, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def lab_key(contract):
    return [contract.lab.slug, contract.public_id]


def test_a_lab_looks_at_what_would_change_before_it_sends_it_and_the_expert_accepts():
    contract = make_contract()
    client, key = browse(owner_of(contract.lab)), lab_key(contract)
    page = text_of(get(client, "hiring:amend", *key))
    assert "For more: 23 November or later. For less pay, hours or days: 7 December or later." in page
    data = {
        "rate": "240",
        "weekly_cap_hours": "20",
        "ends_on": "",
        "effective_on": "2026-11-23",
        "reason": "More scope.",
    }
    looked = text_of(post(client, "hiring:amend", *key, data=data | {"look": "1"}))
    assert "$240.00 an hour" in looked
    assert not Amendment.objects.exists()
    assert post(client, "hiring:amend", *key, data=data | {"send": "1"}).status_code == 302
    assert "Withdraw the proposal" in text_of(get(client, "hiring:lab_contract", *key))
    me = browse(contract.expert.user)
    words = text_of(get(me, "hiring:contract", contract.public_id))
    assert "The lab proposes new terms" in words
    assert "Nothing less than before" in words
    amendment = Amendment.objects.get()
    answer = post(me, "hiring:amendment_accept", contract.public_id, amendment.public_id)
    assert answer["Location"] == f"/me/contracts/{contract.public_id}/"
    words = text_of(get(me, "hiring:contract", contract.public_id))
    assert "Version 2 is agreed." in words
    assert "New terms accepted. Wed 18 Nov" not in words
    assert [event.words for event in history_of(contract, Side.EXPERT)][:2] == [
        "New terms accepted.", "New terms proposed.",
    ]  # fmt: skip


@pytest.mark.full
def test_a_form_of_new_terms_with_mistakes_comes_back_with_words_at_the_field():
    contract = make_contract()
    data = {"rate": "lots", "weekly_cap_hours": "61", "effective_on": "", "reason": "", "send": "1"}
    answer = post(browse(owner_of(contract.lab)), "hiring:amend", *lab_key(contract), data=data)
    words = text_of(answer)
    assert answer.status_code == 400
    assert "is not an amount" in words
    assert "less than or equal to 60" in words


@pytest.mark.full
def test_a_cut_says_so_and_declining_keeps_the_contract():
    contract = make_contract()
    amendment = propose(contract, rate_minor=200_00, begins=CUT_MONDAY)
    me = browse(contract.expert.user)
    assert "Less than before" in text_of(get(me, "hiring:contract", contract.public_id))
    post(me, "hiring:amendment_decline", contract.public_id, amendment.public_id)
    amendment.refresh_from_db()
    assert amendment.state == AmendmentState.DECLINED
    assert "Earlier proposals" in text_of(get(me, "hiring:contract", contract.public_id))


@pytest.mark.full
def test_nobody_answers_the_amendment_of_another_contract():
    contract, other = make_contract(), make_contract(make_gig(make_lab("Tidewater Research")), make_expert("Else"))
    amendment = propose(contract, rate_minor=240_00)
    me, client = browse(other.expert.user), browse(owner_of(other.lab))
    for name in ("hiring:amendment_accept", "hiring:amendment_decline"):
        assert post(me, name, other.public_id, amendment.public_id).status_code == 404
        assert post(me, name, contract.public_id, amendment.public_id).status_code == 404
    assert post(client, "hiring:amendment_withdraw", *lab_key(other), amendment.public_id).status_code == 404


def test_a_lab_gives_notice_on_the_page_and_both_read_until_when():
    contract = make_contract()
    client, key = browse(owner_of(contract.lab)), lab_key(contract)
    data = {"code": "BUDGET", "reason": "The grant is spent.", "last_day": "2026-12-02"}
    assert post(client, "hiring:lab_contract_end", *key, data=data | {"last_day": "2026-11-20"}).status_code == 422
    assert post(client, "hiring:lab_contract_end", *key, data=data).status_code == 302
    assert "You gave notice. No more budget." in text_of(get(client, "hiring:lab_contract", *key))
    words = text_of(get(browse(contract.expert.user), "hiring:contract", contract.public_id))
    assert "The lab gave notice. No more budget. The grant is spent." in words
    assert "Propose new terms" not in text_of(get(client, "hiring:lab_contract", *key))


def test_both_rate_blind_and_then_read_each_other():
    contract = make_contract()
    leave(contract)
    me, client = browse(contract.expert.user), browse(owner_of(contract.lab))
    said = "Careful, friendly, and always in time with the work."
    post(client, "hiring:lab_rate", *lab_key(contract), data={"stars": "2", "words": said})
    assert said not in text_of(get(me, "hiring:contract", contract.public_id))
    bad = post(me, "hiring:rate", contract.public_id, data={"stars": "9", "words": SAID})
    assert bad.status_code == 400
    post(me, "hiring:rate", contract.public_id, data={"stars": "5", "words": SAID})
    words = text_of(get(me, "hiring:contract", contract.public_id))
    assert said in words
    assert "Larkfield Labs gave 2/5" in words
    assert SAID in text_of(get(client, "hiring:lab_contract", *lab_key(contract)))
    post(me, "hiring:rating_reply", contract.public_id, data={"words": "Thank you, it was a pleasure to do."})
    assert "answered: Thank you" in text_of(get(client, "hiring:lab_contract", *lab_key(contract)))


def test_a_report_goes_to_staff_who_belong_to_neither_side():
    contract = make_contract()
    leave(contract)
    rate_both(contract, stars=1)
    post(
        browse(contract.expert.user),
        "hiring:rating_report",
        contract.public_id,
        data={"words": "It names a patient of mine."},
    )
    staff, rating = browse(make_vetter("Vera Vetter")), Rating.objects.get(flag_state=FlagState.OPEN)
    assert "Physician Talent Network" in text_of(get(staff, "hiring:rating_reports"))
    assert "It names a patient of mine." in text_of(get(staff, "hiring:rating_decide", rating.public_id))
    data = {"hide": "hide", "why": "It names a patient, which nobody may."}
    assert post(staff, "hiring:rating_decide", rating.public_id, data=data).status_code == 302
    rating.refresh_from_db()
    assert rating.flag_state == FlagState.HIDDEN
    assert get(browse(contract.expert.user), "hiring:rating_reports").status_code == 404


@pytest.mark.full
def test_the_average_of_a_lab_is_public_from_five_on_and_without_words():
    lab = make_lab()
    for number in range(5):
        page = text_of(get(browse(), "hiring:lab_ratings", lab.slug))
        assert "Fewer than 5 experts have rated this lab" in page
        contract = make_contract(make_gig(lab), make_expert(f"Expert {number}"))
        leave(contract)
        rate_both(contract, stars=4)
    page = text_of(get(browse(), "hiring:lab_ratings", lab.slug))
    assert "4.0 of 5 from 5 ended contracts" in page
    assert SAID not in page
    hidden = make_lab("Hidden Works", is_anonymous=True)
    assert get(browse(), "hiring:lab_ratings", hidden.slug).status_code == 404


@pytest.mark.full
def test_a_candidate_page_shows_the_track_record():
    contract = make_contract()
    leave(contract)
    rate_both(contract, stars=4)
    lab = make_lab("Tidewater Research")
    application = make_applicant(make_gig(lab), contract.expert)
    words = text_of(get(browse(owner_of(lab)), "hiring:candidate", lab.slug, application.public_id))
    assert "1 contract ended, 0 running. 4.0 of 5 from 1 rating." in words
    assert "4/5 Larkfield Labs" in words


@pytest.mark.full
def test_lists_are_filtered_by_state_project_and_name():
    lab = make_lab()
    gigs = [make_gig(lab), make_gig(lab, title="Rare disease reviews")]
    made = [
        make_contract(gigs[n % 2], make_expert(name)) for n, name in enumerate(("Ada First", "Ben Second", "Cy Third"))
    ]
    leave(made[0])
    give_notice(made[1], last_day=date(2026, 12, 2))
    client, here = browse(owner_of(lab)), reverse("hiring:lab_contracts", args=[lab.slug])
    for wanted, names in (
        ({}, {"Ada First", "Ben Second", "Cy Third"}), ({"state": "ENDED"}, {"Ada First"}),
        ({"project": str(gigs[1].public_id)}, {"Ben Second"}), ({"q": "third"}, {"Cy Third"}),
        ({"q": "e-1"}, {"Ada First", "Ben Second"}), ({"state": "NONSENSE", "project": "x"}, {"Ada First", "Ben Second", "Cy Third"}),
        ({"q": "nobody"}, set()),
    ):  # fmt: skip
        page = text_of(client.get(here, wanted))
        assert {name for name in ("Ada First", "Ben Second", "Cy Third") if name in page} == names
    mine = browse(made[0].expert.user)
    assert "Physician Talent Network" in text_of(mine.get(reverse("hiring:contracts"), {"state": "ENDED"}))
    assert "None in this state" in text_of(mine.get(reverse("hiring:contracts"), {"state": "PAUSED"}))


@pytest.mark.full
def test_members_who_do_not_manage_read_no_money_and_no_history():
    contract = make_contract()
    agree(propose(contract, rate_minor=240_00))
    leave(contract)
    rate(contract, Side.LAB)
    words = text_of(get(browse(join(contract.lab, LabRole.REVIEWER)), "hiring:lab_contract", *lab_key(contract)))
    for hidden in ("$", "History", "Ratings", SAID):
        assert hidden not in words
    assert "Read the text" in words


@pytest.mark.full
@pytest.mark.parametrize(("side", "times"), [("expert", 4), ("lab", 5)])
def test_a_page_asks_the_same_number_of_times_for_much_and_for_little(side, times):
    little, much = make_contract(), make_contract(make_gig(make_lab("Tidewater Research")), make_expert("Else"))
    for number in range(3):
        begins = CUT_MONDAY + number * timedelta(days=7)
        agree(propose(much, rate_minor=220_00 + number * 100, begins=begins))
    propose(much, rate_minor=300_00, begins=CUT_MONDAY + timedelta(days=28))
    for contract in (little, much):
        client = browse(contract.expert.user if side == "expert" else owner_of(contract.lab))
        name, args = ("hiring:contract", [contract.public_id]) if side == "expert" else (
            "hiring:lab_contract", lab_key(contract),
        )  # fmt: skip
        with asks(of="hiring_(contract|amendment|rating)", times=times):
            assert get(client, name, *args).status_code == 200


def test_the_name_of_a_manager_is_not_told_to_the_expert():
    contract = make_contract()
    propose(contract, rate_minor=240_00)
    words = text_of(get(browse(contract.expert.user), "hiring:contract", contract.public_id))
    assert owner_of(contract.lab).get_full_name() not in words
    assert contract.state == ContractState.ACTIVE


@pytest.mark.full
def test_after_fourteen_days_nobody_rates_any_more(clock):
    contract = make_contract()
    leave(contract)
    with time_machine.travel(NOW + timedelta(days=14), tick=False):
        words = text_of(get(browse(contract.expert.user), "hiring:contract", contract.public_id))
    assert "You gave no rating, and the time for it is over." in words
