"""
How much memory and time an import of NPPES takes: `./dev bench import_nppes [rows ...]`.

Writes files of 100,000 and 1,000,000 invented providers in the real layout of 330 columns, imports each with the command as
a process of its own into a fresh database, and prints its peak memory and rows a second. The peaks must be nearly equal.
"""

from __future__ import annotations

import csv
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from stdnum import luhn

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "tests" / "data" / "npidata_pfile_20050523-20261109.csv"
SYLLABLES = ("ka", "lo", "mi", "ren", "sta", "vor", "ne", "bar", "tu", "hal", "ing", "os")
STATES = ("MA", "NY", "CA", "TX", "OH", "FL", "PA", "IL")


def write_file(path: Path, rows: int) -> None:
    """Write so many invented people; every tenth row is an organisation, every hundredth a deactivated number."""
    with SAMPLE.open(newline="") as file:
        header = next(csv.reader(file))
    at = {name: place for place, name in enumerate(header)}
    chance = random.Random(rows)

    def name() -> str:
        return "".join(chance.choice(SYLLABLES) for _ in range(3)).upper()

    with path.open("w", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow(header)
        for number in range(rows):
            body = f"2{number:08d}"
            row = [""] * len(header)
            row[at["NPI"]] = body + luhn.calc_check_digit("80840" + body)
            if number % 100 == 99:
                row[at["NPI Deactivation Date"]] = "06/15/2024"
            else:
                row[at["Entity Type Code"]] = "2" if number % 10 == 9 else "1"
                row[at["Provider Last Name (Legal Name)"]], row[at["Provider First Name"]] = name(), name()
                row[at["Provider First Line Business Practice Location Address"]] = f"{number} INVENTED WAY"
                row[at["Provider Business Practice Location Address State Name"]] = state = chance.choice(STATES)
                row[at["Provider Enumeration Date"]] = row[at["Last Update Date"]] = "05/23/2012"
                for slot in range(1, chance.choice((2, 2, 3, 5))):
                    row[at[f"Healthcare Provider Taxonomy Code_{slot}"]] = "207R00000X"
                    row[at[f"Provider License Number_{slot}"]] = f"L{number}"
                    row[at[f"Provider License Number State Code_{slot}"]] = state
                    row[at[f"Healthcare Provider Primary Taxonomy Switch_{slot}"]] = "Y" if slot == 1 else "N"
            writer.writerow(row)


def run(arguments: list[str]) -> tuple[float, int]:
    """Run manage.py; return its seconds and its peak memory in MB."""
    began = time.monotonic()
    process = subprocess.Popen([sys.executable, "manage.py", *arguments], cwd=ROOT)
    _pid, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        raise SystemExit(f"manage.py {' '.join(arguments)} failed.")
    return time.monotonic() - began, round(usage.ru_maxrss / 1024)


def main() -> None:
    sizes = [int(text) for text in sys.argv[1:]] or [100_000, 1_000_000]
    run(["migrate", "--verbosity", "0"])
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        for number, rows in enumerate(sizes):
            # A monthly file each, the later one newer; its name says so.
            path = Path(folder) / f"npidata_pfile_20050523-202611{number + 10:02d}.csv"
            write_file(path, rows)
            size = path.stat().st_size / 1e6
            for what in ("first", "again"):
                if what == "again":
                    with path.open("a") as file:
                        file.write("\n")  # the same rows as another file, so that each is updated
                seconds, peak = run(["import_nppes", str(path), "--accept-shrinkage"])
                lines.append((rows, what, size, seconds, peak))
            path.unlink()
    print(f"{'rows':>10} {'import':>6} {'file MB':>8} {'seconds':>8} {'rows/s':>8} {'peak MB':>8}")
    for rows, what, size, seconds, peak in lines:
        print(f"{rows:>10,} {what:>6} {size:>8.0f} {seconds:>8.1f} {rows / seconds:>8,.0f} {peak:>8}")
    print(f"Peak of the largest to the smallest file: {lines[-1][4] / lines[0][4]:.2f}")


if __name__ == "__main__":
    main()
