"""
Erasing a person, as a durable job: room by room from the top down, each in one transaction that says that it is done.

Before the first row goes, the person stands on the erasure list outside of the database and nobody can sign in as them any
more. From there on there is no way back, so whatever dies in between, the next worker goes on where it stopped. The books
stay as they are: they have known the person by an opaque id only.
"""

from __future__ import annotations

import logging
import smtplib
from datetime import datetime
from typing import Any
from uuid import UUID

from allauth.account.models import EmailAddress
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string

from marketplace.accounts.actions import close_account
from marketplace.accounts.models import User
from marketplace.audit.actions import record
from marketplace.kernel.actors import System
from marketplace.kernel.jobs import JobState, finish, perform
from marketplace.kernel.personal import Blank, Delete, Person, Personal, Room
from marketplace.kernel.states import require_move
from marketplace.notices.actions import notify
from marketplace.privacy.actions import erasure_list
from marketplace.privacy.actions.requests import PAGE, pseudonym_of
from marketplace.privacy.actions.restricted import keep_identity
from marketplace.privacy.enums import ERASURE_MOVES, LOOK_AGAIN_AFTER, TAKEN_BACK_FROM, ErasureState
from marketplace.privacy.models import ErasureRequest
from marketplace.privacy.queries import obstacles_of, rooms_to_erase

ERASER = System("privacy.eraser")
GONE = "@erased.invalid"
LAST_ROOM = "accounts"
logger = logging.getLogger(__name__)


def erase_person(*, request_pk: int, now: datetime) -> bool:
    """
    Do what a request asks for; return whether this call did it. Right when run twice, late, or after a crash.

    Stands something in the way, the request waits a day and looks again, and the person is told what it is.
    """

    def work(request: ErasureRequest) -> None:
        if request.state in TAKEN_BACK_FROM and not _begin(request, now=now):
            return
        _erase(request, now=now)

    return perform(ErasureRequest.objects.to_work().select_related("user"), pk=request_pk, now=now, work=work)


@transaction.atomic(durable=True)
def _begin(request: ErasureRequest, *, now: datetime) -> bool:
    """Pass the point of no return, unless something stands in the way or the wish was taken back; return whether."""
    user = User.objects.select_for_update(of=("self",), no_key=True).get(pk=request.user_id)
    mine = ErasureRequest.objects.held(by=request).select_for_update(of=("self",), no_key=True)
    locked: ErasureRequest | None = mine.first()
    if locked is None or locked.state not in TAKEN_BACK_FROM:
        return False
    obstacles = obstacles_of(user)
    if obstacles:
        _wait(locked, user, [obstacle.words for obstacle in obstacles], now=now)
        return False
    before = locked.state
    require_move(ERASURE_MOVES, current=locked.state, target=ErasureState.ERASING, what="request")
    locked.state, locked.began_at, locked.obstacles = ErasureState.ERASING, now, []
    locked.save(update_fields=["state", "began_at", "obstacles"])
    record(what="privacy.begin_erasure", by=ERASER, about=locked, now=now, before={"state": before},
           after={"state": str(ErasureState.ERASING)})  # fmt: skip
    return True


def _wait(request: ErasureRequest, user: User, obstacles: list[str], *, now: datetime) -> None:
    """Look again tomorrow. Needs the request's lock; the worker gives its hold back."""
    if request.state != ErasureState.BLOCKED:
        require_move(ERASURE_MOVES, current=request.state, target=ErasureState.BLOCKED, what="request")
        request.state = ErasureState.BLOCKED
        notify(
            user=user, kind="privacy", now=now, path=PAGE, button="See what is missing",
            title="We cannot erase you yet", body="\n\n".join(obstacles) + "\n\nWe look again every day.",
        )  # fmt: skip
    request.obstacles = obstacles
    request.job_state, request.lease_until, request.attempts = JobState.QUEUED, None, 0
    request.not_before = now + LOOK_AGAIN_AFTER
    request.save(update_fields=["state", "obstacles", "job_state", "lease_until", "attempts", "not_before"])


def _erase(request: ErasureRequest, *, now: datetime) -> None:
    user = request.user
    person = Person(user=user, names=_names_of(user), pseudonym=request.pseudonym, now=now)
    erasure_list.remember(user.public_id, request.began_at or now)
    close_account(user_id=user.pk, by=ERASER, now=now)
    keep_identity(user=user, names=person.names, now=now)
    for room in rooms_to_erase():
        if room.close is not None and room.name not in request.rooms_done:
            room.close(person)
    for room in rooms_to_erase():
        if room.name in request.rooms_done:
            continue
        if room.name == LAST_ROOM:
            _say_goodbye(user)
        _erase_room(request, room, person)
    _finish(request, now=now)


