"""Nothing that `./dev` starts outlives it, however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from marketplace.local import processes
from tests.support.processes import wait_until

pytestmark = pytest.mark.full  # real servers and processes, started and killed

ROOT = Path(__file__).resolve().parents[2]

# A stack in small: the guarded work starts a service that has a child of its own in the same group, and a service
# whose child left the group, as a daemon would. Each writes its number where the test finds it.
FAMILY = """
import os, signal, sys, time
from pathlib import Path
sys.modules["marketplace"] = type(sys)("marketplace"); sys.modules["marketplace"].__path__ = [sys.argv[1]]
from marketplace.local.processes import guarded, spawn
folder = Path(sys.argv[2])
service = '''
import os, subprocess, sys, time
open(sys.argv[1], "w").write(str(os.getpid()))
child = subprocess.Popen(
    [sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=sys.argv[2] == "daemon"
)
open(sys.argv[1] + "-child", "w").write(str(child.pid))
time.sleep(600)
'''
def work():
    (folder / "work").write_text(str(os.getpid()))
    for name in ("plain", "daemon"):
        spawn([sys.executable, "-c", service, str(folder / name), name], env=dict(os.environ), folder=folder)
    time.sleep(600)
    return 0
sys.exit(guarded(work, own_group=True))
"""
NAMES = ("work", "plain", "plain-child", "daemon", "daemon-child")


def lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def written(place: Path) -> str:
    return place.read_text() if place.exists() else ""


@pytest.fixture
def family(tmp_path: Path) -> dict[str, int]:
    """Start a family of six processes; give their numbers by name, the script's as `script`."""
    script = subprocess.Popen([sys.executable, "-c", FAMILY, str(ROOT / "marketplace"), str(tmp_path)])
    wait_until(lambda: all(written(tmp_path / name) for name in NAMES), what="the family")
    numbers = {name: int((tmp_path / name).read_text()) for name in NAMES} | {"script": script.pid}
    assert all(lives(pid) for pid in numbers.values())
    return numbers


@pytest.mark.parametrize(
    ("victim", "number"),
    [
        ("script", signal.SIGKILL),
        ("script", signal.SIGTERM),
        ("script", signal.SIGINT),
        ("script", signal.SIGHUP),
        ("work", signal.SIGKILL),
    ],
)
def test_whichever_half_of_the_script_ends_nothing_is_left(
    family: dict[str, int], victim: str, number: signal.Signals
) -> None:
    os.kill(family[victim], number)
    if number == signal.SIGKILL and victim == "script":
        os.waitpid(family["script"], 0)
    others = {name: pid for name, pid in family.items() if name != "script"}
    wait_until(lambda: not any(lives(pid) for pid in others.values()), within=10, what="all to end")


def test_without_the_guard_a_daemon_would_be_left(tmp_path: Path) -> None:
    """The control of the test above: the same family, started by a script that does not guard it."""
    unguarded = FAMILY.replace("sys.exit(guarded(work, own_group=True))", "sys.exit(work())")
    script = subprocess.Popen([sys.executable, "-c", unguarded, str(ROOT / "marketplace"), str(tmp_path)])
    wait_until(lambda: all(written(tmp_path / name) for name in NAMES), what="the family")
    orphan = int((tmp_path / "daemon-child").read_text())
    script.kill()
    script.wait()
    time.sleep(0.5)
    try:
        assert lives(orphan)
    finally:
        for name in NAMES:
            number = int((tmp_path / name).read_text())
            if lives(number):
                os.kill(number, signal.SIGKILL)


def test_the_exit_status_of_the_work_is_the_scripts(tmp_path: Path) -> None:
    code = FAMILY.replace("    time.sleep(600)\n    return 0\n", "    return 7\n")
    ran = subprocess.run([sys.executable, "-c", code, str(ROOT / "marketplace"), str(tmp_path)], check=False)
    assert ran.returncode == 7


def test_descendants_are_found_at_any_depth() -> None:
    nested = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(60)'])"
    child = subprocess.Popen([sys.executable, "-c", nested])
    try:
        found = wait_until(lambda: len(processes.descendants(child.pid)) == 1 and processes.descendants(child.pid))
        assert child.pid in processes.descendants(os.getpid())
    finally:
        child.kill()
        child.wait()
    os.kill(found[0], signal.SIGKILL)
