"""The demonstration world: it says on every page what it is, and a start that was stopped is gone on with."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client

from marketplace.demo import queries
from marketplace.demo.actions.world import STAGES
from marketplace.demo.models import WorldStage
from marketplace.demo.queries import WORLD
from marketplace.kernel import clock
from tests.support.processes import ROOT, Process, environment, wait_until

WORDS = "every person, lab and sum is invented"


@pytest.fixture
def fresh_label(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this process not know yet whether there is a world."""
    monkeypatch.setattr(queries, "_is_labelled", False)


@pytest.mark.django_db
@pytest.mark.urls("tests.marketplace.demo.labelled_urls")
@pytest.mark.usefixtures("fresh_label")
def test_pages_of_a_stack_with_the_world_say_that_it_is_invented(settings):
    import marketplace.urls  # noqa: F401 -- read before DEBUG is on, as the other tests of this process expect it

    settings.DEBUG = True
    client = Client()
    assert WORDS not in client.get("/gigs/").content.decode()
    WorldStage.objects.create(name=WORLD, begun_at=clock.now())
    assert WORDS in client.get("/gigs/").content.decode()
    WorldStage.objects.all().delete()
    assert WORDS in client.get("/gigs/").content.decode()  # Remembered: a page asks once at most.


@pytest.mark.django_db
@pytest.mark.usefixtures("fresh_label")
def test_in_production_nothing_is_asked_and_nothing_is_said(settings, django_assert_num_queries):
    WorldStage.objects.create(name=WORLD, begun_at=clock.now())
    settings.DEBUG = False
    with django_assert_num_queries(0):
        assert queries.is_labelled() is False


@pytest.mark.full
@pytest.mark.timeout(600)
@pytest.mark.django_db(transaction=True)
def test_a_start_that_was_killed_is_gone_on_with_and_the_books_agree(valkey: str, tmp_path: Path):
    env = environment(valkey, tmp_path / "data")
    first = Process("seed", [sys.executable, "manage.py", "seed_demo"], env, tmp_path)
    first.start()
    try:
        wait_until(lambda: f"5/{len(STAGES)}" in first.output, within=300, what="the fifth stage")
    finally:
        first.kill()
    assert WorldStage.objects.filter(done_at__isnull=False).count() in {5, 6}

    said = manage(env, "seed_demo")
    assert "Going on with the world that was begun" in said
    assert re.search(f"{len(STAGES)}/{len(STAGES)} {list(STAGES)[-1]}", said)
    assert "is here already" in manage(env, "seed_demo")
    manage(env, "check_invariants")


def manage(env: dict[str, str], *arguments: str) -> str:
    ran = subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout
