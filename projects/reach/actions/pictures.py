"""Pictures for links on other sites: drawn when they are first asked for, kept until what they show has changed."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from projects.reach.enums import PICTURE_KEPT_FOR, PICTURES_A_MINUTE
from projects.reach.models import SharePicture
from projects.reach.pictures import Shown, draw


def picture_of(shown: Shown, *, now: datetime) -> bytes | None:
    """
    Return the picture, drawing it if nobody asked for it before; None when too many were drawn in this minute.

    Drawing takes some hundredths of a second and happens with no transaction open. Whoever asks again and again gets what
    was drawn once, and nobody can have drawn what is not on the board.
    """
    kept = SharePicture.objects.filter(sha256=shown.sha256).first()
    if kept is not None:
        return bytes(kept.png)
    if SharePicture.objects.filter(drawn_at__gt=now - timedelta(minutes=1)).count() >= PICTURES_A_MINUTE:
        return None
    png = draw(shown)
    _keep(shown, png, now=now)
    return png


@transaction.atomic(durable=True)
def _keep(shown: Shown, png: bytes, *, now: datetime) -> None:
    SharePicture.objects.bulk_create([SharePicture(sha256=shown.sha256, png=png, drawn_at=now)], ignore_conflicts=True)


@transaction.atomic(durable=True)
def forget_old_pictures(*, now: datetime) -> int:
    """Delete pictures that were drawn long ago; one that is still asked for is drawn again."""
    gone, _by_model = SharePicture.objects.filter(drawn_at__lt=now - PICTURE_KEPT_FOR).delete()
    return gone
