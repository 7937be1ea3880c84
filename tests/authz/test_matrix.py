"""Every address, opened as every role, on the whole demonstration world with its real rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import reverse

from experts.assessments.models import Accommodation, Attempt, Guide, Question
from experts.credentials.models import Credential
from experts.vetting.models import Case
from marketplace.accounts.models import User
from marketplace.demo.actions.world import make_world
from marketplace.kernel import clock, registry
from marketplace.notices.models import Notification
from payments.funding.models import Deposit
from payments.gateway.simulator.server import Config, Simulator
from payments.ledger.models import Entry
from payments.payouts.models import PayItem, PayRun, Reconciliation
from projects.delivery.models import Export
from projects.hiring.models import Contract, Rating
from projects.hours.models import TimeEntry, Timesheet
from projects.labs.api_access import HasScope
from projects.labs.enums import Scope
from projects.reach.models import SavedSearch
from projects.standing.models import Certificate, Referral
from projects.work.models import Assignment
from tests.architecture.test_urls import ours
from tests.authz.matrix import INSIDERS, MATRIX, NO_MONEY, ROLES, door_of
from tests.factories.marketplace_accounts import give_second_factor, make_user
from tests.factories.projects_labs import comparable, make_key
from tests.support.database import cloned_database

# pytest-django makes a test database only for tests that say they need one; one process makes the world for all of them.
pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("world of the matrix")]
EXPERT, OWNER = "imani.okafor", "tessa.rhodes"


def test_every_address_stands_in_the_matrix_and_nothing_else_does():
    names = {name for name, _pattern in ours() if not name.startswith(("demo:", "admin:"))}
    listed = {name for group in MATRIX.values() for name in group}
    assert {name for name in names if door_of(name) is None} == set()
    assert listed - names == set()


def person(prefix: str) -> User:
    return User.objects.get(email__startswith=prefix)


def ids() -> dict[str, object]:
    """Rows that belong to the persona expert and to the persona's lab, by the name they have in addresses."""
    imani = person(EXPERT)
    lab = person(OWNER).lab_memberships.get().lab
    contract = Contract.objects.of_expert(imani).filter(lab=lab).order_by("pk").first()
    application = contract.offer.application
    assignment = Assignment.objects.of_expert(imani).filter(submitted_at__isnull=False).order_by("pk").first()
    sheet = Timesheet.objects.of_expert(imani).order_by("-period").first()
    item = PayItem.objects.filter(payee=imani).select_related("run").first()
    rows = {
        "project_id": contract.project, "application_id": application, "offer_id": contract.offer,
        "contract_id": contract, "assignment_id": assignment, "task_id": assignment.task,
        "batch_id": assignment.task.batch, "entry_id": TimeEntry.objects.of_expert(imani).first(),
        "timesheet_id": sheet, "case_id": Case.objects.filter(expert__user=imani).first(),
        "credential_id": Credential.objects.filter(expert__user=imani).first(), "run_id": item.run, "item_id": item,
        "notice_id": Notification.objects.filter(user=imani).first(), "public_id": Entry.objects.first(),
        "deposit_id": Deposit.objects.filter(project_ref=contract.project.public_id).first(), "user_ref": person("sam.lind"),
    }  # fmt: skip
    rows |= assessed(imani)
    rows |= {
        "certificate_id": Certificate.objects.filter(expert__user=imani).first(),
        "referral_id": Referral.objects.first(),
        "search_id": SavedSearch.objects.filter(user=imani).order_by("pk").first(),
        "amendment_id": contract.amendments.first(),
        "rating_id": Rating.objects.exclude(flag_state="").first(),
    }
    found: dict[str, object] = {name: row.public_id for name, row in rows.items() if row is not None}
    words = {"slug": lab.slug, "code": "2200", "currency": "USD", "kind_slug": "npi", "section": "about", "week": "2026-W40",
             "move": "pause", "what": "assessment", "position": 1, "number": 1, "gig_code": "nogighere"}  # fmt: skip
    return found | words


def assessed(imani: User) -> dict[str, object]:
    """What was asked of the persona expert and what they answered, and a script of it."""
    attempt = Attempt.objects.filter(expert__user=imani).first()
    return {
        "ask_id": attempt.ask, "attempt_id": attempt, "assessment_id": attempt.assessment,
        "paper_id": attempt.assessment, "guide_id": Guide.objects.first(), "question_id": Question.objects.first(),
        "script_id": attempt.script, "request_id": Accommodation.objects.first(),
    }  # fmt: skip


