"""
The dear tests: those that cost many times what others do. The quick run leaves them out and so stays under five minutes.

`tests/dear.txt` lists them. It is written anew from the times of a whole run, on whatever machine, because only the proportion
counts: `./dev test --full --junitxml=times.xml`, then `python -m tests.support.dear times.xml`. A test of its own sees to it
that no line names a test that is gone.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from functools import cache
from pathlib import Path
from statistics import median
from xml.etree import ElementTree

LIST = Path(__file__).resolve().parents[1] / "dear.txt"
TIMES_THE_MEDIAN = 3.0
NEVER = ("tests/journeys/", "tests/faults/", "tests/architecture/")
"""What the quick run has to have: a journey for each role, three faults, the house rules."""


@cache
def listed() -> frozenset[str]:
    return frozenset(LIST.read_text().split())


def name_of(nodeid: str) -> str:
    """Return the file and the function of a test, without its parameters and its group."""
    return nodeid.partition("[")[0].partition("@")[0]


def dear_tests(report: Path) -> list[str]:
    """Return the tests of a JUnit report whose mean time is more than three times the median of all."""
    times: dict[str, list[float]] = defaultdict(list)
    for case in ElementTree.parse(report).iter("testcase"):  # noqa: S314 -- our own report
        parts = case.attrib["classname"].split(".")
        module = max(place for place, part in enumerate(parts) if part.startswith("test_"))
        within = [*parts[module + 1 :], name_of(case.attrib["name"])]
        times["::".join(["/".join(parts[: module + 1]) + ".py", *within])].append(float(case.attrib["time"]))
    limit = TIMES_THE_MEDIAN * median(sum(found) / len(found) for found in times.values())
    return sorted(
        name for name, found in times.items() if sum(found) / len(found) > limit and not name.startswith(NEVER)
    )


if __name__ == "__main__":
    LIST.write_text("\n".join(dear_tests(Path(sys.argv[1]))) + "\n")
