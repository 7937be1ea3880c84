"""Importing a register: counted, gone on with after a stop, updated by a newer list, refused where it would do harm."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import DataError, IntegrityError, transaction

from experts.registries import actions
from experts.registries.enums import ImportState, Register
from experts.registries.models import FidePlayer, NppesProvider, RegistryImport, SanctionEntry
from experts.registries.queries import latest_import, listed_people, player_of, provider_of
from experts.registries.reading import LEFT_OUT, Unreadable
from marketplace.audit.models import AuditEvent
from marketplace.kernel.errors import Conflict, Refused
from tests.factories.experts_profiles import NOW
from tests.factories.experts_registries import alias, begin, entry, import_list, licence, player, provider

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=30)


def figures(row):
    return (row.rows_new, row.rows_changed, row.rows_same, row.rows_gone)


def test_a_newer_list_counts_what_is_new_changed_as_before_and_gone():
    import_list(Register.FIDE, player("1", "A, B"), player("2", "C, D"), player("3", "E, F"), player("4", "G, H"))
    newer = import_list(
        Register.FIDE, player("1", "A, B"), player("2", "C, D", title="FM"), player("3", "E, F"), player("5", "I, J"),
        now=LATER,
    )  # fmt: skip
    assert figures(newer) == (1, 1, 2, 1)
    gone = FidePlayer.objects.get(number="4")
    assert (gone.is_gone, gone.gone_in) == (True, newer)
    changed = FidePlayer.objects.get(number="2")
    assert (changed.title, changed.changed_in) == ("FM", newer)
    same = FidePlayer.objects.get(number="1")
    assert (same.seen_in, same.changed_in == newer) == (newer, False)


def test_who_comes_back_stands_again():
    import_list(Register.FIDE, player("1", "A, B"), player("2", "C, D"))
    import_list(Register.FIDE, player("1", "A, B"), now=LATER)
    back = import_list(Register.FIDE, player("1", "A, B"), player("2", "C, D"), now=LATER + timedelta(days=30))
    assert figures(back) == (0, 1, 1, 0)
    assert not FidePlayer.objects.get(number="2").is_gone


def test_a_deactivated_number_keeps_its_name():
    import_list(Register.NPPES, provider(licences=[licence("220148", "MA")]))
    off = provider(last="", first="", practice_state="", deactivated_on=date(2026, 10, 1))
    import_list(Register.NPPES, off, now=LATER)
    row = provider_of("1234567893")
    assert (row.name, row.is_deactivated, row.licences) == ("IMANI OKAFOR", True, [])


@pytest.mark.parametrize(
    ("off", "on", "is_deactivated"),
    [(None, None, False), (date(2024, 1, 1), None, True), (date(2024, 1, 1), date(2024, 5, 1), False),
     (date(2024, 5, 1), date(2024, 1, 1), True)],
)  # fmt: skip
def test_a_number_that_was_taken_up_again_is_in_force(off, on, is_deactivated):
    assert NppesProvider(deactivated_on=off, reactivated_on=on).is_deactivated is is_deactivated


def test_an_update_marks_nobody_as_gone():
    import_list(Register.NPPES, provider(), provider("2000000010", "ABARA", "JOAN"))
    weekly = import_list(Register.NPPES, provider(last="OKAFOR-LIND"), now=LATER, is_whole=False)
    assert figures(weekly) == (0, 1, 0, 0)
    assert not provider_of("2000000010").is_gone


def test_odd_characters_come_out_as_they_went_in():
    odd = "\\N, A\\tB 'C' \"D\" %s {e}"
    import_list(Register.FIDE, player("1", odd + "\tF\nG"), player("2", "\\."))
    assert list(FidePlayer.objects.order_by("number").values_list("name", flat=True)) == [odd + "\tF\nG", "\\."]


def test_the_last_of_two_rows_with_one_number_wins():
    row = import_list(Register.FIDE, player("1", "First, A"), player("1", "Last, B"))
    assert (row.rows_new, FidePlayer.objects.get().name) == (1, "Last, B")


def test_what_is_left_out_or_unreadable_is_counted_and_the_first_is_named():
    strange = [Unreadable("line 2: no NPI"), Unreadable("line 9: no day")]
    row = import_list(Register.NPPES, LEFT_OUT, *strange, provider())
    assert (row.position, row.rows_left_out, row.rows_unreadable) == (4, 1, 2)
    assert row.first_unreadable == "line 2: no NPI"


def test_a_stopped_import_is_gone_on_with_and_no_record_is_written_twice():
    started = begin(Register.FIDE, sha256="a" * 64)
    actions.write_batch(import_id=started.public_id, position=0, records=[player("1", "A, B")], now=NOW)

    again = begin(Register.FIDE, sha256="a" * 64, now=LATER)

    assert (again.pk, again.position) == (started.pk, 1)
    with pytest.raises(Conflict, match="Another process"):
        actions.write_batch(import_id=again.public_id, position=0, records=[player("1", "A, B")], now=NOW)
    actions.write_batch(import_id=again.public_id, position=1, records=[player("2", "C, D")], now=NOW)
    done = actions.finish_import(import_id=again.public_id, now=NOW)
    assert (done.position, figures(done)) == (2, (2, 0, 0, 0))


def test_a_batch_that_fails_leaves_rows_and_position_as_they_were():
    started = begin(Register.FIDE)
    with pytest.raises(DataError, match="too long"):
        actions.write_batch(
            import_id=started.public_id, position=0, records=[player("1", "A, B"), player("2" * 11, "C, D")], now=NOW
        )
    started.refresh_from_db()
    assert (started.position, FidePlayer.objects.count()) == (0, 0)


def test_another_file_waits_until_the_stopped_one_is_finished_or_given_up():
    stopped = begin(Register.FIDE)
    with pytest.raises(Conflict, match="--give-up"):
        begin(Register.FIDE)
    begin(Register.NPPES)  # another register does not wait
    assert actions.give_up_import(register=Register.FIDE, now=NOW).pk == stopped.pk
    assert actions.give_up_import(register=Register.FIDE, now=NOW) is None
    begin(Register.FIDE)
    with pytest.raises(Conflict, match="Another process"):
        actions.write_batch(import_id=stopped.public_id, position=0, records=[player()], now=NOW)


def test_the_same_file_and_an_older_list_are_refused():
    import_list(Register.FIDE, player(), sha256="b" * 64, list_on=date(2026, 11, 1))
    with pytest.raises(Refused, match="was imported on 23 Nov 2026"):
        begin(Register.FIDE, sha256="b" * 64)
    with pytest.raises(Refused, match="this one is older"):
        begin(Register.FIDE, list_on=date(2026, 10, 1))
    assert RegistryImport.objects.count() == 1


def test_half_a_list_marks_nobody_unless_a_person_says_it_is_meant():
    import_list(Register.FIDE, *(player(str(number), f"A, {number}") for number in range(10)))
    half = begin(Register.FIDE, now=LATER)
    actions.write_batch(import_id=half.public_id, position=0, records=[player("1", "A, 1")], now=LATER)
    with pytest.raises(Refused, match="9 of 10 rows.*more than a fifth"):
        actions.finish_import(import_id=half.public_id, now=LATER)
    assert not FidePlayer.objects.filter(gone_in__isnull=False).exists()
    assert latest_import(Register.FIDE).pk != half.pk
    done = actions.finish_import(import_id=half.public_id, now=LATER, accept_shrinkage=True)
    assert (done.state, done.rows_gone, latest_import(Register.FIDE)) == (ImportState.DONE, 9, done)


def test_a_file_of_which_nothing_can_be_read_is_never_the_list():
    started = begin(Register.FIDE)
    actions.write_batch(import_id=started.public_id, position=0, records=[Unreadable("player 1: x")], now=NOW)
    with pytest.raises(Refused, match="Not one row.*player 1: x"):
        actions.finish_import(import_id=started.public_id, now=NOW)


def test_only_people_who_stand_on_the_list_are_compared_with_by_every_name():
    import_list(
        Register.OFAC, entry(1, "KORVAREN, Oleksandr"), entry(2, "SEA PHANTOM", kind="vessel"), entry(3, "MBEKI, Tunde"),
        alias(1, "KORVAREN, Alexander", 11), alias(2, "PHANTOM", 12),
    )  # fmt: skip
    assert sorted((one.ent_num, one.name) for one in listed_people()) == [
        (1, "KORVAREN, Alexander"), (1, "KORVAREN, Oleksandr"), (3, "MBEKI, Tunde"),
    ]  # fmt: skip
    import_list(Register.OFAC, entry(3, "MBEKI, Tunde"), now=LATER)
    assert [one.ent_num for one in listed_people()] == [3]
    assert SanctionEntry.objects.count() == 3


def test_a_number_is_found_with_leading_zeros_too():
    import_list(Register.FIDE, player("99900015"))
    assert player_of("099900015").name == "Okafor, Imani"
    assert provider_of("1234567893") is None


def test_each_import_stands_in_the_audit_trail_with_its_figures():
    import_list(Register.FIDE, player())
    events = AuditEvent.objects.filter(what__startswith="registries.").order_by("pk")
    assert [event.what for event in events] == ["registries.begin_import", "registries.finish_import"]
    assert events[1].after["rows_new"] == 1


def test_a_register_has_one_running_import():
    begin(Register.FIDE)
    facts = {"register": Register.FIDE, "file_name": "x", "sha256": "c", "size_bytes": 1, "list_on": NOW.date(),
             "started_at": NOW, "advanced_at": NOW}  # fmt: skip
    with pytest.raises(IntegrityError, match="register_has_one_running_import"), transaction.atomic():
        RegistryImport.objects.create(**facts)