def _names_of(user: User) -> tuple[str, ...]:
    """Return what a person is called: their name and every address, the account's first."""
    addresses = EmailAddress.objects.filter(user=user).order_by("pk").values_list("email", flat=True)
    found = dict.fromkeys([user.full_name, user.email, *addresses])
    return tuple(name for name in found if name and not name.endswith(GONE))


@transaction.atomic(durable=True)
def _erase_room(request: ErasureRequest, room: Room, person: Person) -> None:
    """
    Erase what one room holds and write down that it is done.

    Files go before their rows: a kill in between leaves rows whose file is gone, which the next attempt deletes, and never
    files that nobody knows of.
    """
    mine = ErasureRequest.objects.held(by=request).select_for_update(of=("self",), no_key=True)
    locked: ErasureRequest | None = mine.first()
    if locked is None:
        raise RuntimeError("Another worker has this erasure by now.")
    if room.also is not None:
        room.also(person)
    touched = {table.model: _erase_table(table, person) for table in room.tables}
    locked.rooms_done = [*locked.rooms_done, room.name]
    locked.save(update_fields=["rooms_done"])
    request.rooms_done = locked.rooms_done
    counts = {model: count for model, count in touched.items() if count}
    record(
        what="privacy.erase_room", by=ERASER, about=locked, now=person.now, after={"room": room.name, "rows": counts}
    )


def _erase_table(table: Personal, person: Person) -> int:
    rows = table.rows(person.user)
    if isinstance(table.erase, Blank):
        return int(rows.update(**table.erase.for_person(person)))
    if not isinstance(table.erase, Delete):
        return 0
    if table.files:
        for row in rows.iterator(chunk_size=200):
            for column in table.files:
                stored: Any = getattr(row, column)
                if stored:
                    stored.storage.delete(stored.name)
    return int(rows.delete()[0])


def _say_goodbye(user: User) -> None:
    """
    Write to the person a last time, while we still know where. Sent at once, because the outbox would keep the address.

    A mail server that is away stops nobody from being erased.
    """
    if user.email.endswith(GONE):
        return
    context = {"name": user.get_short_name()}
    text, html = (render_to_string(f"emails/goodbye.{form}", context) for form in ("txt", "html"))
    message = EmailMultiAlternatives(subject="Your account was erased", body=text, to=[user.email])
    message.attach_alternative(html, "text/html")
    try:
        message.send()
    except (OSError, smtplib.SMTPException):
        logger.warning("privacy.goodbye_not_sent", exc_info=True)


@transaction.atomic(durable=True)
def _finish(request: ErasureRequest, *, now: datetime) -> None:
    mine = ErasureRequest.objects.held(by=request).select_for_update(of=("self",), no_key=True)
    locked: ErasureRequest | None = mine.first()
    if locked is None or locked.state != ErasureState.ERASING:
        return
    require_move(ERASURE_MOVES, current=locked.state, target=ErasureState.DONE, what="request")
    locked.state, locked.done_at = ErasureState.DONE, now
    locked.save(update_fields=["state", "done_at"])
    finish(locked, now=now)
    record(what="privacy.finish_erasure", by=ERASER, about=locked, now=now, after={"state": str(ErasureState.DONE)})


# ------------------------------------------------------------------------------------------------------ after a restore


def reapply_erasure(*, account: UUID, now: datetime) -> bool:
    """
    Erase somebody again whom a restored backup brought back; return whether there was anything to erase.

    That decision was made and carried out once, so nothing stands in its way now, whatever the older rows say.
    """
    request = _ask_again(account, now=now)
    if request is None:
        return False
    return erase_person(request_pk=request.pk, now=now)


@transaction.atomic(durable=True)
def _ask_again(account: UUID, *, now: datetime) -> ErasureRequest | None:
    user = User.objects.select_for_update(of=("self",), no_key=True).filter(public_id=account).first()
    if user is None or user.email.endswith(GONE):
        return None
    rows = ErasureRequest.objects.select_for_update(of=("self",), no_key=True).filter(user=user)
    request: ErasureRequest | None = rows.exclude(state=ErasureState.CANCELLED).order_by("-pk").first()
    if request is None:
        request = ErasureRequest(user=user, asked_at=now, due_at=now, queued_at=now, not_before=now)
    elif request.state != ErasureState.ERASING:
        require_move(ERASURE_MOVES, current=request.state, target=ErasureState.ERASING, what="request")
    before = request.state if request.pk else ""
    request.state, request.began_at, request.done_at = ErasureState.ERASING, now, None
    request.pseudonym, request.obstacles, request.rooms_done = pseudonym_of(user), [], []
    request.job_state, request.lease_until, request.attempts, request.not_before = JobState.QUEUED, None, 0, now
    request.finished_at, request.after_restore = None, True
    request.save()
    record(what="privacy.reapply_erasure", by=ERASER, about=request, now=now, before={"state": before},
           after={"state": str(ErasureState.ERASING)})  # fmt: skip
    return request
