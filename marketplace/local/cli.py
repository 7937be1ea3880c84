"""The commands of `./dev`."""

from __future__ import annotations

import argparse
import errno
import os
from collections.abc import Callable
from pathlib import Path

from marketplace.local import environment, lock, stack, styles, suite
from marketplace.local.checkout import Checkout
from marketplace.local.processes import guarded
from marketplace.local.say import TroubleError, line, warn

HELP = """\
Preceptor on this machine. It needs Python 3.11 or newer and nothing else.

  ./dev up [--port N] [--verbose]   start everything and show where; Ctrl-C stops it
  ./dev test [--full] [--no-browser] [pytest's arguments]
                                    run the tests; --full adds the long ones
  ./dev check [--no-test]           style, types, imports, templates, migrations, deployment, then all tests
  ./dev lint                        the part of check that needs no database

  ./dev reset                       delete the local data; the next start begins anew
  ./dev clock +3d | -2h | reset | show
                                    move the business clock of the local stack
  ./dev manage ARGUMENTS            manage.py with the local stack's environment
  ./dev psql [ARGUMENTS]            a session with the local stack's database

  ./dev css                         build the style sheet
  ./dev lock                        write the lock files from pyproject.toml
  ./dev bench NAME                  run bench/NAME.py

DATABASE_URL, REDIS_URL and STRIPE_SECRET_KEY, when set, replace the embedded parts of ./dev up.
"""


def main(arguments: list[str]) -> int:
    """Run one command; return its exit status."""
    # Nothing is compiled twice: a stack has seven processes, a test run starts a hundred, and each would take seconds.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    checkout = Checkout(Path(__file__).resolve().parents[2])
    name, rest = (arguments[0], arguments[1:]) if arguments else ("help", [])
    if name in ("help", "-h", "--help"):
        print(HELP, end="")
        return 0
    command = COMMANDS.get(name)
    if command is None:
        warn(f"There is no command “{name}”. Known: {', '.join(COMMANDS)}. ./dev help explains them.")
        return 2
    return command(checkout, rest)


def carefully(work: Callable[[], int]) -> Callable[[], int]:
    """Let what stands in the way end the work with a sentence instead of a traceback."""

    def careful() -> int:
        try:
            return work()
        except TroubleError as trouble:
            warn(str(trouble))
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            warn("The disk is full. Make room and run the command again.")
        return 1

    return careful


def options(name: str, *, rest: bool = False) -> argparse.ArgumentParser:
    return argparse.ArgumentParser(prog=f"./dev {name}", allow_abbrev=False, add_help=not rest)


def up(checkout: Checkout, arguments: list[str]) -> int:
    parser = options("up")
    parser.add_argument("--port", type=int, default=stack.DEFAULT_PORT, help="the web server's port (8000)")
    parser.add_argument("--verbose", action="store_true", help="show what every process writes")
    chosen = parser.parse_args(arguments)
    return guarded(carefully(lambda: stack.up(checkout, port=chosen.port, verbose=chosen.verbose)), own_group=True)


def test(checkout: Checkout, arguments: list[str]) -> int:
    parser = options("test", rest=True)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--no-browser", action="store_true")
    chosen, more = parser.parse_known_args(arguments)
    return guarded(
        carefully(lambda: suite.test(checkout, full=chosen.full, journeys=not chosen.no_browser, more=more)),
        own_group=False,
    )


def check(checkout: Checkout, arguments: list[str]) -> int:
    parser = options("check")
    parser.add_argument("--no-test", action="store_true", help="leave the tests out")
    parser.add_argument("--no-browser", action="store_true", help="leave the browser journeys out")
    chosen = parser.parse_args(arguments)
    return guarded(
        carefully(lambda: suite.check(checkout, tests=not chosen.no_test, journeys=not chosen.no_browser)),
        own_group=False,
    )


def lint(checkout: Checkout, arguments: list[str]) -> int:
    options("lint").parse_args(arguments)
    return guarded(carefully(lambda: suite.lint(checkout)), own_group=False)


def bench(checkout: Checkout, arguments: list[str]) -> int:
    name, more = (arguments[0], arguments[1:]) if arguments else ("", [])
    return guarded(carefully(lambda: suite.bench(checkout, name, more)), own_group=False)


def reset(checkout: Checkout, arguments: list[str]) -> int:
    options("reset").parse_args(arguments)
    return carefully(lambda: stack.reset(checkout))()


def clock(checkout: Checkout, arguments: list[str]) -> int:
    # The two dashes let "-2h" be an amount of time and not an option.
    return manage(checkout, ["clock", "--", *(arguments or ["show"])])


def manage(checkout: Checkout, arguments: list[str]) -> int:
    return guarded(carefully(lambda: stack.manage_in_stack(checkout, arguments)), own_group=False)


def psql(checkout: Checkout, arguments: list[str]) -> int:
    return guarded(carefully(lambda: stack.psql_in_stack(checkout, arguments)), own_group=False)


def css(checkout: Checkout, arguments: list[str]) -> int:
    options("css").parse_args(arguments)

    def build() -> int:
        checkout.make_state()
        environment.ensure(checkout)
        styles.build(checkout, force=True)
        return 0

    return guarded(carefully(build), own_group=True)


def lock_files(checkout: Checkout, arguments: list[str]) -> int:
    options("lock").parse_args(arguments)

    def write() -> int:
        checkout.make_state()
        lock.lock(checkout)
        line("Look at what changed with git diff, then run ./dev test.")
        return 0

    return guarded(carefully(write), own_group=True)


COMMANDS: dict[str, Callable[[Checkout, list[str]], int]] = {
    "up": up,
    "test": test,
    "check": check,
    "lint": lint,
    "reset": reset,
    "clock": clock,
    "manage": manage,
    "psql": psql,
    "css": css,
    "lock": lock_files,
    "bench": bench,
}
