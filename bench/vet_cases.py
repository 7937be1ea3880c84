"""
A thousand vetting cases through real workers that are killed, with sources that refuse and hang: `./dev bench vet_cases
[cases] [seed]`.

Prints how many cases were lost (must be 0), decided by a machine (must be 0), and left to a person with which words.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.settings")
os.environ["DJANGO_DEBUG"] = "1"
django.setup()

from django.core.management import call_command  # noqa: E402
from django.test import override_settings  # noqa: E402

from experts.vetting.models import Case, Check  # noqa: E402
from marketplace.kernel import doorbell  # noqa: E402, F401 -- known before the workers are
from tests.faults.cases import Cases  # noqa: E402
from tests.support import processes  # noqa: E402

WORKERS, CHILDREN = 2, 2
HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def main() -> int:
    count, seed = (int(text) for text in [*sys.argv[1:], *["1000", "1"][len(sys.argv[1:]) :]])
    call_command("migrate", verbosity=0)
    with tempfile.TemporaryDirectory() as folder, override_settings(PASSWORD_HASHERS=HASHERS, DEBUG=False):
        env = processes.environment(os.environ["REDIS_URL"], Path(folder)) | {"PRECEPTOR_FAULT_SEED": str(seed)}
        workers = [
            processes.make_worker(env, Path(folder), name=f"vetting-{number}", queues="vetting", concurrency=CHILDREN)
            for number in range(WORKERS)
        ]
        for worker in workers:
            worker.command[worker.command.index("marketplace.celery")] = "tests.faults.providers"
        world = Cases(seed, workers, os.environ["REDIS_URL"], patience=1500.0)
        began = time.monotonic()
        try:
            world.begin(count)
            asked = time.monotonic()
            world.live_through()
        finally:
            world.end()
        return tell(world, asked - began, time.monotonic() - asked)


def tell(world: Cases, asking: float, working: float) -> int:
    """Print the figures; return 1 if one of them is wrong."""
    wrong = world.wrong_findings()
    attempts = Counter(Check.objects.values_list("attempts", flat=True))
    print(f"{Case.objects.count():,} cases with {Check.objects.count():,} checks, seed {world.seed}")
    print(f"asked within {asking:.0f} s, all checks in after {working:.0f} s more; {world.offset} of business time")
    print(f"what happened: {', '.join(f'{name} {times}' for name, times in sorted(world.deeds.items()))}")
    print(f"attempts: {', '.join(f'{number}: {times:,}' for number, times in sorted(attempts.items()))}")
    print(f"results: {', '.join(f'{name} {times:,}' for name, times in sorted(results().items()))}")
    print(f"given up and left to a person: {world.left_to_a_person():,}")
    print(f"lost: {world.lost()}   decided by a machine: {world.decided_by_machine()}   "
          f"finished twice: {world.finished_twice()}   wrong findings: {len(wrong)}")  # fmt: skip
    for line in wrong[:10]:
        print(f"  {line}")
    return int(bool(wrong) or any((world.lost(), world.decided_by_machine(), world.finished_twice())))


def results() -> Counter[str]:
    return Counter(Check.objects.values_list("result", flat=True))


if __name__ == "__main__":
    sys.exit(main())
