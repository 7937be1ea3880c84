"""The people of the demonstration world: personas to sign in as, and four hundred experts."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db import transaction

from experts.profiles.models import Expert, ExpertField, ExpertLanguage, Field
from marketplace.accounts.enums import StaffRoleKind
from marketplace.accounts.models import StaffRole, User
from marketplace.demo.queries import PASSWORD, PERSONAS
from marketplace.demo.world.names import COUNTRIES, FAMILY, GIVEN, HEADLINES, ZONES

EXPERTS = 400
DOMAIN = "demo.preceptor.example"
STAFF = {
    "vetting": StaffRoleKind.VETTING,
    "preparer": StaffRoleKind.FINANCE_PREPARER,
    "approver": StaffRoleKind.FINANCE_APPROVER,
}
SECOND_VETTER = "rafael.brandt@demo.preceptor.example"
ABOUT = (
    "I have worked in {field} for {years} years and teach it where I can. I write plainly, say when I do not know, "
    "and would rather correct one answer well than skim ten.\n\n- Comfortable with long, careful reviews\n"
    "- Sources named with every correction\n"
)


@transaction.atomic(durable=True)
def make_people(*, now: datetime) -> dict[str, User]:
    """Make every account of the world; return the personas by their slug. One password hash serves all."""
    password = make_password(PASSWORD)
    people: dict[str, User] = {}
    for persona in PERSONAS:
        name = persona.who.removeprefix("Dr ").partition(",")[0]
        zone = "America/New_York" if persona.slug == "expert" else "Europe/London"
        people[persona.slug] = _user(persona.email, name, password, zone=zone)
    people["second-vetter"] = _user(SECOND_VETTER, "Rafael Brandt", password)
    User.objects.filter(pk=people["admin"].pk).update(is_staff=True, is_superuser=True)
    roles = [StaffRole(user=people[slug], role=role, granted_at=now) for slug, role in STAFF.items()]
    roles.append(StaffRole(user=people["second-vetter"], role=StaffRoleKind.VETTING, granted_at=now))
    StaffRole.objects.bulk_create(roles)
    _make_experts(password, now=now)
    EmailAddress.objects.bulk_create(
        EmailAddress(user=user, email=user.email, verified=True, primary=True)
        for user in User.objects.filter(is_demonstration=True)
    )
    return people


def make_owner(name: str, *, password: str) -> User:
    """Make the founder of a lab."""
    email = f"{'.'.join(name.lower().replace('-', '').split())}@{DOMAIN}"
    user = User.objects.filter(email=email).first() or _user(email, name, password)
    EmailAddress.objects.get_or_create(user=user, email=email, defaults={"verified": True, "primary": True})
    return user


def _user(email: str, name: str, password: str, *, zone: str = "UTC") -> User:
    return User.objects.create(email=email, full_name=name, password=password, time_zone=zone, is_demonstration=True)


def _make_experts(password: str, *, now: datetime) -> None:
    chance = random.Random(47)
    fields = list(Field.objects.filter(parent__isnull=False).select_related("parent").order_by("tree_order"))
    users, experts = [], []
    for number in range(EXPERTS):
        country = chance.choice(COUNTRIES)
        name = f"{GIVEN[number % len(GIVEN)]} {FAMILY[(number * 7 + number // len(GIVEN)) % len(FAMILY)]}"
        email = f"expert{number + 1:03d}@{DOMAIN}"
        users.append(
            User(email=email, full_name=name, password=password, time_zone=ZONES[country], is_demonstration=True)
        )
    User.objects.bulk_create(users)
    chosen = [_fields_of(number, fields, chance) for number in range(EXPERTS)]
    for number, user in enumerate(users):
        experts.append(_expert(user, chosen[number][0], chance, now=now))
    Expert.objects.bulk_create(experts)
    ExpertField.objects.bulk_create(
        ExpertField(expert=expert, field=field, years=max(1, (expert.years_experience or 2) - place * 3))
        for expert, own in zip(experts, chosen, strict=True)
        for place, field in enumerate(own)
    )
    ExpertLanguage.objects.bulk_create(
        ExpertLanguage(expert=expert, code="en", level=chance.choice(["NATIVE", "C2", "C1"])) for expert in experts
    )


def _fields_of(number: int, fields: list[Field], chance: random.Random) -> list[Field]:
    """A third of the experts are physicians, as on the boards that exist."""
    pool = (
        [field for field in fields if field.parent and field.parent.code == "medicine"] if number % 3 == 0 else fields
    )
    first = chance.choice(pool)
    siblings = [field for field in fields if field.parent_id == first.parent_id and field != first]
    return [first, chance.choice(siblings)] if siblings and chance.random() < 0.4 else [first]


def _expert(user: User, field: Field, chance: random.Random, *, now: datetime) -> Expert:
    years = chance.randint(3, 28)
    group = field.parent.code if field.parent else ""
    headline = HEADLINES.get(group, "{field}, practitioner").format(field=field.name)
    joined = now - timedelta(days=chance.randint(10, 400))
    return Expert(
        user=user,
        headline=headline[:120],
        about=ABOUT.format(field=field.name.lower(), years=years),
        country=next(code for code, zone in ZONES.items() if zone == user.time_zone),
        years_experience=years,
        rate_desired_minor=chance.randrange(50, 260, 10) * 100,
        weekly_hours=chance.choice([5, 8, 10, 15, 20]),
        open_to_work=chance.random() < 0.9,
        created_at=joined,
        updated_at=joined,
    )
