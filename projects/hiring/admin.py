"""The weights of the ranking: administrators publish another version, and nobody changes one."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest

from marketplace.kernel import clock
from marketplace.kernel.admin import ReadOnlyAdmin
from projects.hiring.actions.matching import publish_weights
from projects.hiring.figures import Weights
from projects.hiring.models import GigInvitation, MatchWeights
from projects.hiring.models.matching import PARTS


@admin.register(MatchWeights)
class MatchWeightsAdmin(ReadOnlyAdmin):
    list_display: ClassVar = ["version", *PARTS, "newcomer_percent", "published_at", "published_by"]
    list_select_related: ClassVar = ["published_by"]
    ordering: ClassVar = ["-version"]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_active and getattr(request.user, "is_superuser", False))

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Begin with the weights that count now."""
        latest = MatchWeights.objects.newest_first().first()
        return {} if latest is None else {part: getattr(latest, part) for part in (*PARTS, "newcomer_percent")}

    def save_model(self, request: HttpRequest, obj: MatchWeights, form: ModelForm[MatchWeights], change: bool) -> None:
        values = Weights(**{name: form.cleaned_data[name] for name in (*PARTS, "newcomer_percent")})
        person: Any = request.user
        published = publish_weights(values=values, reason=form.cleaned_data["reason"], by=person, now=clock.now())
        obj.pk, obj.version = published.pk, published.version


@admin.register(GigInvitation)
class GigInvitationAdmin(ReadOnlyAdmin):
    list_display: ClassVar = ["project", "state", "sent_at", "due_at", "rank", "weights"]
    list_select_related: ClassVar = ["project", "weights"]
    list_filter: ClassVar = ["state"]
    search_fields: ClassVar = ["project__title", "project__lab__name"]
    ordering: ClassVar = ["-id"]
