"""The pages of both sides of a case."""

from __future__ import annotations

import pytest
from django.urls import reverse

from experts.credentials.enums import DocumentKind, LadderStep
from experts.vetting import actions
from experts.vetting.enums import CaseState, Outcome
from experts.vetting.models import Case, Decision
from marketplace.accounts.models import User
from marketplace.audit.models import AuditEvent
from marketplace.kernel import clock
from tests.factories.experts_credentials import NPI, make_licence, make_npi, make_resume, passed, pdf_bytes, upload
from tests.factories.experts_profiles import NOW, field_of, make_blank_expert, make_expert, make_person, make_vetter
from tests.factories.experts_vetting import LONG_REASON, decide, make_case, make_checked_case
from tests.factories.marketplace_accounts import give_second_factor

pytestmark = pytest.mark.django_db
QUEUE, DECIDED, MINE = "/vetting/", "/vetting/decided/", "/me/vetting/"


def url(name, case, *more):
    return reverse(f"vetting:{name}", args=[case.public_id, *more])


@pytest.fixture
def joan(client):
    joan = make_vetter("Joan Abara")
    client.force_login(joan)
    return joan


def decision(case, **facts):
    checks = [str(pk) for pk in case.checks.values_list("pk", flat=True)]
    return {"outcome": "APPROVE", "reason_code": "MEETS_STANDARD", "reason": "", "evidence": checks} | facts


# ------------------------------------------------------------------------------------------------- the expert's side


def test_an_expert_asks_and_sees_the_checks_arrive(client):
    expert = make_expert()
    make_npi(expert)
    client.force_login(expert.user)
    assert "Ask to be vetted" in client.get(MINE).text
    answer = client.post(reverse("vetting:ask"), {"field": field_of("cardiology").pk})
    case = Case.objects.get()
    assert answer["Location"] == url("own_case", case)
    page = client.get(url("own_case", case)).text
    assert "Not looked at yet." in page
    assert f'hx-get="{url("progress", case)}"' in page
    assert "then another person takes it" in page
    for check in case.checks.all():
        actions.work_check(check_id=check.pk, now=case.opened_at)
    fragment = client.get(url("progress", case)).text
    assert "<html" not in fragment
    assert "hx-get" not in fragment
    assert "6 of 6 in" in fragment
    assert 'id="case-state" hx-swap-oob="true"' in fragment
    assert "Awaiting a decision" in fragment


def test_what_is_missing_is_said_before_anybody_asks(client):
    client.force_login(make_blank_expert().user)
    page = client.get(MINE).text
    assert "still missing are headline, about you, country" in page
    assert "a résumé or a credential" in page


def test_a_field_that_is_not_claimed_cannot_be_asked_for(client):
    expert = make_expert()
    make_npi(expert)
    client.force_login(expert.user)
    assert client.post(reverse("vetting:ask"), {"field": field_of("chess").pk}).status_code == 422
    assert not Case.objects.exists()


def test_the_expert_reads_the_reason_and_what_it_rests_on(client):
    case = decide(make_checked_case(), Outcome.DECLINE, by=make_vetter("Joan Abara"))
    client.force_login(case.expert.user)
    for page in (client.get(MINE).text, client.get(url("own_case", case)).text):
        assert LONG_REASON in page
        assert "The credential was not found at its source" in page
    assert "It rests on: Profile complete, Résumé agrees with the profile" in page
    assert "Joan," in page
    assert "Abara" not in page


def test_the_expert_answers_what_was_asked(client):
    case = decide(make_checked_case(), Outcome.ASK_FOR_MORE)
    client.force_login(case.expert.user)
    assert f'href="{url("own_case", case)}#answer"' in client.get(MINE).text
    assert "then it closes without a decision" in client.get(url("own_case", case)).text
    assert client.post(url("answer", case), {"text": "short"}).status_code == 422
    assert client.post(url("answer", case), {"text": "I added the licence now."}).status_code == 302
    case.refresh_from_db()
    assert (case.state, case.round) == (CaseState.CHECKING, 2)
    assert "I added the licence now." in client.get(url("own_case", case)).text
    assert client.post(url("answer", case), {"text": "And once more, please."}).status_code == 409


