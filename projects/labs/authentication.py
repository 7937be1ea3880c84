"""`Authorization: Bearer pk_...`: a lab's API key as the actor of a request."""

from __future__ import annotations

import hashlib
import hmac

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from marketplace.kernel import clock
from projects.labs.actions import USE_NOTED_EVERY, note_key_use
from projects.labs.models import ApiKey

PREFIX = "Bearer "


class ApiKeyAuthentication(BaseAuthentication):
    """
    Put the ApiKey of the header into `request.user`; requests without the header go on to the session.

    A key is "<prefix>.<secret>": the prefix finds the row, the SHA-256 of the secret is compared in constant time.
    """

    def authenticate(self, request: Request) -> tuple[ApiKey, ApiKey] | None:
        header = request.META.get("HTTP_AUTHORIZATION", "")
        if not header.startswith(PREFIX):
            return None
        prefix, _, presented = header.removeprefix(PREFIX).strip().partition(".")
        now = clock.now()
        key: ApiKey | None = ApiKey.objects.live(now).select_related("lab").filter(prefix=prefix).first()
        digest = hashlib.sha256(presented.encode(errors="replace")).hexdigest()
        if key is None or not hmac.compare_digest(digest, key.secret_sha256):
            raise AuthenticationFailed("This API key is not known, was revoked or has expired.")
        if key.last_used_at is None or key.last_used_at <= now - USE_NOTED_EVERY:
            note_key_use(key_id=key.pk, now=now)
        return key, key

    def authenticate_header(self, _request: Request) -> str:
        return 'Bearer realm="Preceptor API"'
