"""`./dev up` as a person uses it: in a path with spaces, started twice, stopped, killed."""

from __future__ import annotations

import os
import re
import signal
import time
import urllib.request
from pathlib import Path

import pytest

from marketplace.local import ports
from tests.local.conftest import OtherCheckout
from tests.support.processes import wait_until

pytestmark = pytest.mark.full

FAMILY = {"postgres", "valkey-server", "granian", "celery", "stripe_simulator"}


def family_of(checkout: OtherCheckout) -> set[str]:
    """Return which kinds of the stack's processes run."""
    commands = " ".join(checkout.processes().values())
    return {name for name in FAMILY if name in commands}


def page(port: int, path: str = "/healthz") -> int:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=20) as answer:
        return int(answer.status)


def test_a_stack_starts_stops_keeps_its_data_and_starts_again_within_ten_seconds(other_checkout: OtherCheckout) -> None:
    port = ports.free_port()
    first = other_checkout.up(port)
    assert f"http://localhost:{port}/" in other_checkout.said
    assert page(port) == 200
    assert page(port, "/static/build/app.css") == 200
    wait_until(lambda: family_of(other_checkout) == FAMILY, what="the whole family")

    # Other commands join the running stack; a second stack and a reset are refused.
    made = other_checkout.dev("psql", "-c", "CREATE TABLE kept AS SELECT 42 AS answer")
    assert made.returncode == 0, made.stderr
    asked = other_checkout.dev(
        "manage", "shell", "--no-imports", "-c", "from django.conf import settings; print(settings.SITE_URL)"
    )
    assert asked.stdout.strip() == f"http://localhost:{port}", asked.stderr
    assert "already up" in other_checkout.dev("up", "--port", str(ports.free_port())).stderr
    assert "The stack is up" in other_checkout.dev("reset").stderr

    first.send_signal(signal.SIGINT)
    assert first.wait(30) == 0
    assert other_checkout.processes() == {}
    assert "Stopped. The data is kept" in other_checkout.said

    begun = time.monotonic()
    second = other_checkout.up(port)
    took = time.monotonic() - begun
    assert page(port) == 200
    # Ten seconds on an idle machine; the tests beside this one take half of it.
    assert took < 20, other_checkout.said
    assert "Migrations" not in other_checkout.said
    assert other_checkout.dev("psql", "-At", "-c", "SELECT answer FROM kept").stdout.strip() == "42"
    second.send_signal(signal.SIGTERM)
    assert second.wait(30) == 0

    assert other_checkout.dev("reset").returncode == 0
    assert not (other_checkout.root / ".local").exists()


@pytest.mark.parametrize("half", ["the script", "its supervisor"])
def test_kill_9_leaves_nothing_running_and_loses_nothing(other_checkout: OtherCheckout, half: str) -> None:
    port = ports.free_port()
    script = other_checkout.up(port)
    wait_until(lambda: family_of(other_checkout) == FAMILY, what="the whole family")
    assert other_checkout.dev("psql", "-c", "CREATE TABLE kept AS SELECT 42 AS answer").returncode == 0
    victim = script.pid if half == "the script" else child_of(script.pid)
    os.kill(victim, signal.SIGKILL)
    script.wait(30)
    wait_until(lambda: other_checkout.processes() == {}, within=30, what="the family to end")
    assert ports.is_free(port)
    again = other_checkout.dev("psql", "-At", "-c", "SELECT answer FROM kept")
    assert again.stdout.strip() == "42", again.stderr


def test_a_member_that_dies_is_started_again(other_checkout: OtherCheckout) -> None:
    port = ports.free_port()
    other_checkout.up(port)
    wait_until(lambda: family_of(other_checkout) == FAMILY, what="the whole family")
    for kind, name in (("postgres", "postgres"), ("granian", "web"), ("-Q money", "worker-money")):
        see_it_come_back(other_checkout, kind, name)
    wait_until(lambda: answers(port), within=60, what="the web server again")


def see_it_come_back(checkout: OtherCheckout, kind: str, name: str) -> None:
    """Kill one member and wait for the word about it and for its successor."""
    leader = leader_of(checkout, kind)
    os.kill(leader, signal.SIGKILL)
    said = rf"  {name} ended with signal 9; starting it again in \d s\. Its log: \.local/logs/{name}\.log"
    wait_until(lambda: re.search(said, checkout.said), what=f"a word about {name}")
    wait_until(lambda: leader_of(checkout, kind) not in (0, leader), what=f"{name} again")
    assert leader not in checkout.processes()


def answers(port: int) -> bool:
    try:
        return page(port) == 200
    except OSError:
        return False


def child_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])


def leader_of(checkout: OtherCheckout, words: str) -> int:
    """Return the first process of a kind, the one that the supervisor started, or 0."""
    found = sorted(pid for pid, command in checkout.processes().items() if words in command)
    return next((pid for pid in found if leads(pid)), 0)


def leads(pid: int) -> bool:
    try:
        return os.getpgid(pid) == pid
    except ProcessLookupError:
        return False