def test_the_expert_withdraws_after_being_asked_once_more(client):
    case = make_case()
    client.force_login(case.expert.user)
    assert "Withdraw your request for Cardiology?" in client.get(url("withdraw", case)).text
    assert client.post(url("withdraw", case))["Location"] == MINE
    case.refresh_from_db()
    assert case.state == CaseState.WITHDRAWN


def test_the_expert_never_reads_whose_account_holds_the_same_number(client):
    make_npi(make_expert(make_person("First Holder")))
    case = make_checked_case()
    client.force_login(case.expert.user)
    page = client.get(url("own_case", case)).text
    assert "A member of our staff looks at this." in page
    assert "another account" not in page.replace("whether a number also stands in another account", "")
    assert "First Holder" not in page


def test_the_steps_show_the_way_to_everybody(client):
    client.force_login(make_person())
    assert "Missing: everything" in client.get(reverse("vetting:steps")).text
    case = decide(make_checked_case())
    client.force_login(case.expert.user)
    assert "Vetted for Cardiology" in client.get(reverse("vetting:steps")).text


def test_a_person_without_a_profile_is_led_to_it(client):
    client.force_login(make_person())
    assert client.get(MINE)["Location"] == "/me/profile/"
    assert client.post(reverse("vetting:ask"), {"field": 1}).status_code == 404


# ------------------------------------------------------------------------------------------------- the staff's side


def test_the_queue_shows_the_most_urgent_first_and_narrows_down(client, joan):
    urgent, later = make_checked_case(), make_case(field="chess", now=NOW.replace(hour=12))
    page = client.get(QUEUE).text
    assert page.index(str(urgent)) < page.index(str(later))
    assert "1 case awaits a decision" in page
    assert str(later) not in client.get(QUEUE, {"state": "AWAITING_DECISION"}).text
    assert str(urgent) not in client.get(QUEUE, {"field": field_of("games").pk}).text
    assert str(later) in client.get(QUEUE, {"field": field_of("games").pk}).text
    assert "Nothing fits" in client.get(QUEUE, {"held": "me"}).text
    actions.claim_case(case_id=later.public_id, by=joan, now=NOW)
    page = client.get(QUEUE, {"held": "me"}).text
    assert str(later) in page
    assert str(urgent) not in page


@pytest.mark.parametrize(
    "query", ["state=NONE", "field=abc", "field=99999999999999999999", "at=x", "at=a1.1", "held=%00", "state=%00"]
)
def test_an_odd_address_still_shows_the_queue(client, joan, query):
    case = make_case()
    answer = client.get(f"{QUEUE}?{query}")
    assert answer.status_code == 200
    assert str(case) in answer.text or "held" in query or "at=" in query


def test_an_empty_queue_says_what_will_be_here(client, joan):
    assert "The queue is empty" in client.get(QUEUE).text
    assert "Nothing decided yet" in client.get(DECIDED).text


def test_a_case_shows_its_evidence_side_by_side(client, joan):
    expert = make_expert()
    make_resume(expert)
    make_licence(expert)
    make_npi(make_expert(make_person("First Holder")))
    case = make_checked_case(expert)
    make_npi(expert)
    page = client.get(url("case", case)).text
    for words in ("Imani Okafor, MD", "Form of licence numbers in MA", "Trained in Lagos and Boston.", "resume.docx",
                  "··48", "Asked to be vetted.", "All checks are in.", "Claim the case"):  # fmt: skip
        assert words in page, words
    assert "220148" not in page


def test_claiming_opens_the_decision_and_handing_over_closes_it(client, joan):
    case = make_checked_case()
    assert "Claim the case to decide it" in client.get(url("case", case)).text
    assert client.post(url("claim", case))["Location"] == url("case", case)
    page = client.get(url("case", case)).text
    for shortcut in ('data-shortcut="a"', 'data-shortcut="m"', 'data-shortcut="d"', 'data-shortcut="ctrl+enter"'):
        assert shortcut in page
    assert client.post(url("release", case))["Location"] == QUEUE
    assert 'data-shortcut="ctrl+enter"' not in client.get(url("case", case)).text


