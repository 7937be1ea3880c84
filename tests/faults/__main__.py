"""`python -m tests.faults --seeds 20 --first 100`: live through that many stories, one seed each."""

from __future__ import annotations

import argparse
import os
import sys

import pytest

parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
parser.add_argument("--seeds", type=int, default=10, help="how many seeds")
parser.add_argument("--first", type=int, default=1, help="the first seed")
chosen = parser.parse_args()
os.environ["PRECEPTOR_FAULT_SEEDS"] = ",".join(str(chosen.first + number) for number in range(chosen.seeds))
sys.exit(pytest.main(["tests/faults/test_payouts.py", "-k", "exactly_once", "-p", "no:randomly", "-v"]))
