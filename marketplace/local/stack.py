"""`./dev up`: everything that a person needs to use the site on this machine, and nothing that outlives it."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from marketplace.local import environment, ports, styles
from marketplace.local.checkout import Checkout
from marketplace.local.family import Family, Member, tail
from marketplace.local.postgres import find_programs
from marketplace.local.processes import run_foreground, spawn
from marketplace.local.say import StoppedError, TroubleError, line, step
from marketplace.local.servers import Servers, lasting, refuge

DEFAULT_PORT = 8000
WEB_LIMIT = 60.0
LOG_LIMIT = 5_000_000  # Bytes after which a log is put aside at the next start.
TICK = 0.2


def up(checkout: Checkout, *, port: int, verbose: bool) -> int:
    """Bring the stack up, look after it until somebody stops it, and take it down."""
    begun = time.monotonic()
    checkout.make_state()
    with checkout.only_one():
        line("Preceptor is starting.")
        require_port(port)
        environment.ensure(checkout)
        styles.build(checkout)
        put_logs_aside(checkout)
        family = Family(verbose=verbose, log_root=checkout.root)
        try:
            with lasting(checkout) as servers:
                env = stack_env(checkout, servers, port)
                prepare_database(checkout, servers, env)
                try:
                    _run(checkout, servers, family, env, port, begun)
                finally:
                    checkout.forget("stack")
                    line("Stopping.")
                    family.stop(leave=("postgres", "valkey"))
        except StoppedError:
            line("Stopped. The data is kept; ./dev up goes on where this ended.")
    return 0


def _run(checkout: Checkout, servers: Servers, family: Family, env: dict[str, str], port: int, begun: float) -> None:
    """Start the family, wait for the first page, say where it is, and watch."""
    watch_servers(servers, family)
    waiting = commands(checkout, env, port)
    with step("Web"):
        # Alone first: two cores that start six processes at once show the first page twice as late.
        family.start(site_member("web", waiting.pop("web"), env, checkout))
        checkout.remember("stack", {"port": port, "env": own_part(env)})
        wait_for_page(family, port)
    with step("Workers, beat, Stripe stand-in"):
        for name, command in waiting.items():
            family.start(site_member(name, command, env, checkout))
    line()
    line(f"Preceptor is up after {time.monotonic() - begun:.1f} s:  http://localhost:{port}/")
    for entry in sign_ins(checkout):
        line(entry)
    line("Ctrl-C stops it. Logs are in .local/logs; ./dev clock +3d moves the business clock; ./dev reset starts over.")
    while True:
        family.look_after()
        time.sleep(TICK)


def require_port(port: int) -> None:
    """
    Check that the web server can have its port.

    :raises TroubleError: if somebody else listens there.
    """
    if not 1 <= port <= 65535:
        raise TroubleError(f"{port} is not a port. Choose one between 1024 and 65535.")
    if not ports.is_free(port):
        other = next((number for number in range(port + 1, port + 50) if ports.is_free(number)), 8080)
        raise TroubleError(
            f"Port {port} is taken by {ports.who_listens(port)}. Stop that, or run ./dev up --port {other}."
        )


def put_logs_aside(checkout: Checkout) -> None:
    """Keep one older copy of a log that has grown large."""
    for log in checkout.logs.glob("*.log"):
        if log.stat().st_size > LOG_LIMIT:
            log.replace(log.with_suffix(".log.1"))


# -------------------------------------------------------------------------------------------------------- environment


def stack_env(checkout: Checkout, servers: Servers, port: int) -> dict[str, str]:
    """Return the environment of every process of a development stack."""
    known = checkout.recall("ports")
    env = dict(os.environ)
    for name in ("VIRTUAL_ENV", "PYTHONHOME", "PYTHONPATH"):
        env.pop(name, None)
    env |= {
        "PATH": os.pathsep.join([os.fspath(checkout.python.parent), os.environ.get("PATH", "")]),
        "PYTHONUNBUFFERED": "1",
        "DJANGO_SETTINGS_MODULE": "marketplace.settings",
        "DJANGO_DEBUG": "1",
        "DATABASE_URL": servers.database_url,
        "REDIS_URL": servers.redis_url,
        "SITE_URL": f"http://localhost:{port}",
        "PRECEPTOR_DATA_DIR": os.fspath(checkout.state / "data"),
    }
    if not os.environ.get("STRIPE_SECRET_KEY"):
        simulator = ports.free_port(known.get("stripe"))
        checkout.remember("ports", known | {"stripe": simulator})
        env |= {
            "STRIPE_SIMULATOR_URL": f"http://{ports.LOOPBACK}:{simulator}",
            "STRIPE_SIMULATOR_DB": os.fspath(checkout.state / "stripe.sqlite3"),
        }
    return env


def own_part(env: dict[str, str]) -> dict[str, str]:
    """Return what `stack_env` put into the environment, so that other commands can join the running stack."""
    return {name: value for name, value in env.items() if os.environ.get(name) != value}


# ----------------------------------------------------------------------------------------------------------- database


def prepare_database(checkout: Checkout, servers: Servers, env: dict[str, str]) -> None:
    """Migrate when a migration or the database is new, and load the demonstration world into a new database."""
    known = checkout.recall("database")
    current = {"database": servers.identity, "migrations": migrations(checkout)}
    embedded = servers.postgres is not None
    if not embedded or {name: known.get(name) for name in current} != current:
        manage(checkout, env, "Migrations", "migrate", "--noinput", "-v", "1")
        checkout.remember("database", known | current)
        known = checkout.recall("database")
    if known.get("seeded") != servers.identity and has_command(checkout, "seed_demo"):
        manage(checkout, env, "Demonstration world", "seed_demo")
        checkout.remember("database", known | {"seeded": servers.identity})
    shown = {"database": servers.identity, "site": env["SITE_URL"]}
    known = checkout.recall("signins")
    if {name: known.get(name) for name in shown} != shown and has_command(checkout, "demo_signins"):
        command = [os.fspath(checkout.python), "manage.py", "demo_signins"]
        asked = subprocess.run(command, cwd=checkout.root, env=env, capture_output=True, text=True, check=False)
        if asked.returncode == 0:
            checkout.remember("signins", shown | {"text": asked.stdout})


def migrations(checkout: Checkout) -> str:
    """Return one word for the content of all migrations and of the installed packages, which bring some too."""
    digest = hashlib.sha256(environment.fingerprint(checkout).encode())
    for path in sorted(checkout.root.glob("*/*/migrations/*.py")):
        digest.update(os.fspath(path.relative_to(checkout.root)).encode() + path.read_bytes())
    return digest.hexdigest()


def has_command(checkout: Checkout, name: str) -> bool:
    return any(checkout.root.glob(f"*/*/management/commands/{name}.py"))


def manage(checkout: Checkout, env: dict[str, str], title: str, *arguments: str) -> None:
    """
    Run one manage.py command as a step, its output in a log.

    :raises TroubleError: if it fails.
    """
    log = checkout.logs / f"{arguments[0]}.log"
    log.unlink(missing_ok=True)
    with step(title, slow=True):
        ran = spawn([checkout.python, "manage.py", *arguments], env=env, folder=checkout.root, log=log)
        if ran.wait() != 0:
            end = "\n".join("    " + entry for entry in tail(log, 12))
            raise TroubleError(f"manage.py {arguments[0]} failed. The end of {log.relative_to(checkout.root)}:\n{end}")


def sign_ins(checkout: Checkout) -> list[str]:
    """Return the lines that name the demonstration's people."""
    text = checkout.recall("signins").get("text", "")
    return ["", *text.strip("\n").splitlines(), ""] if text else []


