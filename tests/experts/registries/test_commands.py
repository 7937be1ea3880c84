"""The import commands: from a file to a list that counts, seen from a terminal; and killed on the way."""

from __future__ import annotations

import csv
import io
import signal
import subprocess
import sys
import time

import pytest
from django.core.management import CommandError

from experts.registries.enums import ImportState, Register
from experts.registries.management.progress import Progress, duration, line_of
from experts.registries.models import FidePlayer, NppesProvider, RegistryImport, SanctionAddress, SanctionEntry
from experts.registries.queries import latest_import
from tests.architecture.house import ROOT
from tests.factories.experts_registries import FIDE_FILE, NPPES_FILE, OFAC_FILES, run
from tests.support.processes import environment


@pytest.mark.django_db
def test_each_register_is_imported_from_its_published_format():
    said = run("import_nppes", NPPES_FILE)
    assert "NPPES, list of 2026-11-09: 6 new, 0 changed" in said
    assert "1 records are of a kind that is not kept" in said
    assert NppesProvider.objects.count() == 6
    assert "5 new" in run("import_fide", FIDE_FILE)
    assert FidePlayer.objects.count() == 5
    assert "10 new" in run("import_ofac", *OFAC_FILES, date="2026-11-12")
    assert (SanctionEntry.objects.count(), SanctionAddress.objects.count()) == (5, 2)
    assert str(latest_import(Register.OFAC)) == "OFAC SDN list of 12 Nov 2026"


@pytest.mark.django_db
def test_the_same_file_again_changes_nothing_and_says_so():
    run("import_fide", FIDE_FILE)
    with pytest.raises(CommandError, match="This file was imported on"):
        run("import_fide", FIDE_FILE)
    assert RegistryImport.objects.count() == 1


@pytest.mark.django_db
def test_a_wrong_file_leaves_nothing():
    with pytest.raises(CommandError, match="not the main file of NPPES"):
        run("import_nppes", OFAC_FILES[0])
    with pytest.raises(CommandError, match="not whole XML"):
        run("import_fide", NPPES_FILE)
    assert not RegistryImport.objects.exists()


@pytest.mark.django_db
def test_a_list_that_is_cut_off_never_counts_and_can_be_given_up(tmp_path):
    cut = tmp_path / "cut.xml"
    cut.write_text(FIDE_FILE.read_text()[:-400])
    with pytest.raises(CommandError, match="download it again"):
        run("import_fide", cut)
    assert latest_import(Register.FIDE) is None
    with pytest.raises(CommandError, match="--give-up"):
        run("import_fide", FIDE_FILE)
    assert "Gave up cut.xml" in run("import_fide", FIDE_FILE, "--give-up")
    assert latest_import(Register.FIDE).rows_new + latest_import(Register.FIDE).rows_same == 5


@pytest.mark.django_db
def test_a_command_that_was_stopped_goes_on_with_the_next_record(monkeypatch):
    monkeypatch.setattr("experts.registries.management.importing.BATCH", 2)
    real = FidePlayer.objects.count

    def stop(*_args, **_facts):
        if real() >= 2:
            raise KeyboardInterrupt
        return write(*_args, **_facts)

    from experts.registries import actions

    write = actions.write_batch
    monkeypatch.setattr(actions, "write_batch", stop)
    with pytest.raises(CommandError, match="Stopped"):
        run("import_fide", FIDE_FILE)
    monkeypatch.setattr(actions, "write_batch", write)
    assert RegistryImport.objects.get().position == 2
    said = run("import_fide", FIDE_FILE)
    assert "after 2 records" in said
    done = RegistryImport.objects.get()
    assert (done.state, done.position, done.rows_new) == (ImportState.DONE, 5, 5)


# -------------------------------------------------------------------------------------------------------- kill -9


def grown(path, rows):
    """Write a file of NPPES with so many people who differ by number and name."""
    header, first = list(csv.reader(io.StringIO(NPPES_FILE.read_text())))[:2]
    place = header.index("Provider Last Name (Legal Name)")
    with path.open("w", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow(header)
        for number in range(rows):
            first[0], first[place] = f"2{number:09d}", f"INVENTED {number}"
            writer.writerow(first)
    return path


@pytest.mark.full
@pytest.mark.django_db(transaction=True)
def test_an_import_that_is_killed_again_and_again_ends_as_if_it_never_was(tmp_path):
    path = grown(tmp_path / "npidata_pfile_20050523-20261109.csv", 14_000)
    command = [sys.executable, "manage.py", "import_nppes", str(path)]
    kills = 0
    for _attempt in range(40):
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment("redis://127.0.0.1:1/0", tmp_path),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        before = RegistryImport.objects.values_list("position", flat=True).first() or 0
        until = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < until:
            position = RegistryImport.objects.values_list("position", flat=True).first() or 0
            if kills < 3 and position > before:
                process.send_signal(signal.SIGKILL)
                break
            time.sleep(0.02)
        said = process.communicate(timeout=60)[0]
        if process.returncode == 0:
            break
        assert process.returncode == -signal.SIGKILL, said
        kills += 1
    done = RegistryImport.objects.get()
    assert kills == 3
    assert "Going on with" in said
    assert (done.state, done.position, done.rows_new, done.rows_same) == (ImportState.DONE, 14_000, 14_000, 0)
    assert NppesProvider.objects.count() == 14_000


# ------------------------------------------------------------------------------------------------------- progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_sees_a_bar_with_rate_and_time_left():
    seconds = iter([0.0, 10.0, 10.1, 20.0])
    output = Terminal()
    progress = Progress(output, watch=lambda: next(seconds))
    progress.show(done=25, total=100, records=1000)
    progress.show(done=26, total=100, records=1010)  # too soon to be read
    progress.show(done=50, total=100, records=2000)
    progress.end()
    bars = output.getvalue().split("\r")[1:]
    assert bars[0] == "[######..................]  25 %, 1,000 records, 100 a second, about 30 s left"
    assert bars[1].strip() == "[############............]  50 %, 2,000 records, 100 a second, about 20 s left"
    assert len(bars) == 2


def test_a_log_gets_plain_lines_now_and_then():
    seconds = iter([0.0, 1.0, 11.0, 12.0])
    output = io.StringIO()
    progress = Progress(output, watch=lambda: next(seconds))
    for records in (100, 1100, 1200):
        progress.show(done=records, total=2000, records=records)
    progress.end()
    assert output.getvalue() == " 55 %, 1,100 records, 100 a second, about 9 s left\n"


def test_the_rate_leaves_out_what_an_earlier_run_had_done():
    assert line_of(done=50, total=100, records=9000, fresh=1000, seconds=10).split(", ")[1:3] == [
        "9,000 records", "100 a second",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("seconds", "words"), [(40, "40 s"), (120, "2 min"), (5400, "1 h 30 min"), (7300, "2 h 2 min")]
)
def test_times_are_said_as_people_say_them(seconds, words):
    assert duration(seconds) == words
