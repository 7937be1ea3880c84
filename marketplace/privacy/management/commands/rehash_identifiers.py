"""`manage.py rehash_identifiers`: after a new first key in IDENTIFIER_HASH_KEYS, hash everything with it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from experts.credentials.actions import rehash_numbers
from experts.duplicates.actions import drop_old_hashes, take_in_due
from marketplace.kernel import clock
from marketplace.kernel.crypto import hash_key_id
from payments.payouts.actions import rehash_destinations


class Command(BaseCommand):
    help = "Hash numbers, files and payout accounts with the present key. No pair is asked about again because of it."

    def handle(self, *_args: Any, **_options: Any) -> None:
        now = clock.now()
        self.stdout.write(f"The present key is {hash_key_id()}.")
        self.stdout.write(f"{rehash_numbers()} numbers hashed anew.")
        self.stdout.write(f"{drop_old_hashes()} old hashes dropped.")
        taken = 0
        while found := take_in_due(now=now):
            taken += found
        self.stdout.write(f"{taken} numbers and files taken in.")
        self.stdout.write(f"{rehash_destinations(now=now)} payout accounts are fetched again by the workers.")
