"""What stands in the way of a start gets a sentence that helps, not a traceback."""

from __future__ import annotations

import os
import re
import socket
import sys
from pathlib import Path

import pytest

from marketplace.local import cli, environment, stack
from marketplace.local.checkout import Checkout, require_room
from marketplace.local.say import TroubleError
from tests.local.conftest import OtherCheckout

NOWHERE = "http://127.0.0.1:9/simple"  # The discard port: nobody listens.


def test_a_taken_port_names_who_is_on_it_and_a_free_one(other_checkout: OtherCheckout) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ran = other_checkout.dev("up", "--port", str(port))
    assert ran.returncode == 1
    name = Path("/proc/self/comm").read_text().strip()
    said = rf"Port {port} is taken by {name} \(process {os.getpid()}\)\. Stop that, or run \./dev up --port (\d+)\.\n"
    found = re.fullmatch(said, ran.stderr)
    assert found, ran.stderr
    assert int(found[1]) > port


@pytest.mark.parametrize("port", [0, -1, 70_000])
def test_a_number_that_is_no_port_is_refused(port: int) -> None:
    with pytest.raises(TroubleError, match="is not a port"):
        stack.require_port(port)


def test_a_full_disk_is_said_before_anything_is_installed(tmp_path: Path) -> None:
    with pytest.raises(
        TroubleError, match=r"has [\d.]+ [MG]B free, and a test needs about 1000000000.0 GB\. Make room"
    ):
        require_room(tmp_path, 10**18, "a test")
    require_room(tmp_path, 1, "a test")


def test_a_disk_that_fills_up_on_the_way_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    def fill() -> int:
        with Path("/dev/full").open("w") as disk:
            disk.write("x")
        return 0

    assert cli.carefully(fill)() == 1
    assert capsys.readouterr().err == "The disk is full. Make room and run the command again.\n"


def test_other_faults_of_the_system_are_not_hidden() -> None:
    def fail() -> int:
        raise FileNotFoundError("a bug of ours")

    with pytest.raises(FileNotFoundError):
        cli.carefully(fail)()


def test_a_python_without_venv_and_pip_is_told_what_to_install(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What Debian's python3 looks like before python3-venv and python3-pip.
    for missing in ("ensurepip", "pip"):
        monkeypatch.setitem(sys.modules, missing, None)
    monkeypatch.setenv("PATH", "/nonexistent")
    (checkout.root / ".venv").unlink()
    with pytest.raises(TroubleError, match="apt install python3-venv"):
        environment.make_venv(checkout, checkout.logs / "install.log")


@pytest.mark.full
def test_no_network_at_the_first_start_is_said(other_checkout: OtherCheckout) -> None:
    (other_checkout.root / ".venv").unlink()
    # Caches of this machine must not help, and its mirrors must not be asked.
    home = other_checkout.root.parent / "home"
    home.mkdir()
    cut_off = dict.fromkeys(("PIP_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX_URL"), NOWHERE)
    ran = other_checkout.dev(
        "up", "--port", "18999", HOME=os.fspath(home), PIP_CONFIG_FILE="/dev/null", PIP_FIND_LINKS="", **cut_off
    )
    assert ran.returncode == 1
    assert "the package index cannot be reached. The first start needs a network; later ones do not." in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("error: Failed to fetch: dns error: failed to lookup address", "the package index cannot be reached"),
        ("NewConnectionError: [Errno 111] Connection refused", "the package index cannot be reached"),
        ("OSError: [Errno 28] No space left on device", "the disk is full"),
        ("error: failed to write: No space left on device (os error 28)", "the disk is full"),
        ("THESE PACKAGES DO NOT MATCH THE HASHES", "DO NOT MATCH THE HASHES"),
    ],
)
def test_what_installers_say_is_put_into_a_sentence(tmp_path: Path, said: str, sentence: str) -> None:
    log = tmp_path / "install.log"
    log.write_text(f"Collecting django\n{said}\n")
    assert sentence in str(environment.explained(log, "The packages could not be installed"))


def test_a_second_stack_of_a_checkout_is_refused(checkout: Checkout) -> None:
    with (
        checkout.only_one(),
        pytest.raises(TroubleError, match=rf"already up \(process {os.getppid()}\)"),
        checkout.only_one(),
    ):
        pass
    assert not checkout.is_up()


def test_reset_deletes_the_data_and_only_while_the_stack_is_down(checkout: Checkout) -> None:
    (checkout.state / "postgres").mkdir()
    with checkout.only_one(), pytest.raises(TroubleError, match="The stack is up"):
        stack.reset(checkout)
    assert checkout.state.exists()
    assert stack.reset(checkout) == 0
    assert not checkout.state.exists()
    assert checkout.venv.exists()


def test_an_unknown_command_names_the_known_ones(other_checkout: OtherCheckout) -> None:
    ran = other_checkout.dev("start")
    assert ran.returncode == 2
    assert ran.stderr.startswith("There is no command “start”. Known: up, test, check,")


def test_help_needs_no_packages(other_checkout: OtherCheckout) -> None:
    (other_checkout.root / ".venv").unlink()
    ran = other_checkout.dev("help")
    assert ran.returncode == 0
    assert "./dev up [--port N]" in ran.stdout
    assert not (other_checkout.root / ".local").exists()


def test_secrets_of_a_checkout_are_random_and_private(checkout: Checkout) -> None:
    first = checkout.secret("postgres")
    assert len(first) == 64
    assert checkout.secret("postgres") == first
    assert checkout.secret("valkey") != first
    assert (checkout.state / "secrets.json").stat().st_mode & 0o077 == 0
