"""The environment that settings are read from. In production it must bring values of one's own."""

from __future__ import annotations

import base64
import binascii
import re

import environ
from django.core.exceptions import ImproperlyConfigured

DEVELOPMENT_CERTIFICATE_KEY = "dev:ZGV2ZWxvcG1lbnQtb25seS1zaWduaW5nLWtleS0zMmI="
RETIRED_KEY = re.compile(r"[\w-]+=z6Mk[1-9A-Za-z]{44}=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


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

    def certificate_keys(self) -> tuple[list[str], list[str]]:
        """
        Return the keys that sign certificates, and those that did: "id:base64 of 32 bytes", and "id=z6Mk...=last moment".

        :raises ImproperlyConfigured: if one is missing, of development, or not in that form.
        """
        keys = self.secret("CERTIFICATE_KEYS", DEVELOPMENT_CERTIFICATE_KEY).split(",")
        retired = [entry for entry in self.str("CERTIFICATE_PUBLIC_KEYS", default="").split(",") if entry]
        for entry in keys:
            key_id, _, key = entry.partition(":")
            try:
                length = len(base64.b64decode(key, altchars=b"-_", validate=True))
            except (ValueError, binascii.Error):
                length = 0
            if not re.fullmatch(r"[\w-]+", key_id) or length != 32:
                raise ImproperlyConfigured("CERTIFICATE_KEYS must be “id:key”, the key 32 bytes in URL-safe base64.")
        if not all(RETIRED_KEY.fullmatch(entry) for entry in retired):
            raise ImproperlyConfigured("CERTIFICATE_PUBLIC_KEYS must be “id=z6Mk…=2026-11-28T12:00:00Z”.")
        return keys, retired
