"""`manage.py reapply_erasures`: after a restore, erase everybody again who was erased since the backup was made."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from marketplace.kernel import clock
from marketplace.privacy.actions import reapply_erasure
from marketplace.privacy.actions.erasure_list import Unreadable, read


class Command(BaseCommand):
    help = (
        "Read the erasure list and erase again whom a restored backup brought back. Run it before the site is opened."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        if not settings.ERASURE_LIST:
            raise CommandError("ERASURE_LIST is not set, so nobody knows who was erased.")
        try:
            lines = list(read())
        except Unreadable as error:
            raise CommandError(str(error)) from error
        again = 0
        for number, line in enumerate(lines, start=1):
            if reapply_erasure(account=line.account, now=clock.now()):
                again += 1
                self.stdout.write(f"{number} of {len(lines)}: {line.account} was back and is erased again.")
        self.stdout.write(f"{len(lines)} people on the list, {again} erased again.")
