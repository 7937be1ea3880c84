"""A Chromium for the browser journeys: the one on this machine, else one that can be fetched."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from marketplace.local.checkout import Checkout
from marketplace.local.say import TroubleError, step

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ON_A_MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
DOWNLOAD_LIMIT = 600.0
WHERE = (
    "from playwright.sync_api import sync_playwright\nwith sync_playwright() as p: print(p.chromium.executable_path)\n"
)


def find(checkout: Checkout) -> str:
    """
    Return the path of a Chromium; install one when there is none.

    :raises TroubleError: if none can be had.
    """
    given = os.environ.get("PRECEPTOR_CHROMIUM")
    if given:
        return given
    present = on_this_machine() or of_playwright(checkout)
    if present:
        return present
    with step("Chromium for the browser tests", slow=True):
        fetched = by_playwright(checkout) or by_apt(checkout)
    if fetched:
        return fetched
    raise TroubleError(
        "The browser journeys need a Chromium, and none could be installed (tried playwright"
        + (" and apt" if os.geteuid() == 0 else "; apt needs root")
        + "). Install Chromium or Google Chrome, or leave the journeys out with --no-browser."
    )


def on_this_machine() -> str | None:
    """Return the browser on the path, or a Mac's Chrome."""
    for name in NAMES:
        found = shutil.which(name)
        if found:
            return found
    return os.fspath(ON_A_MAC) if ON_A_MAC.exists() else None


def of_playwright(checkout: Checkout) -> str | None:
    """Return the browser that playwright installed earlier, if it is there."""
    asked = subprocess.run([checkout.python, "-c", WHERE], capture_output=True, text=True, check=False)
    path = asked.stdout.strip()
    return path if asked.returncode == 0 and path and Path(path).exists() else None


def by_playwright(checkout: Checkout) -> str | None:
    """Let playwright download its Chromium."""
    env = os.environ | {"PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT": "15000"}
    if not quietly([checkout.python, "-m", "playwright", "install", "chromium"], checkout, env):
        return None
    found = of_playwright(checkout)
    # Its download needs libraries that a bare machine may lack.
    return found if found and quietly([found, "--headless", "--no-sandbox", "--version"], checkout, env) else None


def by_apt(checkout: Checkout) -> str | None:
    """Install Debian's Chromium, as root."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return None
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    quietly(["apt-get", "update", "-q"], checkout, env)
    quietly(
        ["apt-get", "install", "-y", "-q", "--no-install-recommends", "chromium", "fonts-dejavu-core"], checkout, env
    )
    return on_this_machine()


def quietly(command: list[str | Path], checkout: Checkout, env: dict[str, str]) -> bool:
    """Run a command with its output in a log; tell whether it succeeded in time."""
    with (checkout.logs / "browser.log").open("ab") as log:
        try:
            ran = subprocess.run(
                command, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log, timeout=DOWNLOAD_LIMIT, check=False
            )
        except subprocess.TimeoutExpired:
            return False
    return ran.returncode == 0
