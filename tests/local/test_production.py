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
from tests.local.conftest import OtherCheckout
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


def test_production_refuses_every_secret_that_still_says_change_me(other_checkout: OtherCheckout) -> None:
    """The example itself, unchanged, starts nothing; each secret is refused on its own."""
    good = suite.production_env(Checkout(other_checkout.root))
    good |= {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing", "REDIS_URL": "redis://127.0.0.1:1/0"}
    probe = [sys.executable, "-c", "from django.conf import settings; print(settings.DEBUG)"]

    def start(env: dict[str, str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(probe, cwd=other_checkout.root, env=env, capture_output=True, text=True, check=False)

    assert start(good).stdout == "False\n"
    for name in ("DJANGO_SECRET_KEY", "FIELD_ENCRYPTION_KEYS", "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET"):
        refused = start(good | {name: "change-me"})
        assert refused.returncode != 0, name
        assert "ImproperlyConfigured" in refused.stderr, name
        assert name in refused.stderr, name
