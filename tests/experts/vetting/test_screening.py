"""People are screened against the newest list; a person decides about a hit, and it takes two to stop somebody."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import IntegrityError, connection, transaction

from experts.registries.enums import Register
from experts.vetting import actions
from experts.vetting.enums import CheckKind, CheckResult, HitState, Verdict
from experts.vetting.models import Hit, HitDecision, Screening
from experts.vetting.queries import people_to_hold
from marketplace.accounts.models import User
from marketplace.audit.models import AuditEvent
from marketplace.kernel.errors import Invalid, NotAllowed, WrongState
from marketplace.notices.models import Notification
from tests.factories.experts_profiles import NOW, make_expert, make_person, make_vetter
from tests.factories.experts_registries import alias, entry, import_list, player, provider
from tests.factories.experts_vetting import decide, make_case, make_checked_case, work_all

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=30)
REASON = "The entry was born in 1961, our expert finished school in 2004."


def listed(name="Oleksandr Korvaren"):
    """Make an expert whose name is like one on the list."""
    return make_expert(make_person(name))


def screened(expert, now=NOW):
    return actions.screen_expert(expert_id=expert.public_id, now=now)


def hit_of(expert):
    screened(expert)
    return Hit.objects.get(expert=expert)


def say(hit, verdict, by=None, reason=REASON, now=NOW):
    decision = actions.decide_hit(hit_id=hit.public_id, verdict=verdict, reason=reason, by=by or make_vetter(), now=now)
    hit.refresh_from_db()
    return decision


# -------------------------------------------------------------------------------------------------------- screening


def test_without_a_list_nobody_is_screened():
    assert screened(listed()) is None
    assert actions.screen_due(now=NOW) == 0


def test_a_screening_keeps_list_name_threshold_and_best_score():
    newest = import_list(Register.OFAC, entry())
    screening = screened(make_expert())
    assert (screening.seen_in, screening.name, screening.threshold) == (newest, "Imani Okafor", 85)
    assert (screening.hit_count, screening.is_readable) == (0, True)
    assert screening.best_score < 85
    assert not Hit.objects.exists()


def test_a_name_like_one_on_the_list_opens_a_hit_and_tells_vetting_staff():
    import_list(Register.OFAC, entry(), alias(900101, "KORVAREN, Alexander"), entry(2, "KORVAREN", kind="vessel"))
    joan, expert = make_vetter(), listed()
    hit = hit_of(expert)
    assert (hit.state, hit.score, hit.matched_name, hit.technique) == (
        HitState.OPEN, 100, "KORVAREN, Oleksandr Petrovich", "parts of the name",
    )  # fmt: skip
    assert list(people_to_hold()) == [expert.user]
    assert "like one on the sanctions list" in Notification.objects.get(user=joan).title
    assert not Notification.objects.filter(user=expert.user).exists()
    assert AuditEvent.objects.filter(what="vetting.open_hit").count() == 1


def test_the_threshold_is_a_setting(settings):
    import_list(Register.OFAC, entry())
    expert = listed("Olexander Korvarin")
    assert screened(expert).hit_count == 1
    settings.SANCTIONS_THRESHOLD = 100
    assert screened(expert).hit_count == 0
    assert Screening.objects.filter(expert=expert).count() == 2


def test_screening_twice_is_screening_once():
    import_list(Register.OFAC, entry())
    expert = listed()
    assert screened(expert) == screened(expert, now=LATER)
    assert (Screening.objects.count(), Hit.objects.count(), AuditEvent.objects.filter(what="vetting.open_hit").count()) == (
        1, 1, 1,
    )  # fmt: skip


def test_a_name_that_no_program_can_compare_is_left_to_a_person():
    import_list(Register.OFAC, entry())
    case = work_all(make_case(make_expert(make_person("Ольга Петрова"))))
    check = case.checks.get(kind=CheckKind.SANCTIONS)
    assert check.result == CheckResult.NEEDS_PERSON
    assert "letters that are not Latin" in check.explanation


def test_everybody_is_screened_again_with_each_list_and_under_a_new_name():
    import_list(Register.OFAC, entry(2, "MBEKI, Tunde"))
    expert, other = listed(), make_expert()
    assert [actions.screen_due(now=NOW), actions.screen_due(now=NOW)] == [2, 0]
    import_list(Register.OFAC, entry(2, "MBEKI, Tunde"), entry(), now=LATER)
    assert actions.screen_due(now=LATER) == 2
    assert [hit.expert for hit in Hit.objects.all()] == [expert]
    User.objects.filter(pk=other.user_id).update(full_name="Tunde Mbeki")
    assert actions.screen_due(now=LATER) == 1
    assert Hit.objects.filter(expert=other, state=HitState.OPEN).exists()


def test_the_sweep_goes_through_everybody_in_portions(monkeypatch):
    monkeypatch.setattr("experts.vetting.actions.screening.SWEEP_LIMIT", 2)
    import_list(Register.OFAC, entry())
    for _number in range(5):
        make_expert()
    assert [actions.screen_due(now=NOW) for _sweep in range(4)] == [2, 2, 1, 0]


def test_a_cleared_hit_stays_quiet_until_the_entry_says_something_else():
    import_list(Register.OFAC, entry())
    expert = listed()
    hit = hit_of(expert)
    say(hit, Verdict.NOT_SAME)
    import_list(Register.OFAC, entry(), now=LATER)
    screened(expert, now=LATER)
    hit.refresh_from_db()
    assert hit.state == HitState.CLEARED
    for number, row in enumerate((entry(remarks="DOB 1986"), alias(900101, "KORVAREN, Sasha")), start=1):
        import_list(Register.OFAC, entry(remarks="DOB 1986"), row, now=LATER + timedelta(days=number))
        screened(expert, now=LATER + timedelta(days=number))
        hit.refresh_from_db()
        assert hit.state == HitState.OPEN
        say(hit, Verdict.NOT_SAME)


def test_a_hit_whose_entry_leaves_the_list_closes_and_opens_again_when_it_comes_back():
    import_list(Register.OFAC, entry(), entry(2, "MBEKI, Tunde"))
    expert = listed()
    hit = hit_of(expert)
    import_list(Register.OFAC, entry(2, "MBEKI, Tunde"), now=LATER)
    screened(expert, now=LATER)
    hit.refresh_from_db()
    assert hit.state == HitState.UNLISTED
    assert list(people_to_hold()) == []
    import_list(Register.OFAC, entry(), entry(2, "MBEKI, Tunde"), now=LATER + timedelta(days=1))
    screened(expert, now=LATER + timedelta(days=1))
    hit.refresh_from_db()
    assert hit.state == HitState.OPEN


def test_a_new_name_does_not_get_rid_of_an_open_hit():
    import_list(Register.OFAC, entry())
    expert = listed()
    hit = hit_of(expert)
    User.objects.filter(pk=expert.user_id).update(full_name="Somebody Else")
    actions.screen_due(now=LATER)
    hit.refresh_from_db()
    assert hit.state == HitState.OPEN


# --------------------------------------------------------------------------------------------------------- deciding


def test_one_person_clears_a_hit_with_score_list_and_reason():
    newest = import_list(Register.OFAC, entry())
    expert, joan = listed(), make_vetter()
    hit = hit_of(expert)
    decision = say(hit, Verdict.NOT_SAME, by=joan)
    assert (hit.state, hit.decided_at) == (HitState.CLEARED, NOW)
    assert (decision.score, decision.list_on, decision.reason, decision.decided_by) == (
        100,
        newest.list_on,
        REASON,
        joan,
    )
    assert list(people_to_hold()) == []


def test_a_match_takes_two_people():
    import_list(Register.OFAC, entry())
    joan, rafael = make_vetter("Joan Abara"), make_vetter("Rafael Brandt")
    hit = hit_of(listed())
    say(hit, Verdict.MATCH, by=joan)
    assert hit.state == HitState.MATCH_SAID
    assert Notification.objects.filter(user=rafael, title__startswith="Is Oleksandr Korvaren the person").exists()
    with pytest.raises(NotAllowed, match="A second person"):
        say(hit, Verdict.CONFIRM, by=joan)
    say(hit, Verdict.CONFIRM, by=rafael)
    assert (hit.state, hit.said_by, hit.confirmed_by) == (HitState.CONFIRMED, joan, rafael)
    assert people_to_hold().count() == 1
    with pytest.raises(IntegrityError, match="two_people_confirm_a_sanctions_match"), transaction.atomic():
        Hit.objects.update(confirmed_by=joan)


def test_a_second_person_who_disagrees_sends_it_back_and_what_was_confirmed_can_be_opened():
    import_list(Register.OFAC, entry())
    joan, rafael = make_vetter("Joan Abara"), make_vetter("Rafael Brandt")
    hit = hit_of(listed())
    say(hit, Verdict.MATCH, by=joan)
    say(hit, Verdict.DISAGREE, by=rafael)
    assert (hit.state, hit.said_by) == (HitState.OPEN, None)
    say(hit, Verdict.MATCH, by=rafael)
    say(hit, Verdict.CONFIRM, by=joan)
    say(hit, Verdict.LOOK_AGAIN, by=joan)
    assert (hit.state, hit.said_by, hit.confirmed_by) == (HitState.OPEN, None, None)


def test_who_is_not_vetting_staff_or_is_the_person_decides_nothing():
    import_list(Register.OFAC, entry())
    vetter = make_vetter("Oleksandr Korvaren")
    hit = hit_of(make_expert(vetter))
    for person in (vetter, make_person()):
        with pytest.raises(NotAllowed):
            say(hit, Verdict.NOT_SAME, by=person)
    assert not Hit.objects.visible_to(vetter).exists()
    with pytest.raises(IntegrityError, match="nobody_decides_on_their_own_sanctions_hit"), transaction.atomic():
        HitDecision.objects.create(
            hit=hit, verdict=Verdict.NOT_SAME, reason=REASON, score=1, list_on=NOW.date(), decided_by=vetter, about=vetter,
            decided_at=NOW,
        )  # fmt: skip


def test_a_word_without_a_reason_or_out_of_turn_is_refused():
    import_list(Register.OFAC, entry())
    hit = hit_of(listed())
    with pytest.raises(Invalid, match="twenty|20"):
        say(hit, Verdict.NOT_SAME, reason="no")
    for verdict in (Verdict.CONFIRM, Verdict.DISAGREE, Verdict.LOOK_AGAIN):
        with pytest.raises(WrongState):
            say(hit, verdict)
    assert not HitDecision.objects.exists()


# ------------------------------------------------------------------------------------------------------- in a case


def test_every_case_is_screened_and_says_which_list():
    import_list(Register.OFAC, entry())
    check = make_checked_case().checks.get(kind=CheckKind.SANCTIONS)
    assert check.result == CheckResult.PASSED
    assert check.source == "OFAC SDN list of 23 Nov 2026"
    assert check.evidence["threshold"] == 85


def test_without_a_list_a_person_screens():
    check = make_checked_case().checks.get(kind=CheckKind.SANCTIONS)
    assert check.result == CheckResult.NEEDS_PERSON
    assert "No sanctions list has been imported yet" in check.explanation


def test_nobody_is_approved_while_somebody_compares_them_with_an_entry():
    import_list(Register.OFAC, entry())
    expert = listed()
    case = make_checked_case(expert)
    check = case.checks.get(kind=CheckKind.SANCTIONS)
    assert (check.result, len(check.evidence["hits"])) == (CheckResult.NEEDS_PERSON, 1)
    with pytest.raises(WrongState, match="sanctions list"):
        decide(case)
    say(Hit.objects.get(), Verdict.NOT_SAME)
    case.refresh_from_db()
    assert decide(case).state == "APPROVED"


def test_a_credential_with_a_register_gets_a_check_that_moves_it():
    import_list(Register.NPPES, provider())
    expert = make_expert()
    case = make_checked_case(expert)
    check = case.checks.get(kind=CheckKind.REGISTRY)
    assert (check.result, check.label) == (CheckResult.PASSED, "NPI number: registry match")
    assert check.source == "NPPES of 23 Nov 2026"
    assert expert.credentials.get().step == "REGISTRY_MATCHED"


@pytest.mark.parametrize(
    ("row", "result", "words"),
    [
        (None, CheckResult.NEEDS_PERSON, "has not been imported yet"),
        (player(), CheckResult.NEEDS_PERSON, "has not been imported yet"),
        (provider(last="LIND"), CheckResult.NEEDS_PERSON, "under another name"),
        (provider("2000000010"), CheckResult.NEEDS_PERSON, "No person has this NPI"),
        (provider(deactivated_on=NOW.date()), CheckResult.ATTENTION, "deactivated"),
    ],
)
def test_what_does_not_match_needs_a_person(row, result, words):
    if row is not None:
        import_list(Register.FIDE if row.table == "fideplayer" else Register.NPPES, row)
    check = make_checked_case().checks.get(kind=CheckKind.REGISTRY)
    assert check.result == result
    assert words in check.explanation


# ------------------------------------------------------------------------------------------------------------ races


@pytest.mark.django_db(transaction=True)
def test_two_people_who_press_at_once_are_heard_one_after_the_other():
    import_list(Register.OFAC, entry())
    hit = hit_of(listed())
    people = [make_vetter("Joan Abara"), make_vetter("Rafael Brandt")]
    barrier, refused = Barrier(2), []

    def press(by, verdict):
        barrier.wait()
        try:
            actions.decide_hit(hit_id=hit.public_id, verdict=verdict, reason=REASON, by=by, now=NOW)
        except WrongState as words:
            refused.append(words)
        finally:
            connection.close()

    threads = [Thread(target=press, args=pair) for pair in zip(people, (Verdict.NOT_SAME, Verdict.MATCH), strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(refused), HitDecision.objects.count()) == (1, 1)
