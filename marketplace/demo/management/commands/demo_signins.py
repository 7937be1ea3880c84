"""Print who can be signed in with one click in a development stack."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from marketplace.demo.queries import PASSWORD, PERSONAS, persona_user


class Command(BaseCommand):
    help = "Print the demonstration sign-ins."

    def handle(self, *_args: Any, **_options: Any) -> None:
        for persona in PERSONAS:
            if persona_user(persona.slug) is not None:
                self.stdout.write(f"  {persona.who:<42} {settings.SITE_URL}/dev/as/{persona.slug}/")
        self.stdout.write(f"  All of them at {settings.SITE_URL}/dev/  (password where asked again: {PASSWORD})")
