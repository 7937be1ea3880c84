"""Founding a lab, and what it says about itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from marketplace.accounts.models import User
from marketplace.audit.actions import record
from marketplace.kernel.errors import Invalid, Refused
from projects.labs import policies
from projects.labs.enums import REVIEW_DAYS_MAX, ROUNDS_MAX, LabRole
from projects.labs.models import Lab, Membership

RESERVED_SLUGS = frozenset({"new", "join"})
"""Words that already mean something behind /lab/ and /labs/."""

SLUG_TRIES = 50


@transaction.atomic(durable=True)
def create_lab(*, name: str, by: User, now: datetime, country: str = "", website: str = "", about: str = "") -> Lab:
    """
    Create a lab whose first owner is the person who asks.

    :raises Refused: if no address is left for the name.
    """
    lab = _create_with_free_slug(
        name=name.strip(), country=country, website=website, about=about, created_at=now, created_by=by
    )
    Membership.objects.create(lab=lab, user=by, role=LabRole.OWNER, joined_at=now)
    record(what="labs.create_lab", by=by, about=lab, now=now, after={"name": lab.name, "slug": lab.slug})
    return lab


def _create_with_free_slug(*, name: str, **values: Any) -> Lab:
    base = slugify(name)[:50].strip("-") or "lab"
    for number in range(1, SLUG_TRIES):
        slug = base if number == 1 else f"{base}-{number}"
        if slug in RESERVED_SLUGS or Lab.objects.filter(slug=slug).exists():
            continue
        try:
            with transaction.atomic():
                return Lab.objects.create(name=name, slug=slug, **values)
        except IntegrityError:  # Somebody else took the address a moment ago; the next one is free.
            continue
    raise Refused("Too many labs have this name already. Choose another one.")


@transaction.atomic(durable=True)
def change_settings(
    *,
    lab_id: int,
    by: User,
    now: datetime,
    name: str,
    legal_name: str,
    billing_email: str,
    country: str,
    website: str,
    about: str,
    is_anonymous: bool,
    address: str = "",
    registration: str = "",
    invoice_reference: str = "",
    review_days: int = REVIEW_DAYS_MAX,
    rounds_max: int = ROUNDS_MAX,
) -> Lab:
    """
    Change what the lab says about itself, what stands on its invoices, and how it reviews work.

    A new time for reviews holds for work that is submitted from now on.

    :raises NotAllowed: if `by` is neither an owner nor a manager.
    :raises Invalid: if experts would wait longer, or have work sent back more often, than Preceptor promises them.
    """
    _require_promises(review_days=review_days, rounds_max=rounds_max)
    lab = locked_lab(lab_id)
    policies.require_changing_lab(lab, by)
    wanted = {
        "name": name.strip(),
        "legal_name": legal_name.strip(),
        "billing_email": billing_email,
        "country": country,
        "website": website,
        "about": about,
        "is_anonymous": is_anonymous,
        "address": address.strip(),
        "registration": registration.strip(),
        "invoice_reference": invoice_reference.strip(),
        "review_days": review_days,
        "rounds_max": rounds_max,
    }
    before = {field: getattr(lab, field) for field in wanted}
    changed = {field for field, value in wanted.items() if before[field] != value}
    if not changed:
        return lab
    for field in changed:
        setattr(lab, field, wanted[field])
    lab.save(update_fields=sorted(changed))
    record(
        what="labs.change_settings",
        by=by,
        about=lab,
        now=now,
        before={field: before[field] for field in changed},
        after={field: wanted[field] for field in changed},
    )
    return lab


def _require_promises(*, review_days: int, rounds_max: int) -> None:
    if not 1 <= review_days <= REVIEW_DAYS_MAX:
        raise Invalid(f"Work is reviewed within 1 to {REVIEW_DAYS_MAX} days.", field="review_days")
    if not 1 <= rounds_max <= ROUNDS_MAX:
        raise Invalid(f"Work is sent back at most 1 to {ROUNDS_MAX} times.", field="rounds_max")


def locked_lab(lab_id: int) -> Lab:
    """Return a lab with its row locked. Needs an open transaction."""
    return Lab.objects.select_for_update(of=("self",), no_key=True).get(pk=lab_id)
