"""Pages of certificates and referrals: for holders, visitors and staff."""

from __future__ import annotations

import json

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from projects.standing import actions, queries, signing
from projects.standing.enums import RevocationReason
from projects.standing.models import Certificate, Referral
from tests.factories.experts_profiles import make_vetter
from tests.factories.projects_hours import make_expert, make_running
from tests.factories.projects_labs import comparable
from tests.factories.projects_standing import (
    LATER,
    confirmed_licence,
    make_certificate,
    make_link,
    make_referred,
    work_week,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def expert():
    contract = make_running()
    confirmed_licence(contract.expert)
    work_week(contract, minutes=95)
    return contract.expert


def text_of(answer) -> str:
    return answer.content.decode()


# ------------------------------------------------------------------------------------------------------------- holders


def test_an_expert_sees_a_preview_and_issues_exactly_that(expert):
    browser, here = signed_in(expert.user), reverse("standing:new")
    assert "No certificate yet" in text_of(browser.get(reverse("standing:certificates")))
    preview = text_of(browser.get(here, {"name": "INITIALS"}))
    assert "I. O." in preview
    assert "1 h 35 min" in preview
    assert "Confirmed by our staff" not in preview  # no credential was ticked
    assert not Certificate.objects.exists()
    answer = browser.post(here, {"name": "INITIALS"})
    certificate = Certificate.objects.get()
    assert answer["Location"] == reverse("standing:certificate", args=[certificate.public_id])
    page = text_of(browser.get(answer["Location"]))
    assert "I. O." in page
    assert queries.verify_url(certificate.public_id) in page
    assert "All work" in text_of(browser.get(reverse("standing:certificates")))


def test_the_first_preview_is_of_everything_and_an_odd_address_shows_it_too(expert):
    browser, here = signed_in(expert.user), reverse("standing:new")
    for query in ({}, {"name": "NOBODY"}, {"field": "alchemy", "name": "FULL"}):
        page = text_of(browser.get(here, query))
        assert "Imani Okafor" in page
        assert "Confirmed by our staff at its source, 17 November 2026" in page


def test_somebody_with_nothing_to_show_is_told_what_it_needs(client):
    client.force_login(make_expert("Ana Silva").user)
    page = text_of(client.get(reverse("standing:new")))
    assert "Nothing to certify yet" in page
    assert "Issue it" not in page
    assert client.post(reverse("standing:new"), {"name": "FULL"}).status_code == 422


def test_a_foreign_certificate_is_as_if_there_was_none(expert):
    certificate = make_certificate(expert)
    stranger = signed_in(make_expert("Ana Silva").user)
    for name in ("standing:certificate", "standing:pdf", "standing:take_back"):
        foreign = stranger.get(reverse(name, args=[certificate.public_id]))
        nothing = stranger.get(reverse(name, args=["00000000-0000-4000-8000-000000000000"]))
        assert foreign.status_code == nothing.status_code == 404
        assert comparable(foreign) == comparable(nothing)


def test_taking_one_back_asks_once_more(expert):
    certificate, browser = make_certificate(expert), signed_in(expert.user)
    here = reverse("standing:take_back", args=[certificate.public_id])
    assert "cannot be undone" in text_of(browser.get(here))
    assert queries.certificate_for(certificate.public_id).ended is None
    browser.post(here)
    assert queries.certificate_for(certificate.public_id).ended.reason == RevocationReason.ASKED
    assert browser.post(here).status_code == 409


# ------------------------------------------------------------------------------------------------------------ visitors


def test_a_visitor_sees_what_it_says_and_that_it_holds_and_search_engines_do_not(expert, client):
    certificate = make_certificate(expert)
    answer = client.get(reverse("standing:verify_one", args=[certificate.public_id]))
    page = text_of(answer)
    assert "Valid." in page
    assert "Paid time" in page
    assert answer["X-Robots-Tag"] == "noindex, nofollow, noarchive"
    assert answer["Referrer-Policy"] == "same-origin"
    assert '<meta name="robots" content="noindex">' in page
    assert client.get(reverse("standing:verify_one", args=["00000000-0000-4000-8000-000000000000"])).status_code == 404


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("ASKED", "Its holder took it back"),
        ("WRONG_FACTS", "It said something that is not so"),
    ],
)
def test_a_visitor_sees_the_reason_and_never_the_words(expert, client, reason, words):
    certificate = make_certificate(expert)
    by = expert.user if reason == "ASKED" else make_vetter()
    actions.revoke_certificate(
        certificate_id=certificate.public_id, reason=reason, words="A letter of the board says so.", by=by, now=LATER
    )
    page = text_of(client.get(reverse("standing:verify_one", args=[certificate.public_id])))
    assert words in page
    assert "since 30 November 2026" in page
    assert "letter of the board" not in page


def test_a_row_that_was_changed_in_the_database_does_not_verify(expert, client, django_db_blocker):
    certificate = make_certificate(expert)
    forged = Certificate(
        expert=expert, name_shown="FULL", as_of=LATER, sha256="0" * 64, key_id="dev", list_number=1,
        list_index=(certificate.list_index + 1) % 131_072, document=certificate.document.replace("1 h 35", "9 h 35"),
    )  # fmt: skip
    forged.save()
    page = text_of(client.get(reverse("standing:verify_one", args=[forged.public_id])))
    assert "The signature does not match." in page
    assert "9 h 35" not in page


