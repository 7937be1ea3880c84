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

pytestmark = [pytest.mark.full, pytest.mark.timeout(600), pytest.mark.xdist_group("first start")]

FAMILY = {"postgres", "valkey-server", "granian", "celery", "stripe_simulator"}


def family_of(checkout: OtherCheckout) -> set[str]:
    """Return which kinds of the stack's processes run."""
    commands = " ".join(checkout.processes().values())
    return {name for name in FAMILY if name in commands}


def page(port: int, path: str = "/healthz") -> int:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=20) as answer:
        return int(answer.status)


def test_a_first_start_brings_everything_and_ctrl_c_takes_it_down(first_start: OtherCheckout) -> None:
    said = first_start.said
    assert re.search(r"Preceptor is up after [\d.]+ s:  http://localhost:\d+/\n", said)
    steps = ["PostgreSQL 18", "Valkey", "Migrations", "Demonstration world", "Web", "Workers, beat, Stripe stand-in"]
    places = [said.find(f"\n  {step}") for step in steps]
    assert -1 not in places, said
    assert places == sorted(places)
    assert "password" in said
    assert said.endswith("Stopping.\nStopped. The data is kept; ./dev up goes on where this ended.\n")
    assert first_start.started[0].returncode == 0
    assert first_start.processes() == {}


def test_a_second_start_is_quick_and_keeps_the_data(lived_in: OtherCheckout) -> None:
    port = ports.free_port()
    begun = time.monotonic()
    script = lived_in.up(port)
    took = time.monotonic() - begun
    # Under ten seconds on an idle machine; the tests beside this one take half of it.
    assert took < 20, lived_in.said
    assert "Migrations" not in lived_in.said
    assert "Demonstration world" not in lived_in.said
    assert page(port) == 200
    assert page(port, "/static/build/app.css") == 200
    wait_until(lambda: family_of(lived_in) == FAMILY, what="the whole family")

    # Other commands join the running stack; a second stack and a reset are refused.
    people = lived_in.dev("psql", "-At", "-c", "SELECT count(*) > 5 FROM accounts_user")
    assert people.stdout.strip() == "t", people.stderr
    asked = lived_in.dev(
        "manage", "shell", "--no-imports", "-c", "from django.conf import settings; print(settings.SITE_URL)"
    )
    assert asked.stdout.strip() == f"http://localhost:{port}", asked.stderr
    assert "-1 day, 22:00:00 from real time" in lived_in.dev("clock", "-2h").stdout
    assert "already up" in lived_in.dev("up", "--port", str(ports.free_port())).stderr
    assert "The stack is up" in lived_in.dev("reset").stderr

    script.send_signal(signal.SIGTERM)
    assert script.wait(30) == 0
    assert lived_in.processes() == {}
    assert lived_in.dev("reset").returncode == 0
    assert not (lived_in.root / ".local").exists()


@pytest.mark.parametrize("half", ["the script", "its supervisor"])
def test_kill_9_leaves_nothing_running_and_loses_nothing(lived_in: OtherCheckout, half: str) -> None:
    port = ports.free_port()
    script = lived_in.up(port)
    wait_until(lambda: family_of(lived_in) == FAMILY, what="the whole family")
    assert lived_in.dev("psql", "-c", "CREATE TABLE kept AS SELECT 42 AS answer").returncode == 0
    victim = script.pid if half == "the script" else child_of(script.pid)
    os.kill(victim, signal.SIGKILL)
    script.wait(30)
    wait_until(lambda: lived_in.processes() == {}, within=30, what="the family to end")
    assert ports.is_free(port)
    again = lived_in.dev("psql", "-At", "-c", "SELECT answer FROM kept")
    assert again.stdout.strip() == "42", again.stderr


def test_a_member_that_dies_is_started_again(lived_in: OtherCheckout) -> None:
    port = ports.free_port()
    lived_in.up(port)
    wait_until(lambda: family_of(lived_in) == FAMILY, what="the whole family")
    for kind, name in (("postgres", "postgres"), ("granian", "web"), ("-Q money", "worker-money")):
        see_it_come_back(lived_in, kind, name)
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