def test_a_case_somebody_else_has_is_refused_with_their_name(client, joan):
    case = make_checked_case()
    actions.claim_case(case_id=case.public_id, by=make_vetter("Vera Castillo"), now=clock.now())
    answer = client.post(url("claim", case))
    assert answer.status_code == 409
    assert "Vera Castillo has this case" in answer.text
    assert "Vera Castillo decides." in client.get(url("case", case)).text


def test_staff_approve_a_case(client, joan):
    case = make_checked_case()
    client.post(url("claim", case))
    assert client.post(url("decide", case), decision(case, reason_code=""))["Location"] == url("case", case)
    case.refresh_from_db()
    assert case.state == CaseState.APPROVED
    assert "Meets the standard of the field" in client.get(DECIDED).text


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"outcome": ""}, "This field is required"),
        ({"outcome": "MAYBE"}, "not one of the available choices"),
        ({"outcome": "DECLINE", "reason_code": "OTHER", "reason": "x" * 99}, "at least 100 characters"),
        ({"outcome": "DECLINE"}, "no reason for that decision"),
        ({"outcome": "DECLINE", "reason_code": ""}, "Choose a reason."),
        ({"outcome": "ASK_FOR_MORE", "reason_code": "DOCUMENT_MISSING", "reason": "which"}, "at least 20 characters"),
        ({"evidence": []}, "Pick the checks"),
        ({"evidence": ["999999"]}, "not one of the available choices"),
        ({"reason": "a\x00b"}, "Null characters"),
    ],
)
def test_what_a_decision_lacks_stands_next_to_its_field(client, joan, facts, words):
    case = make_checked_case()
    client.post(url("claim", case))
    answer = client.post(url("decide", case), decision(case, **facts))
    assert answer.status_code == 422
    assert words in answer.text
    assert not Decision.objects.exists()


def test_staff_see_the_number_only_after_it_is_written_down(client, joan):
    case = make_checked_case()
    credential = case.expert.credentials.get()
    assert NPI not in client.get(url("case", case)).text
    fragment = client.post(url("reveal", case, credential.public_id), headers={"HX-Request": "true"})
    assert NPI in fragment.text
    assert "<html" not in fragment.text
    assert NPI in client.post(url("reveal", case, credential.public_id)).text
    assert AuditEvent.objects.filter(what="credentials.reveal_number", actor_ref=joan.actor_ref).count() == 2


def test_staff_confirm_a_credential_and_take_it_down(client, joan):
    expert = make_expert()
    licence = make_licence(expert)
    case = make_checked_case(expert)
    up, down = url("climb", case, licence.public_id), url("fall", case, licence.public_id)
    prefix = f"up-{licence.pk}"
    answer = client.post(up, {f"{prefix}-to_step": "CONFIRMED"})
    assert answer.status_code == 422
    assert "Name the source where you looked." in answer.text
    data = {
        f"{prefix}-to_step": "CONFIRMED",
        f"{prefix}-source": "Massachusetts board",
        f"{prefix}-seen_on": "2026-11-20",
    }
    assert client.post(up, data)["Location"] == f"{url('case', case)}#e-{licence.public_id}"
    licence.refresh_from_db()
    assert licence.step == LadderStep.CONFIRMED
    assert "Joan Abara" in client.get(url("case", case)).text
    assert (
        client.post(down, {f"down-{licence.pk}-to_step": "DECLARED", f"down-{licence.pk}-reason": "short"}).status_code
        == 422
    )
    reason = "The board lists this number under another name."
    client.post(down, {f"down-{licence.pk}-to_step": "DECLARED", f"down-{licence.pk}-reason": reason})
    licence.refresh_from_db()
    assert licence.step == LadderStep.DECLARED


def test_a_credential_of_another_person_is_not_found_in_this_case(client, joan):
    case, foreign = make_checked_case(), make_licence(make_expert())
    for name in ("climb", "fall", "reveal"):
        assert client.post(url(name, case, foreign.public_id)).status_code == 404


def test_staff_see_their_own_case_and_cannot_touch_it(client, joan):
    case = make_checked_case(make_expert(joan))
    assert "This case is about you" in client.get(url("case", case)).text
    for name in ("claim", "release", "decide"):
        assert client.post(url(name, case), decision(case)).status_code == 403
    assert client.post(url("reveal", case, case.expert.credentials.get().public_id)).status_code == 403


