from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from marketplace.demo import queries
from marketplace.demo.actions.clock import move_clock, parse_step, reset_clock
from marketplace.kernel.errors import Invalid, NotAllowed


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("+3d", timedelta(days=3)),
        ("-2h", timedelta(hours=-2)),
        ("+1d12h", timedelta(days=1, hours=12)),
        ("+1w", timedelta(weeks=1)),
        ("+90s", timedelta(seconds=90)),
    ],
)
def test_steps_are_written_as_people_say_them(text, step):
    assert parse_step(text) == step


@pytest.mark.parametrize("text", ["3d", "+", "+3x", "tomorrow", "+99999d", ""])
def test_what_is_no_step_is_refused(text):
    with pytest.raises(Invalid):
        parse_step(text)


@pytest.mark.django_db(transaction=True)
def test_the_business_clock_is_refused_in_production(settings):
    settings.DEBUG = False
    with pytest.raises(NotAllowed, match="development only"):
        move_clock(step=timedelta(days=3))
    with pytest.raises(CommandError, match="development only"):
        call_command("clock", "+3d")
    assert queries.clock_offset() == timedelta(0)


@pytest.mark.django_db(transaction=True)
def test_steps_add_up_and_reset_takes_them_back(settings):
    settings.DEBUG = True
    settings.STRIPE_SIMULATOR_URL = "http://127.0.0.1:9"  # nobody listens there: the clock moves all the same
    assert move_clock(step=timedelta(days=3)) == timedelta(days=3)
    assert move_clock(step=timedelta(hours=-2)) == timedelta(days=2, hours=22)
    assert reset_clock() == timedelta(0)
