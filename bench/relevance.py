"""
How well the board finds what was meant: `./dev bench relevance [gigs]`.

Posts 2,000 invented gigs, asks the judged searches of bench/relevance/queries.json, and prints nDCG@10 of the words alone, of
the meaning alone, and of both as the board blends them; then how searches for what nobody offers are answered. Exits with 1
unless the blend is best.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from statistics import mean

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.settings")
os.environ["DJANGO_DEBUG"] = "1"
django.setup()

from django.test import override_settings  # noqa: E402

from marketplace.kernel import doorbell  # noqa: E402
from tests.support import judged  # noqa: E402
from tests.support.database import make_schema  # noqa: E402

NOW = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)


def main() -> int:
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000
    make_schema()
    with doorbell.muted(), override_settings(DEBUG=False):
        began = time.monotonic()
        board = judged.JudgedBoard.posted(number, now=NOW)
        print(f"{number:,} gigs posted, indexed and understood in {time.monotonic() - began:.0f} s\n")
        results = {name: judged.measured(board, way) for name, way in judged.WAYS.items()}
    tell(results)
    if "--each" in sys.argv:
        tell_each(results)
    overall = {name: mean(result.values()) for name, (result, _noise) in results.items()}
    return int(overall["both"] <= max(overall["words"], overall["meaning"]))


def tell(results: dict[str, judged.Measured]) -> None:
    """Print nDCG@10 by sort of search, and what searches for nothing were answered."""
    sorts = list(dict.fromkeys(query.sort for query in judged.queries() if query.sort != "negative"))
    column: Callable[[str, str | None], float] = lambda way, sort: mean(  # noqa: E731
        value for query, value in results[way][0].items() if sort in (None, query.sort)
    )
    print(
        "| nDCG@10 | searches | " + " | ".join(f"{way}" for way in results) + " |\n|---|---:|" + "---:|" * len(results)
    )
    for sort in sorts:
        number = sum(query.sort == sort for query in judged.queries())
        print(f"| {sort} | {number} | " + " | ".join(f"{column(way, sort):.3f}" for way in results) + " |")
    number = sum(query.sort != "negative" for query in judged.queries())
    print(f"| **all** | {number} | " + " | ".join(f"**{column(way, None):.3f}**" for way in results) + " |")
    print("\nWhat nobody offers: " + "; ".join(
        f"{way}: noise in {sum(bool(wrong) for wrong in noise.values())} of {len(noise)}" for way, (_r, noise) in results.items()
    ))  # fmt: skip


def tell_each(results: dict[str, judged.Measured]) -> None:
    for query in judged.queries():
        values = [result.get(query, float(noise.get(query, 0))) for result, noise in results.values()]
        print(f"{query.sort:9} {query.text:32} " + " ".join(f"{value:5.2f}" for value in values))


if __name__ == "__main__":
    sys.exit(main())