# ------------------------------------------------------------------------------------------------- who finds what

STAFF_PAGES = ["case", "claim", "release", "decide"]
OWN_PAGES = ["own_case", "progress", "answer", "withdraw"]
POSTS = {"claim", "release", "decide", "answer"}


@pytest.mark.parametrize("who", ["the expert", "another expert", "a person", "finance staff"])
def test_behind_the_door_of_vetting_others_find_nothing(client, who):
    from tests.factories.marketplace_accounts import make_staff

    case = make_checked_case()
    credential = case.expert.credentials.get()
    user = {
        "the expert": lambda: case.expert.user,
        "another expert": lambda: make_expert().user,
        "a person": make_person,
        "finance staff": lambda: make_staff("FINANCE_PREPARER"),
    }[who]()
    client.force_login(user)
    for page in (QUEUE, DECIDED):
        assert client.get(page).status_code == 404
    for name in STAFF_PAGES:
        assert (client.post if name in POSTS else client.get)(url(name, case)).status_code == 404
    for name in ("climb", "fall", "reveal"):
        assert client.post(url(name, case, credential.public_id)).status_code == 404


@pytest.mark.parametrize("who", ["another expert", "a vetter", "a person"])
def test_the_expert_s_pages_of_a_case_are_found_by_nobody_else(client, who):
    case = make_checked_case()
    user = {"another expert": lambda: make_expert().user, "a vetter": make_vetter, "a person": make_person}[who]()
    client.force_login(user)
    for name in OWN_PAGES:
        assert (client.post if name in POSTS else client.get)(url(name, case)).status_code == 404


def test_a_visitor_is_asked_to_sign_in(client):
    case = make_case()
    for page in (QUEUE, DECIDED, MINE, url("case", case), url("own_case", case)):
        assert client.get(page)["Location"].startswith("/accounts/login/")


def test_a_superuser_looks_and_does_not_decide(client):
    case = make_checked_case()
    root = User.objects.create_superuser("root@people.example", "correct horse battery")
    give_second_factor(root)
    client.force_login(root)
    assert "Only vetting staff decide." in client.get(url("case", case)).text
    assert client.post(url("claim", case)).status_code == 403
    assert client.get(reverse("admin:vetting_case_change", args=[case.pk])).status_code == 200


# ------------------------------------------------------------------------------------------------- query counts


@pytest.mark.parametrize("how_many", [1, 3])
@pytest.mark.parametrize(("page", "queries"), [(QUEUE, 16), (DECIDED, 14)])
def test_the_lists_of_staff_ask_the_same_however_long(client, joan, django_assert_num_queries, page, queries, how_many):
    vetter = make_vetter()
    for _ in range(how_many):
        case = make_checked_case()
        if page == DECIDED:
            decide(case, by=vetter)
    client.get(page)
    with django_assert_num_queries(queries):
        assert client.get(page).text.count("Imani Okafor") == how_many


@pytest.mark.parametrize("how_many", [1, 3])
def test_the_expert_s_list_asks_the_same_however_long(client, django_assert_num_queries, how_many):
    expert = make_expert(fields=["cardiology", "neurology", "chess", "law"])
    client.force_login(expert.user)
    for code in ["cardiology", "neurology", "chess"][:how_many]:
        decide(make_checked_case(expert, code), Outcome.DECLINE)
    client.get(MINE)
    with django_assert_num_queries(15):
        assert client.get(MINE).text.count(LONG_REASON) == how_many


@pytest.mark.parametrize("how_many", [1, 3])
def test_a_case_asks_the_same_however_many_credentials(client, joan, django_assert_num_queries, how_many):
    expert = make_expert()
    for number in range(how_many):
        licence = make_licence(expert, number=f"22014{number}")
        document = upload(expert, pdf_bytes("Board"), "l.pdf", DocumentKind.EVIDENCE, credential_id=licence.public_id)
        passed(document)
    case = make_checked_case(expert)
    client.post(url("claim", case))
    client.get(url("case", case))
    with django_assert_num_queries(30):
        assert client.get(url("case", case)).text.count("Form of licence numbers in MA") >= how_many