# ------------------------------------------------------------------------------------------------------------- family


def commands(checkout: Checkout, env: dict[str, str], port: int) -> dict[str, list[str | Path]]:
    """Return the command of every process of the site, by its name."""
    python = checkout.python
    celery: list[str | Path] = [python, "-m", "celery", "-A", "marketplace.celery", "--quiet"]
    # Gossip and mingle are talk among many workers; each costs a start a second.
    worker = [*celery, "worker", "--loglevel", "INFO", "--without-gossip", "--without-mingle"]
    schedule = checkout.state / "beat-schedule"
    result: dict[str, list[str | Path]] = {
        "web": [
            *(python, "-m", "granian", "--interface", "wsgi", "--host", ports.LOOPBACK, "--port", str(port)),
            *("--workers", "1", "--blocking-threads", "4", "--no-ws", "--log-level", "warning"),
            "marketplace.wsgi:application",
        ],
        "worker-money": [*worker, "-Q", "money", "-c", "1", "-n", f"money-{port}@localhost"],
        "worker-default": [*worker, "-Q", "default,vetting,hooks", "-c", "2", "-n", f"default-{port}@localhost"],
        "beat": [*celery, "beat", "--loglevel", "INFO", "--pidfile", "", "-s", schedule],
    }
    if "STRIPE_SIMULATOR_DB" in env and has_command(checkout, "stripe_simulator"):
        number = env["STRIPE_SIMULATOR_URL"].rpartition(":")[2]
        result["stripe"] = [python, "manage.py", "stripe_simulator", "--port", number]
    return result


