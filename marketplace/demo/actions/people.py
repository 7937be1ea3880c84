"""The people of the demonstration world: personas to sign in as, and four hundred experts."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Permission
from django.db import transaction

from experts.profiles.models import (
    EducationEntry,
    Expert,
    ExpertField,
    ExpertLanguage,
    Field,
    FreeHours,
    WorkEntry,
)
from experts.profiles.queries import PRESETS, to_ranges
from marketplace.accounts.enums import StaffRoleKind
from marketplace.accounts.models import StaffRole, User
from marketplace.demo.queries import PASSWORD, PERSONAS
from marketplace.demo.world.labs import LABS
from marketplace.demo.world.names import COUNTRIES, DEGREES, EMPLOYERS, FAMILY, GIVEN, HEADLINES, ZONES

EXPERTS = 400
DOMAIN = "demo.preceptor.example"
STAFF = {
    "vetting": StaffRoleKind.VETTING,
    "second-vetter": StaffRoleKind.VETTING,
    "preparer": StaffRoleKind.FINANCE_PREPARER,
    "approver": StaffRoleKind.FINANCE_APPROVER,
    "support": StaffRoleKind.SUPPORT,
}
SECOND_VETTER = "rafael.brandt@demo.preceptor.example"
SUPPORT_READS = ("user", "emailaddress", "staffrole", "emailmessage", "lab", "project")
"""The tables that support looks things up in, in Django's admin, where nothing of them can be changed."""

ABOUT = (
    "I have worked in {field} for {years} years and teach it where I can. I write plainly, say when I do not know, "
    "and would rather correct one answer well than skim ten.\n\n- Comfortable with long, careful reviews\n"
    "- Sources named with every correction\n"
)


@dataclass(frozen=True, slots=True)
class Invented:
    """An expert as invented: the first field is what they are."""

    email: str
    name: str
    country: str
    fields: list[Field]

    @property
    def group(self) -> str:
        """The code of the field above the first one, such as "medicine"."""
        above = self.fields[0].parent
        return above.code if above else ""


@transaction.atomic(durable=True)
def make_people(*, now: datetime) -> None:
    """Make every account of the world, all or none. One password hash serves all."""
    if User.objects.filter(email=SECOND_VETTER).exists():
        return
    password = make_password(PASSWORD)
    for persona in PERSONAS:
        zone = "America/New_York" if persona.slug == "expert" else "Europe/London"
        _user(persona.email, persona.name, password, zone=zone)
    _user(SECOND_VETTER, "Rafael Brandt", password)
    for lab in LABS:
        if not User.objects.filter(email=address_of(lab.owner)).exists():
            _user(address_of(lab.owner), lab.owner, password)
    people = personas()
    User.objects.filter(pk=people["admin"].pk).update(is_staff=True, is_superuser=True)
    StaffRole.objects.bulk_create(
        StaffRole(user=people[slug], role=role, granted_at=now) for slug, role in STAFF.items()
    )
    _let_support_look(people["support"])
    _make_experts(password, now=now)
    EmailAddress.objects.bulk_create(
        EmailAddress(user=user, email=user.email, verified=True, primary=True)
        for user in User.objects.filter(is_demonstration=True)
    )


def personas() -> dict[str, User]:
    """Return the people who can be signed in as, and the second vetter, by their slug."""
    slugs = {persona.email: persona.slug for persona in PERSONAS} | {SECOND_VETTER: "second-vetter"}
    return {slugs[user.email]: user for user in User.objects.filter(email__in=slugs)}


def address_of(name: str) -> str:
    """Return the e-mail address of a founder of a lab."""
    return f"{'.'.join(name.lower().replace('-', '').split())}@{DOMAIN}"


def _user(email: str, name: str, password: str, *, zone: str = "UTC") -> User:
    return User.objects.create(email=email, full_name=name, password=password, time_zone=zone, is_demonstration=True)


def _let_support_look(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_staff=True)
    reads = [f"view_{name}" for name in SUPPORT_READS]
    user.user_permissions.set(Permission.objects.filter(codename__in=reads))


# ---------------------------------------------------------------------------------------------------------- experts


