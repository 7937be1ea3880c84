"""Finding certificates, and saying whether they hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext

from experts.credentials.models import Credential
from experts.profiles.models import Expert, Field
from marketplace.accounts.models import User
from projects.standing import offline, signing
from projects.standing.enums import NAMED_STEPS
from projects.standing.models import Certificate, CertificateCredential, Revocation
from projects.standing.shapes import CONTEXT, Read, read_document


@dataclass(frozen=True, slots=True)
class Shown:
    """
    A certificate as the page for visitors shows it: what it says, and what we found.

    `state` is "valid", "revoked", "superseded", "erased", or what `offline` calls a document that does not verify.
    """

    state: str
    sentence: str
    read: Read
    certificate: Certificate | None = None


def certificate_for(certificate_id: UUID) -> Certificate | None:
    """Return a certificate by its address, which is all that a visitor needs to know."""
    found: Certificate | None = Certificate.objects.with_ends().filter(public_id=certificate_id).first()
    return found


def certificates_of(expert: Expert) -> list[Certificate]:
    """Return the expert's certificates, the newest first."""
    return list(Certificate.objects.of_expert(expert).with_ends().order_by("-as_of", "-pk"))


def latest_of(expert: Expert, field: Field | None) -> Certificate | None:
    """Return the one that a new one for the same work would follow."""
    found: Certificate | None = (
        Certificate.objects.of_expert(expert).standing().filter(field=field).order_by("-as_of", "-pk").first()
    )
    return found


def found_certificates(user: User, text: str) -> QuerySet[Certificate]:
    """Return what a member of staff looks for, by the holder's name or the id in the address, the newest first."""
    rows = Certificate.objects.visible_to(user).with_ends()
    if text:
        try:
            rows = rows.filter(public_id=UUID(text.rstrip("/").rpartition("/")[2]))
        except ValueError:
            rows = rows.filter(expert__user__full_name__icontains=text)
    found: QuerySet[Certificate] = rows
    return found


def shown_certificate(document: dict[str, Any], certificate: Certificate | None) -> Shown:
    """
    Say whether a document holds, from its signature and from what we know of the certificate it claims to be.

    :param document: what was read, from our own row or from somebody's file.
    :param certificate: our row with the same id, if there is one.
    """
    if certificate is not None and not document:
        return Shown(
            "erased", "Its holder had their data erased, so nothing of it is left.", read_document({}), certificate
        )
    verdict = offline.check(document, signing.did_document())
    if not verdict.holds:
        return Shown(verdict.state, verdict.sentence, read_document({}), None)
    read = read_document(document)
    if certificate is None:
        return Shown("unknown", "The signature is right, but we have no such certificate.", read)
    if certificate.ended is not None:
        return Shown("revoked", certificate.ended.get_reason_display(), read, certificate)
    if certificate.newer is not None:
        return Shown(
            "superseded", "What it says was right on its day. A newer one was issued since.", read, certificate
        )
    return Shown("valid", "The signature is right, and it was not revoked.", read, certificate)


def found_pages(user: User, text: str) -> list[tuple[str, str, str]]:
    """Return our pages for experts that a text names, for the palette."""
    pages = ((gettext("Certificates"), "standing:certificates"), (gettext("Invite experts"), "standing:referrals"))
    return [(label, gettext("Page"), reverse(name)) for label, name in pages if text.lower() in label.lower()]


# ---------------------------------------------------------------------------------------------------------- addresses


def verify_url(certificate_id: UUID) -> str:
    """Return the address under which anybody may check it: what its document and its QR code carry."""
    return settings.SITE_URL + reverse("standing:verify_one", args=[certificate_id])


def status_list_url(number: int) -> str:
    return settings.SITE_URL + reverse("standing:revocations", args=[number])


# --------------------------------------------------------------------------------------------------- revocation lists


def places_taken(number: int) -> int:
    return Certificate.objects.filter(list_number=number).count()


def revocation_list(number: int, *, now: datetime) -> dict[str, Any] | None:
    """
    Return a revocation list, signed now (W3C Bitstring Status List 1.0); None if no certificate stands in it yet.

    A bit says revoked and nothing else: not whose, not why.
    """
    if number != 1 and not Certificate.objects.filter(list_number=number).exists():
        return None
    address = status_list_url(number)
    document = {
        "@context": CONTEXT[:1],
        "id": address,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": signing.issuer_did(),
        "validFrom": signing.moment(now),
        "credentialSubject": {
            "id": f"{address}#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": offline.to_bits(Revocation.objects.places_in(number)),
        },
    }
    return signing.sign(document, now=now)


def fallen() -> QuerySet[Certificate]:
    """Return the standing certificates that name a credential which does not stand on that step any more."""
    is_lost = Q(pk__in=[])
    for step in NAMED_STEPS:
        good = Credential.objects.counting().filter(public_id=OuterRef("credential_ref")).at_least_at(step)
        is_lost |= Q(Q(step=step), ~Exists(good))
    lost = CertificateCredential.objects.filter(is_lost).values("certificate")
    rows: QuerySet[Certificate] = Certificate.objects.filter(pk__in=lost, revocation__isnull=True).order_by("pk")
    return rows
