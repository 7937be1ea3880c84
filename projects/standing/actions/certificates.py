"""Issuing certificates and taking them back."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import transaction

from experts.profiles.models import Expert, Field
from marketplace.accounts.models import User
from marketplace.audit.actions import record
from marketplace.kernel.actors import Actor, System
from marketplace.kernel.errors import Invalid, Refused, TooMany, WrongState
from marketplace.kernel.sweeping import each
from marketplace.notices.actions import notify
from projects.standing import offline, policies, queries, signing
from projects.standing.enums import CERTIFICATES_A_DAY, LIST_PLACES, NameShown, RevocationReason
from projects.standing.models import Certificate, CertificateCredential, Revocation
from projects.standing.shapes import Address, Facts, document_of, name_of

SWEEP_LIMIT: Final = 200
REASON_MIN_CHARS: Final = 20
RULE: Final = System("standing.certificates")


@transaction.atomic(durable=True)
def issue_certificate(
    *, expert_id: UUID, field: Field | None, name_shown: str, credential_ids: Iterable[UUID], by: User, now: datetime
) -> Certificate:
    """
    Count, write, sign and keep a certificate. One that stands for the same field is superseded by it.

    :param field: only work of this field or its specialties; None is all work.
    :param credential_ids: which of the person's credentials it names; those nobody else has looked at are left out.
    :raises NotAllowed: if `by` is not that expert.
    :raises Refused: if there is nothing to say yet.
    :raises TooMany: above the limit of a day.
    """
    expert = Expert.objects.select_for_update(of=("self",), no_key=True).select_related("user").get(public_id=expert_id)
    policies.require_holder(by, expert)
    recent = Certificate.objects.of_expert(expert).filter(as_of__gt=now - timedelta(days=1))
    if recent.count() >= CERTIFICATES_A_DAY:
        raise TooMany("Ten certificates in 24 hours are the most. The one you have stays good.")
    facts = queries.facts_of(expert, field, credential_ids=credential_ids, now=now)
    if not facts.says_something:
        raise Refused(
            "There is nothing to certify yet: no accepted work, no paid time, no credential that was looked at."
        )
    certificate = _written(expert, field, facts, name_shown=NameShown(name_shown), now=now)
    CertificateCredential.objects.bulk_create(
        CertificateCredential(certificate=certificate, credential_ref=UUID(one.ref), step=one.step)
        for one in facts.credentials
    )
    told = {"field": field.code if field else "", "name": name_shown, "sha256": certificate.sha256}
    record(what="standing.issue_certificate", by=by, about=certificate, now=now, after=told)
    return certificate


def _written(expert: Expert, field: Field | None, facts: Facts, *, name_shown: NameShown, now: datetime) -> Certificate:
    """Choose a place, write the document, sign it, and keep the row."""
    public_id = uuid.uuid4()
    number, index = _free_place()
    address = Address(
        site=settings.SITE_URL,
        did=signing.issuer_did(),
        certificate=queries.verify_url(public_id),
        status_list=queries.status_list_url(number),
        status_index=index,
    )
    holder = name_of(expert.user.get_full_name(), name_shown)
    document = document_of(facts, holder=holder, address=address, valid_from=signing.moment(now))
    text = offline.canonical(signing.sign(document, now=now))
    return Certificate.objects.create(
        public_id=public_id,
        expert=expert,
        field=field,
        name_shown=name_shown,
        as_of=now,
        document=text.decode(),
        sha256=hashlib.sha256(text).hexdigest(),
        key_id=signing.signing_key_id(),
        list_number=number,
        list_index=index,
        supersedes=queries.latest_of(expert, field),
    )


def _free_place() -> tuple[int, int]:
    """Return (list, index) of a place nobody has, by chance, so that a place tells nothing of the order of issue."""
    number = 1
    while queries.places_taken(number) >= LIST_PLACES // 2:
        number += 1
    for _ in range(100):  # Half of the places are free at least, so the first three nearly always find one.
        index = secrets.randbelow(LIST_PLACES)
        if not Certificate.objects.filter(list_number=number, list_index=index).exists():
            return number, index
    raise RuntimeError("No free place was found in a revocation list that is half empty.")


@transaction.atomic(durable=True)
def revoke_certificate(*, certificate_id: UUID, reason: str, words: str, by: User, now: datetime) -> Revocation:
    """
    Take a certificate back for good; everybody who checks it sees that and the reason.

    :param words: for the holder and staff; staff must write some.
    :raises NotAllowed: if `by` may not revoke it for this reason.
    :raises Invalid: if staff give no reason in words.
    :raises WrongState: if it was revoked before.
    """
    certificate = _locked(certificate_id)
    policies.require_revoker(by, certificate, reason)
    is_holder = certificate.expert.user_id == by.pk
    if not is_holder and len(words.strip()) < REASON_MIN_CHARS:
        raise Invalid(f"Say why in at least {REASON_MIN_CHARS} characters. Its holder reads it.", field="words")
    if Revocation.objects.filter(certificate=certificate).exists():
        raise WrongState("This certificate was revoked before. That cannot be undone; a new one can be issued.")
    return _revoke(certificate, reason=reason, words=words, by=by, now=now)


def _revoke(certificate: Certificate, *, reason: str, words: str, by: Actor, now: datetime) -> Revocation:
    person = by if isinstance(by, User) else None
    revocation = Revocation.objects.create(
        certificate=certificate, reason=reason, words=words.strip(), at=now, by=person
    )
    record(what="standing.revoke_certificate", by=by, about=certificate, now=now, after={"reason": reason})
    if (person is None or person.pk != certificate.expert.user_id) and reason != RevocationReason.ERASED:
        notify(
            user=certificate.expert.user,
            kind="certificates",
            title=f"Your certificate “{certificate}” was revoked",
            body=f"{revocation.get_reason_display()}. {words}\n\nWho checks it sees that it does not count any more. You can "
            "issue a new one that says what is so now.",
            path="/me/certificates/",
            button="Open your certificates",
            now=now,
        )
    return revocation


def follow_credentials(*, now: datetime) -> int:
    """
    Revoke the certificates that name a credential which has fallen, lapsed or was withdrawn; return how many. Run by a
    sweep, which reads off the rows what is due, so no fall is missed and a kill loses nothing.
    """
    ids = list(queries.fallen().values_list("public_id", flat=True)[:SWEEP_LIMIT])
    return each(ids, lambda public_id: _follow(public_id, now=now), sweep="standing.credentials")


@transaction.atomic(durable=True)
def _follow(certificate_id: UUID, *, now: datetime) -> bool:
    certificate = _locked(certificate_id)
    if not queries.fallen().filter(pk=certificate.pk).exists():
        return False
    words = "Look at your credentials to see which one and why."
    _revoke(certificate, reason=RevocationReason.CREDENTIAL_FELL, words=words, by=RULE, now=now)
    return True


@transaction.atomic(durable=True)
def erase_certificates(*, expert_id: UUID, by: Actor, now: datetime) -> int:
    """
    Empty every document of a person and revoke what is not revoked; return how many. Part of erasing a person.

    The places in the revocation lists stay, so copies that others hold say revoked when they are checked.
    """
    rows = Certificate.objects.filter(expert__public_id=expert_id).exclude(document="").order_by("pk")
    held = list(rows.select_for_update(of=("self",), no_key=True).select_related("expert__user", "field"))
    for certificate in held:
        if not Revocation.objects.filter(certificate=certificate).exists():
            _revoke(certificate, reason=RevocationReason.ERASED, words="", by=by, now=now)
        certificate.document = ""
        certificate.save(update_fields=["document"])
    return len(held)


def _locked(certificate_id: UUID) -> Certificate:
    rows: Any = Certificate.objects.select_for_update(of=("self",), no_key=True)
    certificate: Certificate = rows.select_related("expert__user", "field").get(public_id=certificate_id)
    return certificate
