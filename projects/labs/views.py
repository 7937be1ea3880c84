"""Pages of labs: founding one, its people, its keys, its settings, and what the public sees."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from experts.profiles.models import Expert
from experts.profiles.queries import country_name
from marketplace.kernel import clock
from marketplace.kernel.http import Request
from projects.labs import actions, policies, queries
from projects.labs.enums import LabRole, Scope
from projects.labs.forms import InviteForm, KeyForm, LabForm, RoleForm, SettingsForm
from projects.labs.models import ApiKey, Invitation, Lab


@login_not_required
@require_GET
def public(request: HttpRequest, slug: str) -> HttpResponse:
    """What everybody may know of a lab that does not stay anonymous. Its gigs come from the board."""
    lab = get_object_or_404(Lab.objects.filter(is_anonymous=False), slug=slug)
    expert = request.user.is_authenticated and Expert.objects.filter(user=request.user).exists()
    context = {
        "profile": lab,
        "country": country_name(lab.country),
        "is_member": request.user.is_authenticated and queries.role_in(lab, request.user) is not None,
        "layout": "layouts/expert.html" if expert else "layouts/public.html",
    }
    return render(request, "labs/public.html", context)


@require_GET
def choose(request: Request) -> HttpResponse:
    """Lead to the person's lab, or let them choose among several, or found the first one."""
    memberships = list(queries.memberships_of(request.user))
    if len(memberships) == 1:
        return redirect(dashboard_path(memberships[0].lab))
    rows = [(membership, dashboard_path(membership.lab)) for membership in memberships]
    return render(request, "labs/choose.html", {"rows": rows})


@require_http_methods(["GET", "POST"])
def create(request: Request) -> HttpResponse:
    """Found a lab."""
    form = LabForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        lab = actions.create_lab(**form.cleaned_data, by=request.user, now=clock.now())
        messages.success(request, _("%(lab)s is ready. Post its first project.") % {"lab": lab.name})
        return redirect(dashboard_path(lab))
    return render(request, "labs/create.html", {"form": form}, status=400 if form.errors else 200)


def dashboard_path(lab: Lab) -> str:
    """Return where a lab's dashboard begins; a site without the overview begins with the members."""
    try:
        return reverse("pages:lab_overview", kwargs={"slug": lab.slug})
    except NoReverseMatch:
        return reverse("labs:members", kwargs={"slug": lab.slug})


def _page(request: Request, slug: str) -> tuple[Lab, dict[str, Any]]:
    """Return the lab of the address and what each of its pages needs, or 404."""
    lab = queries.lab_or_404(request.user, slug)
    role = queries.role_in(lab, request.user)
    return lab, {"lab": lab, "lab_role": role, "may_change": policies.may_change_lab(lab, request.user)}


# ------------------------------------------------------------------------------------------------------------- people


@require_http_methods(["GET", "POST"])
def members(request: Request, slug: str) -> HttpResponse:
    """Who belongs to the lab and who is invited; owners and managers invite people here."""
    lab, context = _page(request, slug)
    form = InviteForm(request.POST or None, lab=lab)
    if request.method == "POST" and form.is_valid():
        role, email = LabRole(form.cleaned_data["role"]), form.cleaned_data["email"]
        actions.invite_member(lab_id=lab.pk, email=email, role=role, by=request.user, now=clock.now())
        messages.success(request, _("%(email)s was invited. The link works for seven days.") % {"email": email})
        return redirect("labs:members", slug)
    open_ones = Invitation.objects.visible_to(request.user).filter(lab=lab).unanswered().order_by("-pk")
    context |= {
        "memberships": queries.members_of(lab),
        "invitations": open_ones.select_related("invited_by"),
        "form": form,
        "roles": LabRole,
        "now": clock.now(),
    }
    return render(request, "labs/members.html", context, status=400 if form.errors else 200)


@require_POST
def invitation_again(request: Request, slug: str, invitation_id: UUID) -> HttpResponse:
    """Send an invitation once more; the older link is dead then."""
    row = _invitation(request, slug, invitation_id)
    actions.send_invitation_again(invitation_id=row.public_id, by=request.user, now=clock.now())
    messages.success(request, _("Sent again to %(email)s. The older link is dead.") % {"email": row.email})
    return redirect("labs:members", slug)


@require_POST
def invitation_revoke(request: Request, slug: str, invitation_id: UUID) -> HttpResponse:
    """Take an invitation back."""
    row = _invitation(request, slug, invitation_id)
    actions.revoke_invitation(invitation_id=row.public_id, by=request.user, now=clock.now())
    messages.success(request, _("The invitation of %(email)s was taken back.") % {"email": row.email})
    return redirect("labs:members", slug)


def _invitation(request: Request, slug: str, invitation_id: UUID) -> Invitation:
    lab = queries.lab_or_404(request.user, slug)
    rows = Invitation.objects.visible_to(request.user).filter(lab=lab)
    found: Invitation = get_object_or_404(rows, public_id=invitation_id)
    return found


