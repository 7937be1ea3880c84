"""Who may do what in a lab: asked by every room of the work."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db.models import QuerySet
from django.http import Http404

from marketplace.accounts.models import User
from marketplace.kernel.actors import Actor
from marketplace.kernel.errors import NotAllowed
from projects.labs.enums import MANAGING_ROLES, REVIEWING_ROLES, Scope
from projects.labs.models import ApiKey, Invitation, Lab, Membership


def lab_or_404(actor: Actor, slug: str) -> Lab:
    """
    Return the lab of a dashboard address, for its members only.

    :raises Http404: the same for a foreign lab and for none.
    """
    lab: Lab | None = Lab.objects.visible_to(actor).filter(slug=slug).first()
    if lab is None:
        raise Http404
    return lab


def money_lab_or_404(actor: Actor, slug: str) -> Lab:
    """
    Return the lab for a page about its money, which owners and managers see (design 2.1).

    :raises Http404: for whoever is no member.
    :raises NotAllowed: for members of other roles.
    """
    lab = lab_or_404(actor, slug)
    require_manager(lab, actor, "Money is for owners and managers of the lab.")
    return lab


def role_in(lab: Lab, actor: Actor) -> str | None:
    """Return the person's role in the lab, or None."""
    if not isinstance(actor, User):
        return None
    return Membership.objects.filter(lab=lab, user=actor).values_list("role", flat=True).first()


def may_manage(lab: Lab, actor: Actor, *, scope: str = Scope.PROJECTS_WRITE) -> bool:
    """Whether the actor may change projects, hire and spend: an owner or manager, or a key with the scope."""
    if isinstance(actor, ApiKey):
        return actor.lab_id == lab.pk and actor.may(scope)
    return role_in(lab, actor) in MANAGING_ROLES


def may_review(lab: Lab, actor: Actor) -> bool:
    """Whether the person may review work of the lab. Keys never review: people do."""
    return role_in(lab, actor) in REVIEWING_ROLES


def require_manager(lab: Lab, actor: Actor, sentence: str, *, scope: str = Scope.PROJECTS_WRITE) -> None:
    """
    Let owners, managers and keys with the scope pass.

    :raises NotAllowed: with the sentence for everybody else.
    """
    if not may_manage(lab, actor, scope=scope):
        raise NotAllowed(sentence)


def managers_of(lab: Lab) -> QuerySet[User]:
    """Return the people who decide for the lab, for notices."""
    deciding = Membership.objects.filter(lab=lab, role__in=sorted(MANAGING_ROLES)).values("user")
    return User.objects.filter(pk__in=deciding, is_active=True).order_by("pk")


def memberships_of(user: User) -> QuerySet[Membership]:
    """Return the labs of a person with the role in each, by name."""
    return Membership.objects.filter(user=user).select_related("lab").order_by("lab__name", "pk")


def members_of(lab: Lab) -> QuerySet[Membership]:
    """Return who belongs to the lab, in the order in which they joined."""
    return Membership.objects.filter(lab=lab).select_related("user").order_by("joined_at", "pk")


def hash_of_token(token: str) -> str:
    """Return what is kept of the token of an invitation."""
    return hashlib.sha256(token.encode()).hexdigest()


def invitation_of(token: str) -> Invitation | None:
    """Return the invitation that a link of an e-mail opens; None if it is none of ours, or was sent again since."""
    rows = Invitation.objects.select_related("lab", "invited_by")
    return rows.filter(token_sha256=hash_of_token(token)).first()


def has_address(user: User, email: str) -> bool:
    """Whether this is a verified address of the person."""
    return EmailAddress.objects.filter(user=user, email__iexact=email, verified=True).exists()


def is_member_address(lab: Lab, email: str) -> bool:
    """Whether a member of the lab has this verified address."""
    owners = EmailAddress.objects.filter(email__iexact=email, verified=True).values("user")
    return Membership.objects.filter(lab=lab, user__in=owners).exists()


def needs_second_factor(user: User) -> str | None:
    """Return why a lab's owner or manager signs in with a second factor; None for everybody else."""
    if Membership.objects.filter(user=user, role__in=sorted(MANAGING_ROLES)).exists():
        return "Owners and managers of a lab can spend its money, so they sign in with a second factor."
    return None


def names_of_labs(refs: Iterable[UUID]) -> dict[UUID, str]:
    """Return what finance calls the labs with these public ids, as owners of accounts."""
    return dict(Lab.objects.filter(public_id__in=list(refs)).values_list("public_id", "name"))