def invent() -> list[Invented]:
    """Invent the experts: the same ones each time, whatever has become of their profiles since."""
    chance = random.Random(47)
    fields = list(Field.objects.filter(parent__isnull=False).select_related("parent").order_by("tree_order"))
    return [
        Invented(
            email=f"expert{number + 1:03d}@{DOMAIN}",
            name=f"{GIVEN[number % len(GIVEN)]} {FAMILY[(number * 7 + number // len(GIVEN)) % len(FAMILY)]}",
            country=chance.choice(COUNTRIES),
            fields=_fields_of(number, fields, chance),
        )
        for number in range(EXPERTS)
    ]


def _fields_of(number: int, fields: list[Field], chance: random.Random) -> list[Field]:
    """A third of the experts are physicians, as on the boards that exist."""
    pool = (
        [field for field in fields if field.parent and field.parent.code == "medicine"] if number % 3 == 0 else fields
    )
    first = chance.choice(pool)
    siblings = [field for field in fields if field.parent_id == first.parent_id and field != first]
    return [first, chance.choice(siblings)] if siblings and chance.random() < 0.4 else [first]


def _make_experts(password: str, *, now: datetime) -> None:
    chance = random.Random(48)
    invented = invent()
    users = User.objects.bulk_create(
        User(
            email=one.email, full_name=one.name, password=password, time_zone=ZONES[one.country], is_demonstration=True
        )
        for one in invented
    )
    experts = Expert.objects.bulk_create(
        _expert(user, one, chance, now=now) for user, one in zip(users, invented, strict=True)
    )
    ExpertField.objects.bulk_create(
        ExpertField(expert=expert, field=field, years=max(1, (expert.years_experience or 2) - place * 3))
        for expert, one in zip(experts, invented, strict=True)
        for place, field in enumerate(one.fields)
    )
    ExpertLanguage.objects.bulk_create(
        ExpertLanguage(expert=expert, code="en", level=chance.choice(["NATIVE", "C2", "C1"])) for expert in experts
    )
    _write_histories(experts, invented, now=now)


def _write_histories(experts: list[Expert], invented: list[Invented], *, now: datetime) -> None:
    """A degree, one job or two, and the hours in which they can work, for all but every seventh."""
    chance = random.Random(49)
    told = [pair for number, pair in enumerate(zip(experts, invented, strict=True)) if number % 7]
    study, work, free = [], [], []
    for expert, one in told:
        began = now.year - (expert.years_experience or 2)
        field, moved = one.fields[0].name, began + (expert.years_experience or 2) // 2
        towns = chance.sample(EMPLOYERS, 2)
        study.append(EducationEntry(expert=expert, school="Invented University", degree=chance.choice(DEGREES), subject=field,
                                    from_month=date(began - 6, 9, 1), to_month=date(began - 1, 7, 1)))  # fmt: skip
        if moved > began:
            work.append(WorkEntry(expert=expert, title=f"{field}, junior", organisation=towns[0],
                                  from_month=date(began, 1, 1), to_month=date(moved, 3, 1)))  # fmt: skip
        work.append(WorkEntry(expert=expert, title=f"{field}, senior", organisation=towns[1],
                              from_month=date(moved, 4, 1) if moved > began else date(began, 1, 1)))  # fmt: skip
        free += [FreeHours(expert=expert, weekday=one.weekday, from_hour=one.from_hour, to_hour=one.to_hour)
                 for one in to_ranges(PRESETS[chance.choice(["evenings", "office", "weekend"])])]  # fmt: skip
    EducationEntry.objects.bulk_create(study)
    WorkEntry.objects.bulk_create(work)
    FreeHours.objects.bulk_create(free)


def _expert(user: User, one: Invented, chance: random.Random, *, now: datetime) -> Expert:
    years = chance.randint(3, 28)
    field = one.fields[0]
    headline = HEADLINES.get(one.group, "{field}, practitioner").format(field=field.name)
    joined = now - timedelta(days=chance.randint(10, 400))
    return Expert(
        user=user,
        headline=headline[:120],
        about=ABOUT.format(field=field.name.lower(), years=years),
        country=one.country,
        years_experience=years,
        rate_desired_minor=chance.randrange(50, 260, 10) * 100,
        weekly_hours=chance.choice([5, 8, 10, 15, 20]),
        open_to_work=chance.random() < 0.9,
        created_at=joined,
        updated_at=joined,
    )
