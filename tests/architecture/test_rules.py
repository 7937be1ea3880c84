"""The house rules hold in every file, and each rule is proven by a small file that breaks it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.architecture import house

LONG_FUNCTION = "def long():\n" + "    x = 1\n" * 61
OTHER_MOVE = "def act(row):\n    require_move(M, current=row.state, target=S.OPEN, what='x')\n    row.state = S.DONE\n"
BREAKERS = [
    (house.too_long, "projects/work/queries.py", "x = 1\n" * 401),
    (house.too_long, "projects/work/queries.py", LONG_FUNCTION),
    (house.writes_outside_actions, "projects/work/views.py", "def view(r):\n    Task.objects.create(a=1)\n"),
    (house.writes_outside_actions, "projects/work/queries.py", "def f(row):\n    row.save()\n"),
    (house.writes_outside_actions, "payments/x/tasks.py", "Row.objects.filter(pk=1).update(state=2)\n"),
    (house.listens_to_models, "experts/x/receivers.py", "from django.db.models.signals import post_save\n"),
    (house.overrides_save, "experts/x/models.py", "class A:\n    def save(self):\n        pass\n"),
    (house.reads_the_clock, "projects/x/actions.py", "def act():\n    return clock.now()\n"),
    (house.reads_the_clock, "projects/x/models.py", "def f():\n    return timezone.now()\n"),
    (house.reads_raw_input, "projects/x/views.py", "def v(request):\n    return request.GET['q']\n"),
    (house.reads_raw_input, "projects/x/views.py", "def v(request):\n    return request.POST.get('q')\n"),
    (house.moves_without_asking, "projects/x/actions.py", "def act(row):\n    row.state = S.DONE\n"),
    (house.moves_without_asking, "projects/x/actions/y.py", "def act(a):\n    a.step, a.at = S.SEEN, 1\n"),
    (house.moves_without_asking, "projects/x/actions.py", "def act(rows):\n    rows.update(state=S.DONE)\n"),
    (house.moves_without_asking, "projects/x/actions.py", "def act(row):\n    setattr(row, 'state', S.DONE)\n"),
    (house.moves_without_asking, "projects/x/actions.py", OTHER_MOVE),
    (house.task_manners, "projects/x/tasks.py", "@shared_task\ndef t(*, pk, **_n):\n    pass\n"),
    (house.task_manners, "projects/x/tasks.py", "@shared_task(name='a.b')\ndef t(pk, **_n):\n    pass\n"),
    (house.task_manners, "projects/x/tasks.py", "@shared_task(name='a.b')\ndef t(*, pk):\n    pass\n"),
    (house.junk_names, "projects/x/utils.py", ""),
    (house.unfinished, "projects/x/views.py", "x = 1  # TO" + "DO later\n"),
]


@pytest.mark.parametrize("rule", house.RULES, ids=lambda rule: rule.__name__)
def test_the_product_keeps_the_rule(rule):
    broken = [words for path in house.source_files() for words in rule(path.relative_to(house.ROOT), path.read_text())]
    assert broken == []


@pytest.mark.parametrize(("rule", "name", "text"), BREAKERS)
def test_a_file_that_breaks_the_rule_is_named(rule, name, text):
    found = list(rule(Path(name), text))
    assert len(found) == 1
    assert found[0].startswith(name)


def test_a_state_that_was_asked_for_may_be_set():
    asked = OTHER_MOVE.replace("S.OPEN", "S.DONE") + "    return Row(state=S.NEW)\n"
    assert list(house.moves_without_asking(Path("projects/x/actions.py"), asked)) == []


def test_every_rule_has_a_file_that_breaks_it():
    assert {rule for rule, _name, _text in BREAKERS} == set(house.RULES)
