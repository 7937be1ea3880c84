"""What stands on a lab's invoices, and how it reviews work."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from projects.labs.models import Lab
from tests.factories.projects_labs import browse, make_lab, owner_of

pytestmark = pytest.mark.django_db
SENT = {
    "name": "Larkfield Labs", "country": "US", "website": "", "about": "", "legal_name": "Larkfield Labs, Inc.",
    "billing_email": "ap@larkfield.example", "address": "1 Mill Lane\nLarkfield", "registration": "DE 811 907 980",
    "invoice_reference": "PO-7", "review_days": "3", "rounds_max": "1",
}  # fmt: skip


def test_settings_are_saved_and_experts_read_how_work_is_reviewed() -> None:
    lab = make_lab()

    assert browse(owner_of(lab)).post(f"/lab/{lab.slug}/settings/", SENT).status_code == 302

    lab.refresh_from_db()
    assert (lab.registration, lab.invoice_reference, lab.review_days, lab.rounds_max) == (
        "DE 811 907 980",
        "PO-7",
        3,
        1,
    )
    assert lab.address.splitlines() == ["1 Mill Lane", "Larkfield"]
    page = Client().get(f"/labs/{lab.slug}/").content.decode()
    assert "Work is reviewed within 3 days" in page
    assert "It is sent back once at most." in page
    assert "1 Mill Lane" not in page


@pytest.mark.parametrize(
    "wrong", [{"review_days": "8"}, {"review_days": "0"}, {"rounds_max": "4"}, {"rounds_max": "0"}]
)
def test_no_lab_promises_experts_less_than_preceptor_does(wrong: dict[str, str]) -> None:
    lab = make_lab()

    assert browse(owner_of(lab)).post(f"/lab/{lab.slug}/settings/", SENT | wrong).status_code == 400
    with pytest.raises(IntegrityError), transaction.atomic():
        Lab.objects.filter(pk=lab.pk).update(**{name: int(value) for name, value in wrong.items()})


def test_an_anonymous_lab_has_no_public_page() -> None:
    lab = make_lab(is_anonymous=True)

    assert Client().get(f"/labs/{lab.slug}/").status_code == 404
