"""`manage.py check_invariants`: the sentences that must hold, green or red."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from marketplace.kernel import registry


class Command(BaseCommand):
    help = "Check every registered invariant; exit with an error if one is red."

    def handle(self, *_args: Any, **_options: Any) -> None:
        red = registry.check_invariants()
        for name in registry.invariants:
            self.stdout.write(f"{'RED  ' if name in red else 'green'} {name}")
            for sentence in red.get(name, []):
                self.stdout.write(f"      {sentence}")
        if red:
            raise CommandError(f"{len(red)} invariants are red.")
