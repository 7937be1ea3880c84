"""The shapes of what people send in."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from experts.credentials.checkers import checker_for
from experts.credentials.enums import EXTENSIONS, CredentialKind, DocumentKind
from experts.credentials.models import Credential
from experts.credentials.shapes import SHAPES
from experts.profiles.queries import countries, us_states
from marketplace.kernel.errors import Invalid
from marketplace.kernel.uploads import MAX_DOCUMENT_BYTES, examine


class DocumentField(forms.FileField):
    """A file that passes the first door: kind, size and signature. The rest is looked at by a worker."""

    def __init__(self, *, kind: DocumentKind, **kwargs: Any) -> None:
        self.kind = kind
        accept = ",".join(f".{extension}" for extension in sorted(EXTENSIONS[kind]))
        super().__init__(widget=forms.FileInput(attrs={"accept": accept}), **kwargs)

    def clean(self, data: Any, initial: Any = None) -> UploadedFile | None:
        """
        Examine the file by name, size and first bytes.

        :raises ValidationError: with the sentence of the refusal.
        """
        if data and not data.size:
            raise forms.ValidationError(_("The file is empty: it has 0 bytes. Choose it again."))
        file: UploadedFile | None = super().clean(data, initial)
        if file:
            try:
                examine(file, allowed=EXTENSIONS[self.kind], max_bytes=MAX_DOCUMENT_BYTES)
            except Invalid as refused:
                raise forms.ValidationError(refused.sentence) from refused
        return file


class ResumeForm(forms.Form):
    """The résumé."""

    file = DocumentField(
        kind=DocumentKind.RESUME, label=gettext_lazy("Résumé"), help_text=gettext_lazy("PDF or DOCX, at most 10 MB.")
    )


class EvidenceForm(forms.Form):
    """A document behind a credential."""

    file = DocumentField(
        kind=DocumentKind.EVIDENCE, label=gettext_lazy("Document"),
        help_text=gettext_lazy("PDF, DOCX, PNG or JPEG, at most 10 MB."),
    )  # fmt: skip


class UploadStartForm(forms.Form):
    """A file that will come in pieces, as the page's script announces it."""

    kind = forms.ChoiceField(choices=DocumentKind.choices)
    credential = forms.UUIDField(required=False)
    name = forms.CharField(max_length=1000, strip=False)
    size = forms.IntegerField(min_value=0)
    sha256 = forms.CharField(max_length=64)

    def clean_name(self) -> str:
        return str(self.cleaned_data["name"]).replace("\x00", "")


class PieceForm(forms.Form):
    """Where a piece begins."""

    offset = forms.IntegerField(min_value=0)


class RenewalForm(forms.Form):
    """Until when the same credential was renewed, with the document that says so."""

    expires_on = forms.DateField(label=gettext_lazy("New last day"), widget=forms.DateInput)
    file = DocumentField(
        kind=DocumentKind.EVIDENCE, required=False, label=gettext_lazy("Document"),
        help_text=gettext_lazy("PDF, DOCX, PNG or JPEG, at most 10 MB. You can add it later."),
    )  # fmt: skip

    def __init__(self, *args: Any, credential: Credential, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.credential, self.today = credential, today

    def clean_expires_on(self) -> date:
        day: date = self.cleaned_data["expires_on"]
        old = self.credential.expires_on
        if old is not None and day <= old:
            raise forms.ValidationError(_("It must end after %(day)s.") % {"day": f"{old:%d %b %Y}"})
        if day < self.today:
            raise forms.ValidationError(_("That day has passed already."))
        return day


class CredentialForm(forms.Form):
    """One kind of credential: `credentials.shapes` says which of these fields it has."""

    title = forms.CharField(max_length=160, label=gettext_lazy("Title"))
    issuer = forms.CharField(max_length=160, label=gettext_lazy("Issued by"))
    country = forms.ChoiceField(label=gettext_lazy("Country"), initial="US")
    region = forms.CharField(max_length=40, label=gettext_lazy("State or province"))
    number = forms.CharField(
        max_length=80, label=gettext_lazy("Number"), widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    awarded_year = forms.IntegerField(min_value=1930, max_value=2100, label=gettext_lazy("Year"))
    expires_on = forms.DateField(label=gettext_lazy("Expires on"), widget=forms.DateInput)
    file = DocumentField(
        kind=DocumentKind.EVIDENCE, label=gettext_lazy("Document"),
        help_text=gettext_lazy("PDF, DOCX, PNG or JPEG, at most 10 MB. You can add it later."),
    )  # fmt: skip

    def __init__(self, *args: Any, kind: CredentialKind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        shape = SHAPES[kind]
        self.fields["country"].choices = [("", _("Choose a country")), *countries().items()]  # type: ignore[attr-defined]
        self.fields = {name: self.fields[name] for name in shape.fields}
        for name, field in self.fields.items():
            field.required = name in shape.needed
            field.label = shape.labels.get(name, field.label)
            field.help_text = shape.hints.get(name, field.help_text)

    def clean_region(self) -> str:
        region = str(self.cleaned_data["region"]).strip()
        if self.cleaned_data.get("country") != "US":
            if len(region) > 10:
                raise forms.ValidationError(_("Use the short form, at most 10 characters."))
            return region.upper() if len(region) <= 3 else region
        by_name = {name.lower(): code for code, name in us_states().items()}
        code = region.upper() if region.upper() in us_states() else by_name.get(region.lower(), "")
        if not code:
            raise forms.ValidationError(_("Write a US state as two letters, for example MA."))
        return code

    def clean(self) -> dict[str, Any]:
        """Let the checker look at the number, so that a slip of the hand is said next to its field."""
        data = super().clean() or self.cleaned_data
        if data.get("number"):
            facts = {name: data.get(name) or "" for name in ("country", "region")}
            checker = checker_for(self.kind)
            outcome = checker.check(Credential(kind=self.kind, number=checker.normalise(data["number"]), **facts))
            if outcome.ok is False and outcome.is_certain:
                self.add_error("number", outcome.explanation)
        return data

    def facts(self) -> dict[str, Any]:
        """Return what `declare_credential` takes."""
        return {name: value for name, value in self.cleaned_data.items() if name != "file" and value not in (None, "")}