def address(name: str, pattern, known: dict[str, object]) -> str:
    names = pattern.pattern.regex.groupindex
    values = {one: known.get(one, uuid4()) for one in names}
    if name in {"listings:field", "reach:field_picture", "reports:report", "reports:report_csv"}:
        values |= {"code": "cardiology", "slug": "payout-register"}
        values = {one: values[one] for one in names}
    if "owner" in values:
        values["owner"] = person(EXPERT).public_id
    return reverse(name, kwargs={one: values[one] for one in names})


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[dict[str, Client]]:
    """The demonstration world in a database of its own, and a signed-in browser per role."""
    simulator = Simulator(Config(path=tmp_path_factory.mktemp("stripe") / "stripe.sqlite3")).start()
    at = {"STRIPE_SIMULATOR_URL": simulator.address, "STRIPE_API_BASE": simulator.address}
    try:
        with django_db_blocker.unblock(), cloned_database(), override_settings(**at):
            with override_settings(DEBUG=True):
                for _stage in make_world(now=clock.now()):
                    pass
            yield browsers()
    finally:
        simulator.stop()


def browsers() -> dict[str, Client]:
    emails = {
        "stranger": make_user("A Stranger").email, "foreign-owner": "oskar.brandvold", "expert": EXPERT, "lab-owner": OWNER,
        "lab-reviewer": "sam.lind", "vetting": "vera.castillo", "preparer": "mateus.lindqvist", "approver": "priya.vance",
    }  # fmt: skip
    found = {"visitor": Client(raise_request_exception=False)}
    for role, prefix in emails.items():
        user = person(prefix)
        give_second_factor(user)
        found[role] = Client(raise_request_exception=False)
        found[role].force_login(user)
    return found


def opened(answer: HttpResponse) -> bool:
    """Whether an answer gave something: anything but sign-in, a refusal, or a page that is not there."""
    if answer.status_code in {301, 302, 303}:
        return not answer["Location"].startswith("/accounts/")
    return answer.status_code < 400


@pytest.mark.full
@pytest.mark.parametrize("role", ROLES)
def test_a_role_opens_what_the_matrix_gives_it_and_nothing_more(world, role):
    known, browser, wrong = ids(), world[role], []
    for name, pattern in ours():
        if name.startswith(("demo:", "admin:", "api:", "gateway:")) or name == "pages:":
            continue
        door = str(door_of(name))
        url = address(name, pattern, known)
        inside = role in INSIDERS[door]
        answer = browser.get(url)
        if answer.status_code == 405:
            # It takes POST only. Insiders are left alone: their posts are the areas' own tests.
            answer = answer if inside else browser.post(url)
        if answer.status_code >= 500 and name != "pages:readyz":
            wrong.append(f"{name} fails with {answer.status_code}")
        elif not inside and opened(answer):
            wrong.append(f"{name} opens for {role}: {answer.status_code} {answer.get('Location', '')}")
        elif inside and door in {"open", "person"} and not opened(answer) and answer.status_code not in {404, 405, 503}:
            wrong.append(f"{name} is closed to {role}: {answer.status_code}")
    assert "\n".join(wrong) == ""


@pytest.mark.full
@pytest.mark.parametrize(
    ("role", "paths"),
    [
        ("expert", ["/me/", "/me/hours/", "/me/earnings/", "/me/work/", "/me/credentials/", "/me/applications/"]),
        ("lab-owner", ["/lab/larkfield-labs/", "/lab/larkfield-labs/candidates/", "/lab/larkfield-labs/hours/",
                       "/lab/larkfield-labs/statement/", "/lab/larkfield-labs/projects/", "/lab/larkfield-labs/review/"]),
        ("vetting", ["/vetting/", "/vetting/decided/"]),
        ("preparer", ["/finance/", "/finance/runs/", "/finance/ledger/", "/finance/reports/", "/finance/holds/"]),
    ],
)  # fmt: skip
def test_insiders_reach_their_screens(world, role, paths):
    assert [(path, world[role].get(path).status_code) for path in paths] == [(path, 200) for path in paths]