def test_a_pasted_certificate_is_checked_and_a_changed_one_is_not_shown(expert, client):
    certificate, here = make_certificate(expert), reverse("standing:verify")
    good = text_of(client.post(here, {"text": certificate.document}))
    assert "Valid." in good
    assert "1 h 35 min" in good
    changed = text_of(client.post(here, {"text": certificate.document.replace("1 h 35", "9 h 35")}))
    assert "The signature does not match." in changed
    assert "9 h 35 min</dd>" not in changed
    spaced = json.dumps(json.loads(certificate.document), indent=2)
    assert "Valid." in text_of(client.post(here, {"text": spaced}))
    actions.revoke_certificate(
        certificate_id=certificate.public_id, reason="ASKED", words="", by=expert.user, now=LATER
    )
    assert "Revoked." in text_of(client.post(here, {"text": certificate.document}))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Paste a certificate, or choose its file."),
        ("hello", "This is not JSON."),
        ("{" * 5000, "This is not JSON."),
        ("{" + '"a":1,' * 30_000 + "}", "at most 131072 characters"),
    ],
)
def test_what_is_no_certificate_is_refused_in_words(client, text, sentence):
    answer = client.post(reverse("standing:verify"), {"text": text})
    assert answer.status_code == 422
    assert sentence in text_of(answer)


def test_a_document_of_somebody_else_and_our_own_list_are_no_certificates(expert, client):
    certificate, here = make_certificate(expert), reverse("standing:verify")
    foreign = json.loads(certificate.document) | {"issuer": {"id": "did:web:elsewhere.example"}}
    assert "Not signed by us." in text_of(client.post(here, {"text": json.dumps(foreign)}))
    found = client.get(reverse("standing:revocations", args=[1])).json()
    assert "Signed by us, but not known." in text_of(client.post(here, {"text": json.dumps(found)}))
    assert "No certificate of ours." in text_of(client.post(here, {"text": "{}"}))


def test_programs_get_the_keys_the_list_the_document_and_the_checker(expert, client, tmp_path):
    certificate = make_certificate(expert)
    document = client.get(reverse("standing:json", args=[certificate.public_id]))
    assert document.content.decode() == certificate.document
    did = client.get("/.well-known/did.json")
    assert did["Access-Control-Allow-Origin"] == "*"
    assert did.json() == signing.did_document()
    found = client.get(reverse("standing:revocations", args=[1]))
    assert client.get(reverse("standing:revocations", args=[2])).status_code == 404
    checker = client.get(reverse("standing:checker"))
    compile(checker.content, "check_certificate.py", "exec")
    for name, answer in {"certificate.json": document, "did.json": did, "list.json": found}.items():
        (tmp_path / name).write_bytes(answer.content)
    arguments = ["verify_certificate", str(tmp_path / "certificate.json"), "--keys", str(tmp_path / "did.json")]
    call_command(*arguments, "--revocations", str(tmp_path / "list.json"))
    (tmp_path / "certificate.json").write_text(certificate.document.replace("1 h 35", "9 h 35"))
    with pytest.raises(CommandError, match="forged: Something was changed"):
        call_command(*arguments)


# --------------------------------------------------------------------------------------------------------------- staff


def test_staff_find_a_certificate_by_name_or_address_and_revoke_it(expert):
    certificate, vetter = make_certificate(expert), make_vetter()
    browser, here = signed_in(vetter), reverse("standing:staff_certificates")
    for asked in ("okafor", queries.verify_url(certificate.public_id), str(certificate.public_id)):
        assert "Imani Okafor" in text_of(browser.get(here, {"q": asked}))
    assert "Nothing found" in text_of(browser.get(here, {"q": "nobody"}))
    page = reverse("standing:staff_certificate", args=[certificate.public_id])
    short = browser.post(page, {"reason": "MISUSED", "words": "Short."})
    assert short.status_code == 422
    browser.post(page, {"reason": "MISUSED", "words": "It was shown as a licence to practise."})
    assert queries.certificate_for(certificate.public_id).ended.reason == "MISUSED"
    told = text_of(signed_in(expert.user).get(reverse("standing:certificate", args=[certificate.public_id])))
    assert "It was shown as a licence to practise." in told


def test_staff_decide_a_questioned_referral():
    referral, _contract = make_referred()
    Referral.objects.filter(pk=referral.pk).update(state="QUESTIONED", question="Both look alike.")
    browser = signed_in(make_vetter())
    assert "Both look alike." in text_of(browser.get(reverse("standing:staff_referrals")))
    page = reverse("standing:staff_referral", args=[referral.public_id])
    assert "Rosa Ilves invited Imani Okafor" in text_of(browser.get(page))
    assert browser.post(page, {"is_good": "yes", "words": ""}).status_code == 422
    browser.post(page, {"is_good": "no", "words": "One person with two accounts, as they wrote."})
    referral.refresh_from_db()
    assert referral.state == "STOPPED"


# ----------------------------------------------------------------------------------------------------------- referrals


def test_an_expert_makes_a_link_and_sees_initials_and_money_only():
    referral, contract = make_referred()
    work_week(contract)
    actions.book_rewards(now=LATER)
    page = text_of(signed_in(referral.referrer).get(reverse("standing:referrals")))
    assert f"/r/{make_link(referral.referrer.expert).code}/" in page
    assert "I. O." in page
    assert "$4.20" in page
    assert "of at most $500.00" in page
    assert "Imani" not in page
    assert contract.project.title not in page


def test_the_palette_leads_to_certificates_and_invitations(client):
    client.force_login(make_expert("Ana Silva").user)
    for asked, name in {"certif": "standing:certificates", "invite": "standing:referrals"}.items():
        assert reverse(name) in text_of(client.get("/palette/", {"q": asked}))


def test_a_link_is_made_when_asked_for(client):
    client.force_login(make_expert("Ana Silva").user)
    assert "Make my link" in text_of(client.get(reverse("standing:referrals")))
    assert client.post(reverse("standing:open_link")).status_code == 302
    assert "Make my link" not in text_of(client.get(reverse("standing:referrals")))
