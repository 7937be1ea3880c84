"""Django's admin shows labs and projects and changes nothing."""

from __future__ import annotations

import pytest

from marketplace.accounts.models import User
from projects.labs.models import ApiKey, Lab, Membership
from projects.listings.models import Project, Terms
from tests.factories.projects_labs import browse, give_second_factor, make_key, make_lab, make_person
from tests.factories.projects_listings import make_gig

pytestmark = pytest.mark.django_db


@pytest.mark.full
def test_an_administrator_looks_and_cannot_change() -> None:
    lab = make_lab()
    gig, (key, _text) = make_gig(lab), make_key(lab)
    administrator = make_person()
    User.objects.filter(pk=administrator.pk).update(is_staff=True, is_superuser=True)
    give_second_factor(administrator)
    client = browse(User.objects.get(pk=administrator.pk))

    for model, row in (
        (Lab, lab),
        (Membership, lab.memberships.get()),
        (ApiKey, key),
        (Project, gig),
        (Terms, gig.terms),
    ):
        where = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        assert client.get(where).status_code == 200
        assert client.get(f"{where}{row.pk}/change/").status_code == 200
        assert client.get(f"{where}add/").status_code == 403
        assert client.post(f"{where}{row.pk}/change/", {"name": "Other"}).status_code == 403
        assert client.post(f"{where}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert key.secret_sha256 not in client.get(f"/admin/labs/apikey/{key.pk}/change/").content.decode()
