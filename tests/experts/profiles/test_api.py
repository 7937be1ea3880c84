"""The API of profiles: one's own, whole, and nobody else's."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client

from projects.labs.enums import Scope
from tests.factories.experts_profiles import (
    make_blank_expert,
    make_conflict,
    make_education,
    make_expert,
    make_free,
    make_person,
    make_vetter,
    make_work,
)
from tests.factories.projects_labs import browse, make_key, make_lab
from tests.support.asking import questions

pytestmark = pytest.mark.django_db
PATH = "/api/v1/me/profile/"


def test_an_expert_reads_their_own_profile():
    expert = make_expert(fields=["cardiology", "medicine"])
    make_work(expert), make_education(expert), make_free(expert, (1, 18, 22))
    make_conflict(expert, from_month=date(2021, 3, 1), note="Advisory board")
    assert browse(expert.user).get(PATH).json() == {
        "id": str(expert.public_id),
        "name": "Imani Okafor",
        "headline": "Cardiologist, heart failure clinic",
        "about": "Trained in Lagos and Boston.",
        "country": "US",
        "years_experience": 12,
        "rate_desired_minor": 21_000,
        "rate_minimum_minor": 18_000,
        "currency": "USD",
        "weekly_hours": 20,
        "open_to_work": True,
        "time_zone": "UTC",
        "free_hours": [{"weekday": 1, "from_hour": 18, "to_hour": 22}],
        "work": [
            {"title": "Attending", "organisation": "Brightwater Clinic", "from_month": "2015-01-01", "to_month": None,
             "summary": ""},
        ],
        "education": [
            {"school": "University of Lagos", "degree": "MBBS", "subject": "Medicine", "from_month": "2003-09-01",
             "to_month": "2009-06-01"},
        ],
        "conflicts": [
            {"organisation": "Trellis Health", "from_month": "2021-03-01", "to_month": None, "note": "Advisory board"},
        ],
        "claimed_fields": [
            {"code": "medicine", "name": "Medicine", "years": 10},
            {"code": "cardiology", "name": "Cardiology", "years": 10},
        ],
        "languages": [{"code": "en", "level": "NATIVE"}],
        "progress": {"done": 6, "of": 6, "next": ""},
        "missing": [],
        "created_at": "2026-11-23T09:00:00Z",
        "updated_at": "2026-11-23T09:00:00Z",
    }  # fmt: skip


def test_a_profile_that_was_only_begun_says_what_is_missing():
    answer = browse(make_blank_expert().user).get(PATH).json()
    assert (answer["years_experience"], answer["claimed_fields"], answer["work"]) == (None, [], [])
    assert answer["progress"] == {"done": 0, "of": 6, "next": "about"}
    assert answer["missing"] == [
        "headline", "about you", "country", "years of experience", "at least one field", "at least one language",
        "hours a week",
    ]  # fmt: skip


def test_who_has_no_profile_finds_nothing_and_nobody_reads_anothers():
    make_expert()
    for person in (make_person("Somebody Else"), make_vetter()):
        answer = browse(person).get(PATH)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    _key, text = make_key(make_lab(), *Scope)
    assert Client(headers={"Authorization": f"Bearer {text}"}).get(PATH).status_code == 403
    assert Client().get(PATH).status_code == 401
    assert browse(make_person()).patch(PATH, {}, content_type="application/json").status_code == 405


def test_one_field_and_three_cost_the_same_number_of_questions():
    counts = [
        questions(browse(make_expert(fields=fields).user), PATH)
        for fields in (["cardiology"], ["cardiology", "medicine", "law"])
    ]
    assert counts == [11, 11]
