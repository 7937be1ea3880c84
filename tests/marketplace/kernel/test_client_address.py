"""Where a request came from: counted from the right, one answer for everybody who asks, nothing a caller can forge."""

from __future__ import annotations

import pytest
from allauth.account.adapter import get_adapter
from axes.helpers import get_client_ip_address
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory
from rest_framework.request import Request as ApiRequest

from marketplace.accounts.actions import grant_role
from marketplace.audit.models import AuditEvent
from marketplace.kernel.access import ActorRateThrottle
from marketplace.kernel.http import client_address
from tests.factories.marketplace_accounts import NOW, give_second_factor, make_user

PROXY, CLIENT, FORGED = "10.0.0.2", "203.0.113.7", "8.8.8.8"


def request(forwarded: str | None, caller: str = PROXY):
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    return RequestFactory().get("/", headers=headers, REMOTE_ADDR=caller)


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, None, PROXY),
        (0, CLIENT, PROXY),
        (0, f"{FORGED}, {CLIENT}", PROXY),
        (1, None, PROXY),
        (1, CLIENT, CLIENT),
        (1, f"{FORGED}, {CLIENT}", CLIENT),
        (1, f"{FORGED}, 127.0.0.1,,{CLIENT}", CLIENT),
        (2, f"{CLIENT}, 10.0.0.1", CLIENT),
        (2, f"{FORGED}, {CLIENT}, 10.0.0.1", CLIENT),
        (2, f"{FORGED},{FORGED}, {CLIENT},10.0.0.1", CLIENT),
        # Somebody inside who calls the second proxy directly: that proxy tells who it was.
        (2, CLIENT, CLIENT),
        (2, None, PROXY),
    ],
)
def test_the_address_is_what_our_outermost_proxy_saw(settings, proxies, forwarded, address):
    settings.TRUSTED_PROXY_COUNT = proxies
    assert client_address(request(forwarded)) == address


@pytest.mark.parametrize(
    ("written", "address"),
    [
        (f"{CLIENT}:51234", CLIENT),
        ("[2001:db8::7]:51234", "2001:db8::7"),
        ("2001:DB8:0:0::7", "2001:db8::7"),
        (f"::ffff:{CLIENT}", CLIENT),
        ("fe80::7%eth0", "fe80::7"),
        # What is no address must not become a key of a limit, or a line of the audit trail.
        ("unknown", PROXY),
        ("<script>", PROXY),
        ("203.0.113.7'; DROP TABLE", PROXY),
        ("1" * 5000, PROXY),
    ],
)
def test_an_address_has_one_spelling_and_is_one(settings, written, address):
    settings.TRUSTED_PROXY_COUNT = 1
    assert client_address(request(written)) == address


def test_nobody_knows_the_address_of_a_socket_in_a_folder(settings):
    settings.TRUSTED_PROXY_COUNT = 1
    assert client_address(request(None, caller="")) == ""


@pytest.mark.parametrize(("proxies", "address"), [(0, PROXY), (1, CLIENT)])
def test_lockouts_and_limits_count_by_the_same_address(settings, proxies, address):
    settings.TRUSTED_PROXY_COUNT = proxies
    asked = request(f"{FORGED}, {CLIENT}")
    assert get_client_ip_address(asked) == address
    assert get_adapter().get_client_ip(asked) == address
    program = ApiRequest(asked)
    program.user = AnonymousUser()
    assert ActorRateThrottle().get_cache_key(program, view=None) == f"throttle_actor_{address}"


@pytest.mark.django_db
def test_the_audit_trail_keeps_the_same_address(client, settings):
    """Through the whole site: an administrator gives a role behind the proxy, with a header that lies."""
    settings.TRUSTED_PROXY_COUNT = 1
    behind = {"REMOTE_ADDR": PROXY, "headers": {"X-Forwarded-For": f"{FORGED}, {CLIENT}"}}
    admin, person = make_user("Admin", is_superuser=True, is_staff=True), make_user("Person")
    give_second_factor(admin)
    client.force_login(admin)
    answer = client.post("/admin/accounts/staffrole/add/", {"user": person.pk, "role": "VETTING"}, **behind)
    assert answer.status_code == 302, answer.content
    event = AuditEvent.objects.get()
    assert (event.what, event.address) == ("accounts.grant_role", CLIENT)
    assert len(event.request_id) == 36


@pytest.mark.django_db
def test_what_happens_outside_of_a_request_has_no_address():
    admin, person = make_user("Admin", is_superuser=True), make_user("Person")
    grant_role(user_id=person.pk, role="VETTING", by=admin, now=NOW)
    event = AuditEvent.objects.get()
    assert (event.address, event.request_id) == ("", "")
