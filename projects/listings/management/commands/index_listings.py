"""`manage.py index_listings`: write what the board searches with again. After staff changed a field, a worker does it by itself."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from marketplace.kernel import clock
from projects.listings.actions.index import index_all_projects


class Command(BaseCommand):
    help = "Write the search index of every listing again, after fields or their synonyms changed."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{index_all_projects(now=clock.now())} listings indexed.")
