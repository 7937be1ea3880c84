"""Keyset pages forwards and backwards, also where moments are equal."""

from __future__ import annotations

from datetime import timedelta

import pytest

from experts.vetting import paging
from experts.vetting.models import Case
from experts.vetting.paging import Position, page_of
from tests.factories.experts_profiles import NOW, field_of, make_expert


@pytest.fixture
def cases(db, monkeypatch):
    monkeypatch.setattr(paging, "SIZE", 3)
    expert, fields = make_expert(), ["chess", "law", "wine", "german", "python", "poetry", "physics", "poker"]
    moments = [NOW + timedelta(hours=number // 3) for number in range(8)]  # several of one moment
    return [
        Case.objects.create(number=number, expert=expert, field=field_of(code), opened_at=NOW, due_at=moments[number])
        for number, code in enumerate(fields)
    ]


@pytest.mark.parametrize("descending", [False, True])
def test_every_row_comes_once_forwards_and_again_backwards(cases, descending):
    pages, position = [], None
    while True:
        page = page_of(Case.objects.all(), by="due_at", position=position, descending=descending)
        pages.append([row.number for row in page.rows])
        if not page.older:
            break
        position = Position.read(page.older)
    numbers = [number for page in pages for number in page]
    assert numbers == sorted(range(8), reverse=descending)
    assert [len(page) for page in pages] == [3, 3, 2]
    back = []
    while page.newer:
        page = page_of(Case.objects.all(), by="due_at", position=Position.read(page.newer), descending=descending)
        back.append([row.number for row in page.rows])
    assert back == [pages[1], pages[0]]


def test_the_first_page_has_no_newer_one_and_a_short_list_no_older_one(cases):
    page = page_of(Case.objects.filter(number__lt=3), by="due_at", position=None)
    assert (len(page.rows), page.newer, page.older) == (3, "", "")


@pytest.mark.parametrize(
    "text", ["", "x", "a", "a1", "a1.", "a.1", "z1.1", "a1.1.1", "a-1.1", "a1.-1", "a" + "9" * 30 + ".1", "aٱ.1"]
)
def test_what_is_no_position_is_not_read_as_one(text):
    with pytest.raises(ValueError):
        Position.read(text)


def test_a_position_survives_the_address():
    assert Position.read(str(Position(NOW, 7, is_before=True))) == Position(NOW, 7, is_before=True)