@pytest.mark.full
@pytest.mark.parametrize("role", ["stranger", "foreign-owner", "expert", "vetting", "preparer"])
def test_a_lab_that_is_not_ones_own_looks_exactly_like_one_that_does_not_exist(world, role):
    for rest in ("", "candidates/", "hours/", "statement/", "projects/", "keys/", "members/", "review/"):
        theirs = world[role].get(f"/lab/larkfield-labs/{rest}")
        none = world[role].get(f"/lab/no-such-lab-at-all/{rest}")
        assert (theirs.status_code, none.status_code, rest) == (404, 404, rest)
        assert comparable(theirs, "larkfield-labs") == comparable(none, "no-such-lab-at-all")


@pytest.mark.full
def test_rates_and_fees_of_a_lab_are_for_those_who_manage_it(world):
    known, money = ids(), re.compile(r"[$€£]\s?\d|\d\s%")
    for name, pattern in ours():
        if name in NO_MONEY:
            url = address(name, pattern, known)
            pages = [
                re.sub(r"<[^>]*>", " ", world[role].get(url).content.decode()) for role in ("lab-owner", "lab-reviewer")
            ]
            assert [(name, bool(money.search(page))) for page in pages] == [(name, True), (name, False)]


def callers(world: dict[str, Client]) -> dict[str, Client]:
    """Whoever may call the API: people by their session, labs by a key with every scope or with one."""
    own, foreign = (person(prefix).lab_memberships.get().lab for prefix in (OWNER, "oskar.brandvold"))
    keys = {"own key": (own, Scope), "foreign key": (foreign, Scope), "key for exports": (own, [Scope.EXPORTS])}
    texts = {name: make_key(lab, *scopes, now=clock.now())[1] for name, (lab, scopes) in keys.items()}
    return {one: world[one] for one in ("visitor", "stranger", "expert", "lab-owner")} | {
        name: Client(headers={"Authorization": f"Bearer {text}"}) for name, text in texts.items()
    }


def right_answers(caller: str, view: type, method: str, of_one_row: bool) -> set[int]:
    """Which answers of the API are right for a caller; 404 for what is not theirs or not there."""
    if HasScope not in view.permission_classes:
        return {200, 404} if caller in {"stranger", "expert", "lab-owner"} else {401, 403}
    scope = view.scopes[method]
    if caller not in {"own key", "foreign key"} and not (caller == "key for exports" and scope == Scope.EXPORTS):
        return {401, 403}
    return {404} if caller == "foreign key" and of_one_row else {200}


@pytest.mark.full
def test_the_api_gives_each_caller_their_own_and_nobody_anything_else(world):
    known, wrong = ids(), []
    lab = person(OWNER).lab_memberships.get().lab
    known["export_id"] = Export.objects.filter(project__lab=lab, size_bytes__gt=0).first().public_id
    theirs = [str(known[name]) for name in ("project_id", "batch_id", "contract_id", "assignment_id", "timesheet_id")]
    everybody = callers(world)
    for name, pattern in ours():
        if not name.startswith("api:"):
            continue
        view, url = pattern.callback.cls, address(name, pattern, known)
        method = "GET" if hasattr(view, "get") else "POST"
        for caller, client in everybody.items():
            right = right_answers(caller, view, method, bool(pattern.pattern.regex.groupindex))
            if method == "POST" and right == {200}:
                continue  # it would really be done
            answer = client.generic(method, url, "{}", "application/json")
            body = b"".join(answer) if answer.streaming else answer.content
            if answer.status_code not in right:
                wrong.append(f"{name} answers {answer.status_code} to {caller}")
            elif caller not in {"own key", "key for exports", "expert"} and any(
                one in body.decode() for one in theirs if one not in url
            ):
                wrong.append(f"{name} tells {caller} what is not theirs")
    assert "\n".join(wrong) == ""


@pytest.mark.full
def test_the_books_of_the_world_balance_and_stripe_agrees(world):
    assert registry.check_invariants() == {}
    last = Reconciliation.objects.order_by("-pk").first()
    assert (last.differences, last.clearing_minor) == ([], last.stripe_balance_minor)


@pytest.mark.full
def test_making_the_world_again_changes_nothing(world, capsys):
    before = (User.objects.count(), Entry.objects.count(), PayRun.objects.count())
    with override_settings(DEBUG=True):
        call_command("seed_demo")
    assert (User.objects.count(), Entry.objects.count(), PayRun.objects.count()) == before
    assert "here already" in capsys.readouterr().out
