"""The taxonomy in Django's admin: every change goes through an action."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from unfold.admin import ModelAdmin

from experts.profiles import actions, policies
from experts.profiles.models import Expert, Field
from marketplace.kernel import clock
from marketplace.kernel.admin import ReadOnlyAdmin


class FieldForm(forms.ModelForm):
    """A field with its synonyms one a line; only first-level fields can be above it."""

    synonyms = forms.CharField(
        required=False, widget=forms.Textarea(attrs={"rows": 6}), help_text="What people call it, one a line."
    )

    class Meta:
        model = Field
        fields = ["name", "code", "parent", "position", "synonyms"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "parent" in self.fields:
            self.fields["parent"].queryset = Field.objects.top_level()  # type: ignore[attr-defined]
        if self.instance.pk:
            self.initial["synonyms"] = "\n".join(self.instance.synonyms)

    def clean_synonyms(self) -> list[str]:
        return [line.strip() for line in self.cleaned_data["synonyms"].splitlines() if line.strip()]


@admin.register(Field)
class FieldAdmin(ModelAdmin):
    form = FieldForm
    list_display = ["name", "parent", "code", "position"]
    list_select_related = ["parent"]
    search_fields = ["name", "code", "synonyms"]
    ordering = ["tree_order"]

    def has_module_permission(self, request: HttpRequest) -> bool:
        return policies.may_edit_taxonomy(request.user)  # type: ignore[arg-type]

    def has_view_permission(self, request: HttpRequest, obj: Field | None = None) -> bool:
        return policies.may_edit_taxonomy(request.user)  # type: ignore[arg-type]

    has_add_permission = has_module_permission
    has_change_permission = has_view_permission
    has_delete_permission = has_view_permission

    def get_readonly_fields(self, request: HttpRequest, obj: Field | None = None) -> list[str]:
        return ["code"] if obj else []

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """No bulk deletion: each field is asked for by itself, so that one in use is refused in words."""
        return {}

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Hand a valid form to the action. Django's own way would save the row, inside a transaction of its own."""
        if request.method != "POST":
            return super().changeform_view(request, object_id, form_url, extra_context)
        row = self.get_object(request, unquote(object_id)) if object_id else None
        if not policies.may_edit_taxonomy(request.user) or (object_id and row is None):  # type: ignore[arg-type]
            raise PermissionDenied
        form = self.get_form(request, row, change=row is not None)(request.POST, instance=row)
        if not form.is_valid():
            return super().changeform_view(request, object_id, form_url, extra_context)
        self.message_user(request, f"{self._act(request, row, form.cleaned_data)} was saved.", messages.SUCCESS)
        return redirect("admin:profiles_field_changelist")

    def _act(self, request: HttpRequest, row: Field | None, data: dict[str, Any]) -> Field:
        parent_id = data["parent"].pk if data["parent"] else None
        facts: dict[str, Any] = {"name": data["name"], "parent_id": parent_id, "synonyms": data["synonyms"]}
        who: dict[str, Any] = {"by": request.user, "now": clock.now()}
        if row is None:
            return actions.add_field(code=data["code"], position=data["position"] or None, **facts, **who)
        return actions.edit_field(field_id=row.pk, position=data["position"], **facts, **who)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = self.get_object(request, unquote(object_id))
        if request.method != "POST" or row is None:
            return super().delete_view(request, object_id, extra_context)
        actions.remove_field(field_id=row.pk, by=request.user, now=clock.now())  # type: ignore[arg-type]
        self.message_user(request, f"{row.name} was removed.", messages.SUCCESS)
        return redirect("admin:profiles_field_changelist")


@admin.register(Expert)
class ExpertAdmin(ReadOnlyAdmin):
    """To look people up. Rates stay private and do not appear."""

    list_display = ["user", "headline", "country", "open_to_work", "created_at"]
    list_select_related = ["user"]
    search_fields = ["user__full_name", "user__email", "headline"]
    fields = ["user", "headline", "country", "years_experience", "weekly_hours", "open_to_work", "created_at"]
    readonly_fields = fields
    ordering = ["-id"]