@login_not_required
@require_http_methods(["GET", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """What the link of an invitation opens: who invites to what, as which role; accepting asks who one is."""
    invitation = queries.invitation_of(token)
    user = request.user if request.user.is_authenticated else None
    if request.method == "POST":
        if user is None:
            return redirect_to_login(request.path)
        membership = actions.accept_invitation(token=token, by=user, now=clock.now())
        messages.success(request, _("Welcome to %(lab)s.") % {"lab": membership.lab.name})
        return redirect(dashboard_path(membership.lab))
    now = clock.now()
    context = {
        "invitation": invitation,
        "is_open": invitation is not None
        and invitation.accepted_at is None
        and invitation.revoked_at is None
        and invitation.expires_at > now,
        "is_theirs": user is not None and invitation is not None and queries.has_address(user, invitation.email),
        "is_member": user is not None and invitation is not None and queries.role_in(invitation.lab, user) is not None,
        "here": request.path,
        "now": now,
    }
    return render(request, "labs/join.html", context, status=200 if invitation else 404)


@require_http_methods(["GET", "POST"])
def member_role(request: Request, slug: str, user_ref: UUID) -> HttpResponse:
    """Give a member another role."""
    lab, context = _page(request, slug)
    membership = get_object_or_404(queries.members_of(lab), user__public_id=user_ref)
    name = membership.user.get_full_name()
    form = RoleForm(request.POST or None, initial={"role": membership.role}, member=name)
    if request.method == "POST" and form.is_valid():
        role = LabRole(form.cleaned_data["role"])
        actions.change_role(lab_id=lab.pk, user_ref=user_ref, role=role, by=request.user, now=clock.now())
        messages.success(request, _("%(name)s: %(role)s.") % {"name": name, "role": role.label})
        return redirect("labs:members", slug)
    context |= {"member": membership, "form": form}
    return render(request, "labs/member_role.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def member_remove(request: Request, slug: str, user_ref: UUID) -> HttpResponse:
    """Ask, then take a person out of the lab."""
    lab, context = _page(request, slug)
    membership = get_object_or_404(queries.members_of(lab), user__public_id=user_ref)
    if request.method == "GET":
        return render(request, "labs/member_remove.html", context | {"member": membership})
    actions.remove_member(lab_id=lab.pk, user_ref=user_ref, by=request.user, now=clock.now())
    if membership.user_id == request.user.pk:
        messages.success(request, _("You left %(lab)s.") % {"lab": lab.name})
        return redirect("labs:choose")
    messages.success(request, _("%(name)s was removed.") % {"name": membership.user.get_full_name()})
    return redirect("labs:members", slug)


# --------------------------------------------------------------------------------------------------------------- keys


@require_http_methods(["GET", "POST"])
def keys(request: Request, slug: str) -> HttpResponse:
    """The lab's API keys. A new one is shown in the answer to the form and never again."""
    now = clock.now()
    lab, context = _page(request, slug)
    form = KeyForm(request.POST or None, lab=lab, now=now)
    if request.method == "POST" and form.is_valid():
        scopes = [Scope(scope) for scope in form.cleaned_data["scopes"]]
        name, days = form.cleaned_data["name"], form.cleaned_data["days"]
        key, text = actions.create_api_key(lab_id=lab.pk, name=name, scopes=scopes, days=days, by=request.user, now=now)
        return render(request, "labs/key_created.html", context | {"key": key, "text": text}, status=201)
    rows = ApiKey.objects.visible_to(request.user).filter(lab=lab).select_related("created_by").order_by("-pk")
    context |= {"keys": rows, "form": form, "now": now}
    return render(request, "labs/keys.html", context, status=400 if form.errors else 200)


@require_POST
def key_revoke(request: Request, slug: str, key_ref: UUID) -> HttpResponse:
    """Switch a key off."""
    lab = queries.lab_or_404(request.user, slug)
    key = get_object_or_404(ApiKey.objects.visible_to(request.user).filter(lab=lab), public_id=key_ref)
    actions.revoke_api_key(key_id=key.pk, by=request.user, now=clock.now())
    messages.success(request, _("The key “%(name)s” was revoked.") % {"name": key.name})
    return redirect("labs:keys", slug)


# ----------------------------------------------------------------------------------------------------------- settings


@require_http_methods(["GET", "POST"])
def settings(request: Request, slug: str) -> HttpResponse:
    """Legal name, address for invoices, anonymity, and what the lab says about itself."""
    lab, context = _page(request, slug)
    form = SettingsForm(request.POST or None, initial={name: getattr(lab, name) for name in SettingsForm.base_fields})
    if request.method == "POST" and form.is_valid():
        actions.change_settings(lab_id=lab.pk, by=request.user, now=clock.now(), **form.cleaned_data)
        messages.success(request, _("Settings saved."))
        return redirect("labs:settings", slug)
    return render(request, "labs/settings.html", context | {"form": form}, status=400 if form.errors else 200)
