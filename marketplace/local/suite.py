"""`./dev test`, `./dev lint`, `./dev check` and `./dev bench`."""

from __future__ import annotations

import base64
import os
import secrets
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from marketplace.local import browser, environment, styles
from marketplace.local.checkout import Checkout
from marketplace.local.processes import run_foreground
from marketplace.local.say import TroubleError, done, line, warn
from marketplace.local.servers import Servers, fleeting

PROCESSES = "2"


def prepare(checkout: Checkout) -> None:
    """Bring the packages and the style sheet up to date."""
    checkout.make_state()
    environment.ensure(checkout)
    styles.build(checkout)


def base_env(checkout: Checkout) -> dict[str, str]:
    """Return the environment of tests and checks: a development one that leans on nothing of this machine."""
    env = dict(os.environ)
    for name in ("VIRTUAL_ENV", "PYTHONHOME", "PYTHONPATH", "STRIPE_SECRET_KEY", "STRIPE_API_BASE", "SITE_URL"):
        env.pop(name, None)
    return env | {
        "PATH": os.pathsep.join([os.fspath(checkout.python.parent), os.environ.get("PATH", "")]),
        "DJANGO_SETTINGS_MODULE": "marketplace.settings",
        "DJANGO_DEBUG": "1",
    }


def server_env(servers: Servers) -> dict[str, str]:
    return {"DATABASE_URL": servers.database_url, "REDIS_URL": servers.redis_url}


# -------------------------------------------------------------------------------------------------------------- tests


def test(checkout: Checkout, *, full: bool, journeys: bool, more: list[str]) -> int:
    """
    Run the tests from nothing.

    :param full: with the long parts.
    :param journeys: with the tests that need a browser.
    :param more: further arguments for pytest; they win over ours. Of files that are named nothing but `full` is left out.
    """
    prepare(checkout)
    env = base_env(checkout)
    named = any((checkout.root / word.partition("::")[0]).exists() for word in more if not word.startswith("-"))
    env["PRECEPTOR_TESTS"] = "full" if full else "named" if named else "quick"
    left_out = [] if full else ["not full"]
    if journeys:
        env["PRECEPTOR_CHROMIUM"] = browser.find(checkout)
    else:
        left_out.append("not browser")
    command: list[str | Path] = [checkout.python, "-m", "pytest"]
    if "no:xdist" not in more and "--pdb" not in more:
        # Tests of one group share a costly fixture and stay in one process; small portions keep both busy to the end.
        command += ["-n", PROCESSES, "--dist", "loadgroup", "--maxschedchunk", "2"]
    if left_out:
        command += ["-m", " and ".join(left_out)]
    with fleeting(checkout) as servers:
        return run_foreground([*command, *more], env=env | server_env(servers), folder=checkout.root)


def bench(checkout: Checkout, name: str, more: list[str]) -> int:
    """Run bench/NAME.py against servers of its own, in their lasting configuration of a test run."""
    script = checkout.root / "bench" / f"{name}.py"
    if not script.exists():
        known = ", ".join(sorted(path.stem for path in (checkout.root / "bench").glob("[a-z]*.py"))) or "none yet"
        raise TroubleError(f"There is no bench/{name}.py. Known benchmarks: {known}.")
    prepare(checkout)
    with fleeting(checkout) as servers:
        env = base_env(checkout) | server_env(servers) | {"PYTHONPATH": os.fspath(checkout.root)}
        return run_foreground([checkout.python, script, *more], env=env, folder=checkout.root)


# ------------------------------------------------------------------------------------------------------------- checks


@dataclass(frozen=True)
class Check:
    """One tool and how it is run."""

    name: str
    command: list[str | Path]
    env: dict[str, str]


def lint(checkout: Checkout) -> int:
    """Run the checks that need no database."""
    prepare(checkout)
    return run_all(checkout, static_checks(checkout))


def check(checkout: Checkout, *, tests: bool, journeys: bool) -> int:
    """Run every check, then the whole test suite unless `tests` is off."""
    prepare(checkout)
    with fleeting(checkout) as servers:
        failed = run_all(checkout, static_checks(checkout) + database_checks(checkout, servers))
    if not tests:
        return failed
    return test(checkout, full=True, journeys=journeys, more=[]) or failed


def static_checks(checkout: Checkout) -> list[Check]:
    """Return the checks that read files only. Settings are loaded by some of them, but nothing connects."""
    python = checkout.python
    env = base_env(checkout) | {"PYTHONPATH": os.fspath(checkout.root)}
    env |= {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing", "REDIS_URL": "redis://127.0.0.1:1/0"}
    imports = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    compose = ["--builtin-schema", "vendor.compose-spec", "docker-compose.yml"]
    return [
        Check("Code style (ruff check)", [python, "-m", "ruff", "check", "."], env),
        Check("Code format (ruff format)", [python, "-m", "ruff", "format", "--check", "."], env),
        Check("Types (mypy)", [python, "-m", "mypy"], env),
        Check("Imports (import-linter)", [python, "-c", imports, "--no-cache"], env),
        Check("Templates (djlint)", [python, "-m", "djlint", "templates", "--lint", "--quiet"], env),
        Check("Compose schema", [python, "-m", "check_jsonschema", *compose], env),
    ]


def database_checks(checkout: Checkout, servers: Servers) -> list[Check]:
    """Return the checks that Django makes with a database at hand."""
    python = checkout.python
    return [
        Check(
            "Migrations are complete",
            [python, "manage.py", "makemigrations", "--check", "--dry-run"],
            base_env(checkout) | server_env(servers),
        ),
        Check(
            "Production settings (check --deploy)",
            [python, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
            production_env(checkout) | server_env(servers),
        ),
    ]


def production_env(checkout: Checkout) -> dict[str, str]:
    """Return the environment of .env.example, with fresh secrets where it says change-me."""
    env = base_env(checkout)
    env.pop("DJANGO_DEBUG")
    for entry in (checkout.root / ".env.example").read_text().splitlines():
        name, separator, value = entry.partition("=")
        if not separator or entry.lstrip().startswith("#"):
            continue
        # Each one another, so that a setting that mixes two up is noticed.
        key = base64.b64encode(secrets.token_bytes(32)).decode()
        env[name.strip()] = value.strip().replace("change-me-base64", key).replace("change-me", secrets.token_hex(32))
    return env


def run_all(checkout: Checkout, checks: list[Check]) -> int:
    """Run checks one after the other, show what the failing ones say, and return 1 if there was one."""
    failed = []
    for one in checks:
        begun = time.monotonic()
        ran = subprocess.run(
            one.command,
            cwd=checkout.root,
            env=one.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        good = ran.returncode == 0
        done(one.name if good else f"{one.name}: FAILED", time.monotonic() - begun)
        if not good:
            failed.append(one.name)
            line(ran.stdout.rstrip())
    if failed:
        warn(f"{len(failed)} of {len(checks)} checks failed: {', '.join(failed)}.")
    else:
        line(f"All {len(checks)} checks passed.")
    return 1 if failed else 0
