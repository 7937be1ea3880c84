"""The site with production settings, put together as the Dockerfile does it."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from marketplace.local import ports, suite
from marketplace.local.checkout import Checkout
from tests.local.conftest import ROOT, OtherCheckout
from tests.support.database import current_url
from tests.support.processes import Process, wait_until

pytestmark = pytest.mark.full

BEHIND_THE_PROXY = {"Host": "preceptor.example", "X-Forwarded-Proto": "https"}


def ask(port: int, path: str, headers: dict[str, str]) -> http.client.HTTPResponse:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    line.request("GET", path, headers=headers)
    return line.getresponse()


def healthy(port: int) -> bool:
    try:
        return ask(port, "/healthz", BEHIND_THE_PROXY).status == 200
    except OSError:
        return False


def test_the_site_runs_as_in_the_image(
    transactional_db: None, valkey: str, other_checkout: OtherCheckout, tmp_path: Path
) -> None:
    root = other_checkout.root
    env = suite.production_env(Checkout(root)) | {
        "DATABASE_URL": current_url(),
        "REDIS_URL": valkey,
        "PRECEPTOR_DATA_DIR": os.fspath(tmp_path / "data"),
    }
    assert "DJANGO_DEBUG" not in env
    assert not any("change-me" in value for value in env.values())

    # As in the Dockerfile: the style sheet is built, its source goes, the rest is collected under names with hashes.
    built = other_checkout.dev("css")
    assert built.returncode == 0, built.stderr
    shutil.rmtree(root / "static" / "css")
    collect = [sys.executable, "manage.py", "collectstatic", "--noinput", "-v", "0"]
    collected = subprocess.run(collect, cwd=root, env=env, capture_output=True, text=True, check=False)
    assert collected.returncode == 0, collected.stderr[-3000:]
    names = json.loads((root / "staticfiles" / "staticfiles.json").read_text())["paths"]

    port = ports.free_port()
    command: list[str | Path] = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"]
    command += ["--port", str(port), "marketplace.wsgi:application"]
    web = Process("web", command, env, tmp_path, place=root)
    web.start()
    try:
        wait_until(lambda: healthy(port), within=60, what=f"the site; it says {web.output[-2000:]}")

        style = ask(port, f"/static/{names['build/app.css']}", BEHIND_THE_PROXY)
        assert (style.status, style.getheader("Cache-Control")) == (200, "max-age=315360000, public, immutable"), (
            web.output[-3000:]
        )

        front = ask(port, "/", BEHIND_THE_PROXY)
        assert front.status == 200, web.output[-3000:]
        assert names["build/app.css"] in front.read().decode()
        assert front.getheader("Strict-Transport-Security") == "max-age=63072000; includeSubDomains; preload"

        plain = ask(port, "/", {"Host": "preceptor.example"})
        assert (plain.status, plain.getheader("Location")) == (301, "https://preceptor.example/")
        stranger = ask(port, "/", BEHIND_THE_PROXY | {"Host": "elsewhere.example"})
        assert stranger.status == 400, web.output[-3000:]

        missing = ask(port, "/no-such-page", BEHIND_THE_PROXY)
        assert missing.status == 404
        assert "DEBUG" not in missing.read().decode()
    finally:
        web.stop()


SECRETS = (
    "DJANGO_SECRET_KEY", "FIELD_ENCRYPTION_KEYS", "IDENTIFIER_HASH_KEYS", "CERTIFICATE_KEYS", "STRIPE_SECRET_KEY",
    "STRIPE_WEBHOOK_SECRET",
    "STRIPE_CONNECT_WEBHOOK_SECRET", "STRIPE_THIN_WEBHOOK_SECRET",
)  # fmt: skip
MADE_FROM = {
    "POSTGRES_PASSWORD": ("DATABASE_URL", "postgres://preceptor:{}@127.0.0.1:1/nothing"),
    "REDIS_PASSWORD": ("REDIS_URL", "redis://:{}@127.0.0.1:1/0"),
}
"""What docker-compose.yml makes of the two passwords; the site sees only that."""


def examples() -> dict[str, str]:
    """Return every line of .env.example that asks to be changed."""
    lines = (entry.partition("=") for entry in (ROOT / ".env.example").read_text().splitlines())
    return {name: value for name, _, value in lines if "change-me" in value and not name.startswith("#")}


def start(root: Path, change: dict[str, str]) -> tuple[bool, str]:
    """Load the settings as production does with one change; return whether they start, and the last line said."""
    good = suite.production_env(Checkout(root))
    good |= {"DATABASE_URL": "postgres://preceptor:own@127.0.0.1:1/nothing", "REDIS_URL": "redis://:own@127.0.0.1:1/0"}
    probe = [sys.executable, "-c", "from django.conf import settings; print(settings.DEBUG)"]
    ran = subprocess.run(probe, cwd=root, env=good | change, capture_output=True, text=True, check=False)
    said = (ran.stdout if ran.returncode == 0 else ran.stderr).strip().splitlines()
    return ran.returncode == 0, said[-1].removeprefix("django.core.exceptions.ImproperlyConfigured: ")


def test_the_example_with_every_change_made_starts(other_checkout: OtherCheckout) -> None:
    assert start(other_checkout.root, {}) == (True, "False")
    assert set(examples()) == {*SECRETS, *MADE_FROM, "EMAIL_URL"}


@pytest.mark.parametrize("name", [*SECRETS, "EMAIL_URL"])
def test_production_refuses_what_the_example_says(other_checkout: OtherCheckout, name: str) -> None:
    started = start(other_checkout.root, {name: examples()[name]})
    assert started == (False, f"{name} still says change-me. Set it before production starts.")


@pytest.mark.parametrize("password", MADE_FROM)
def test_production_refuses_a_password_of_the_example_inside_an_address(
    other_checkout: OtherCheckout, password: str
) -> None:
    name, address = MADE_FROM[password]
    started, said = start(other_checkout.root, {name: address.format(examples()[password])})
    assert (started, said) == (
        False,
        f"{name} still says change-me. Set it before production starts. docker-compose.yml makes it from {password}.",
    )


@pytest.mark.parametrize("name", SECRETS)
def test_production_refuses_a_secret_that_is_missing(other_checkout: OtherCheckout, name: str) -> None:
    started, said = start(other_checkout.root, {name: ""})
    assert (started, said.startswith(f"{name} is missing.")) == (False, True)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DJANGO_SECRET_KEY", "development-only-secret-that-production-refuses"),
        ("FIELD_ENCRYPTION_KEYS", "dev:ZGV2ZWxvcG1lbnQtb25seS1maWVsZC1rZXktMzJieXQ="),
        ("CERTIFICATE_KEYS", "dev:ZGV2ZWxvcG1lbnQtb25seS1zaWduaW5nLWtleS0zMmI="),
        ("IDENTIFIER_HASH_KEYS", "dev:ZGV2ZWxvcG1lbnQtb25seS1oYXNoLWtleS1vZi0zMmJ5dGU="),
        ("STRIPE_WEBHOOK_SECRET", "whsec_development_only"),
        ("STRIPE_CONNECT_WEBHOOK_SECRET", "whsec_development_only"),
        ("STRIPE_THIN_WEBHOOK_SECRET", "whsec_development_only"),
    ],
)
def test_production_refuses_a_secret_of_development(other_checkout: OtherCheckout, name: str, value: str) -> None:
    assert start(other_checkout.root, {name: value}) == (
        False, f"{name} is the development value. Set your own before production starts.",
    )  # fmt: skip


def test_production_refuses_the_key_of_the_stand_in_and_an_address_without_encryption(
    other_checkout: OtherCheckout,
) -> None:
    started, said = start(other_checkout.root, {"STRIPE_SECRET_KEY": "sk_test_local_1"})
    assert (started, said) == (False, "STRIPE_SECRET_KEY is the stand-in's key. Production needs a key from Stripe.")
    started, said = start(other_checkout.root, {"SITE_URL": "http://preceptor.example"})
    assert (started, said) == (False, "SITE_URL must be the https address of the site in production.")