def watch_servers(servers: Servers, family: Family) -> None:
    """Let the family look after the embedded servers too."""
    for name, server in (("postgres", servers.postgres), ("valkey", servers.valkey)):
        if server is not None:
            stopping = signal.SIGINT if name == "postgres" else signal.SIGTERM
            family.adopt(Member(name, server.launch, server.log, stopping, server.process))


def site_member(name: str, command: list[str | Path], env: dict[str, str], checkout: Checkout) -> Member:
    log = checkout.logs / f"{name}.log"
    return Member(name, lambda: spawn(command, env=env, folder=checkout.root, log=log), log)


def wait_for_page(family: Family, port: int) -> None:
    """
    Wait until the web server answers.

    :raises TroubleError: if it dies twice or does not answer in time; the end of its log says why.
    """
    deadline = time.monotonic() + WEB_LIMIT
    while not page_answers(port):
        family.look_after()
        web = next(member for member in family.members if member.name == "web")
        if web.deaths > 1 or time.monotonic() > deadline:
            end = "\n".join("    " + entry for entry in tail(web.log, 15))
            raise TroubleError(f"The web server does not start. The end of .local/logs/web.log:\n{end}")
        time.sleep(0.1)


def page_answers(port: int) -> bool:
    """Tell whether the web server answers anything at all on /healthz."""
    try:
        with urllib.request.urlopen(f"http://{ports.LOOPBACK}:{port}/healthz", timeout=5):
            return True
    except urllib.error.HTTPError:
        return True
    except (OSError, ValueError):
        return False


# ------------------------------------------------------------------------------------------------------ other commands


def manage_in_stack(checkout: Checkout, arguments: list[str]) -> int:
    """Run manage.py against the running stack, or against its database alone when the stack is down."""
    return in_stack(checkout, lambda _: [checkout.python, "manage.py", *arguments])


def psql_in_stack(checkout: Checkout, arguments: list[str]) -> int:
    """Open a session with the stack's database."""
    return in_stack(
        checkout,
        lambda env: [find_programs(checkout.site_packages) / "psql", env["DATABASE_URL"], *arguments],
    )


def in_stack(checkout: Checkout, command: Callable[[dict[str, str]], list[str | Path]]) -> int:
    """Run a command in the foreground with the environment of the stack; start its servers when it is down."""
    checkout.make_state()
    joined = checkout.recall("stack").get("env") if checkout.is_up() else None
    if isinstance(joined, dict):
        env = dict(os.environ) | joined
        return run_foreground(command(env), env=env, folder=checkout.root)
    with checkout.only_one():
        environment.ensure(checkout)
        with lasting(checkout, quiet=True) as servers:
            env = stack_env(checkout, servers, DEFAULT_PORT)
            return run_foreground(command(env), env=env, folder=checkout.root)


def reset(checkout: Checkout) -> int:
    """Delete the stack's data and logs; refused while it is up."""
    if checkout.is_up():
        raise TroubleError("The stack is up. Stop it with Ctrl-C in its window, then run ./dev reset again.")
    outside = refuge(checkout)
    present = [place for place in (checkout.state, outside) if place.exists()]
    if not present:
        line("There is nothing to delete: this checkout has no local data.")
        return 0
    line("Deleting the local database, the broker's data, uploads, the Stripe stand-in's memory and the logs:")
    for place in present:
        line(f"  {place}")
        shutil.rmtree(place)
    line("Done. The packages in .venv stay. ./dev up starts with a new demonstration world.")
    return 0
