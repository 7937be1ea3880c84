"""The environment that settings are read from. In production it must bring values of one's own."""

from __future__ import annotations

import environ
from django.core.exceptions import ImproperlyConfigured


class Environment(environ.Env):
    """django-environ's, which with `debug` off refuses missing secrets, those of development and those of the example."""

    debug = False

    def secret(self, name: str, development: str) -> str:
        """
        Return a secret; only `debug` may fall back to the development one.

        :raises ImproperlyConfigured: with a sentence for whoever deploys, if production has none of its own.
        """
        value = self.own(name, default=development if self.debug else "")
        if not self.debug and not value:
            raise ImproperlyConfigured(f"{name} is missing. Set it before production starts.")
        if not self.debug and value == development:
            raise ImproperlyConfigured(f"{name} is the development value. Set your own before production starts.")
        return value

    def own(self, name: str, *, default: str = "", made_from: str = "") -> str:
        """
        Return a text, or an address with a password in it.

        :param made_from: the variable of docker-compose.yml that ends up in this one.
        :raises ImproperlyConfigured: if production would start with what .env.example says.
        """
        value: str = self.str(name, default=default)
        if not self.debug and "change-me" in value:
            where = f" docker-compose.yml makes it from {made_from}." if made_from else ""
            raise ImproperlyConfigured(f"{name} still says change-me. Set it before production starts.{where}")
        return value
