"""
What was imported from public registers: which file, how far, and the rows. They know nothing of our experts.

Rows are never deleted. What a newer list leaves out is marked with the import that did not have it any more.
"""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q

from experts.registries.enums import SHORT_NAMES, ImportState, Register, SanctionKind
from marketplace.kernel.ids import new_public_id


class RegistryImportQuerySet(models.QuerySet["RegistryImport"]):
    def of(self, register: str) -> Self:
        return self.filter(register=register)

    def running(self) -> Self:
        return self.filter(state=ImportState.RUNNING)

    def done(self) -> Self:
        """Finished imports, the one that counts now first."""
        return self.filter(state=ImportState.DONE).order_by("-pk")


class RegistryImport(models.Model):
    """
    One file, or one set of files, of a register. `position` counts the records that are in the tables for good; it moves
    in the same transaction as they do, so that a killed import goes on where it was.
    """

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    register = models.CharField(max_length=8, choices=Register)
    state = models.CharField(max_length=8, choices=ImportState, default=ImportState.RUNNING)
    file_name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveBigIntegerField()
    list_on = models.DateField()
    is_whole = models.BooleanField(default=True)  # an update of a register says nothing of what it leaves out
    position = models.PositiveBigIntegerField(default=0)
    rows_new = models.PositiveBigIntegerField(default=0)
    rows_changed = models.PositiveBigIntegerField(default=0)
    rows_same = models.PositiveBigIntegerField(default=0)
    rows_gone = models.PositiveBigIntegerField(default=0)
    rows_left_out = models.PositiveBigIntegerField(default=0)  # not of the kind that we keep
    rows_unreadable = models.PositiveBigIntegerField(default=0)
    first_unreadable = models.CharField(max_length=300, blank=True, default="")
    started_at = models.DateTimeField()
    advanced_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Any] = RegistryImportQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["register"], condition=Q(state=ImportState.RUNNING), name="register_has_one_running_import"
            ),
            models.CheckConstraint(
                condition=Q(state=ImportState.RUNNING, finished_at__isnull=True)
                | ~Q(state=ImportState.RUNNING) & Q(finished_at__isnull=False),
                name="ended_import_says_when",
            ),
        ]
        indexes = [models.Index(fields=["register", "state"], name="import_of_register")]

    def __str__(self) -> str:
        return f"{SHORT_NAMES[Register(self.register)]} of {self.list_on:%d %b %Y}"


def import_link(related_name: str = "+", **facts: Any) -> Any:
    """
    Return a link from a row to an import. Neither checked nor indexed: millions of rows change it in each import, and
    imports are never deleted.
    """
    return models.ForeignKey(
        RegistryImport,
        on_delete=models.DO_NOTHING,
        related_name=related_name,
        db_constraint=False,
        db_index=False,
        **facts,
    )


class RegistryRowQuerySet(models.QuerySet[Any]):
    def standing(self) -> Self:
        """Rows that the newest list still has."""
        return self.filter(gone_in__isnull=True)


class RegistryRow(models.Model):
    """What every imported row knows: the import that had it last, the one that changed it, the one that missed it."""

    seen_in = import_link()
    changed_in = import_link()
    gone_in = import_link(null=True, blank=True)

    objects: ClassVar[Any] = RegistryRowQuerySet.as_manager()

    class Meta:
        abstract = True

    @property
    def is_gone(self) -> bool:
        return self.gone_in_id is not None


class NppesProvider(RegistryRow):
    """
    A person in NPPES. Organisations, addresses and telephone numbers are left out: nothing here needs them.

    `licences` is a list of {"taxonomy", "number", "state", "primary"}, at most fifteen.
    """

    number = models.CharField(max_length=10, unique=True)
    last_name = models.CharField(max_length=70, blank=True, default="")
    first_name = models.CharField(max_length=70, blank=True, default="")
    middle_name = models.CharField(max_length=70, blank=True, default="")
    other_last_name = models.CharField(max_length=70, blank=True, default="")
    other_first_name = models.CharField(max_length=70, blank=True, default="")
    other_middle_name = models.CharField(max_length=70, blank=True, default="")
    credential_text = models.CharField(max_length=40, blank=True, default="")
    practice_state = models.CharField(max_length=40, blank=True, default="")
    country = models.CharField(max_length=2, blank=True, default="")
    licences = models.JSONField(default=list)
    enumerated_on = models.DateField(null=True, blank=True)
    updated_on = models.DateField(null=True, blank=True)
    deactivated_on = models.DateField(null=True, blank=True)
    reactivated_on = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.number} {self.name}"

    @property
    def name(self) -> str:
        return " ".join(part for part in (self.first_name, self.middle_name, self.last_name) if part)

    @property
    def is_deactivated(self) -> bool:
        """Whether the number was deactivated and not taken up again since."""
        off, on = self.deactivated_on, self.reactivated_on
        return off is not None and (on is None or on < off)


class FidePlayer(RegistryRow):
    """A player of FIDE's rating list. `flag` holds an i for players who are inactive."""

    number = models.CharField(max_length=10, unique=True)
    name = models.CharField(max_length=120)
    federation = models.CharField(max_length=3, blank=True, default="")
    sex = models.CharField(max_length=1, blank=True, default="")
    title = models.CharField(max_length=4, blank=True, default="")
    women_title = models.CharField(max_length=4, blank=True, default="")
    other_titles = models.CharField(max_length=60, blank=True, default="")
    rating = models.PositiveSmallIntegerField(null=True, blank=True)
    birth_year = models.PositiveSmallIntegerField(null=True, blank=True)
    flag = models.CharField(max_length=4, blank=True, default="")

    def __str__(self) -> str:
        return f"{self.number} {self.name}"

    @property
    def titles(self) -> list[str]:
        return [title for title in (self.title, self.women_title) if title]


class SanctionEntry(RegistryRow):
    """One entry of OFAC's list. Everything is kept; people are compared with people only."""

    ent_num = models.PositiveBigIntegerField(unique=True)
    name = models.CharField(max_length=350)
    kind = models.CharField(max_length=12, choices=SanctionKind, default=SanctionKind.ENTITY)
    program = models.CharField(max_length=200, blank=True, default="")
    title = models.CharField(max_length=200, blank=True, default="")
    remarks = models.TextField(blank=True, default="")

    class Meta:
        indexes = [
            models.Index(fields=["kind"], name="sanction_entries_that_stand", condition=Q(gone_in__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.ent_num})"

    @property
    def remark_lines(self) -> list[str]:
        """The remarks one by one: date and place of birth, passports, nationality."""
        return [part.strip().rstrip(".") for part in self.remarks.split(";") if part.strip()]


class SanctionAlias(RegistryRow):
    """Another name of an entry. `alias_type` is OFAC's aka, fka or nka."""

    entry = models.ForeignKey(
        SanctionEntry, to_field="ent_num", on_delete=models.DO_NOTHING, db_constraint=False, related_name="aliases"
    )
    alt_num = models.PositiveBigIntegerField(unique=True)
    alias_type = models.CharField(max_length=8, blank=True, default="")
    name = models.CharField(max_length=350)
    remarks = models.CharField(max_length=200, blank=True, default="")

    def __str__(self) -> str:
        return f"{self.alias_type} {self.name}"


class SanctionAddress(RegistryRow):
    """An address of an entry, for whoever compares a person with it."""

    entry = models.ForeignKey(
        SanctionEntry, to_field="ent_num", on_delete=models.DO_NOTHING, db_constraint=False, related_name="addresses"
    )
    add_num = models.PositiveBigIntegerField(unique=True)
    address = models.CharField(max_length=750, blank=True, default="")
    city = models.CharField(max_length=116, blank=True, default="")
    country = models.CharField(max_length=250, blank=True, default="")
    remarks = models.CharField(max_length=200, blank=True, default="")

    def __str__(self) -> str:
        return ", ".join(part for part in (self.address, self.city, self.country) if part)


ROWS_OF: dict[Register, tuple[type[RegistryRow], ...]] = {
    Register.NPPES: (NppesProvider,),
    Register.FIDE: (FidePlayer,),
    Register.OFAC: (SanctionEntry, SanctionAlias, SanctionAddress),
}
"""The tables of each register, in the order in which its files fill them."""


def missing_from(rows: type[RegistryRow], newest: RegistryImport) -> models.QuerySet[Any]:
    """Return the standing rows that this import, a whole list, did not have."""
    return rows.objects.standing().exclude(seen_in=newest)


__all__ = [
    "ROWS_OF",
    "FidePlayer",
    "NppesProvider",
    "RegistryImport",
    "RegistryRow",
    "SanctionAddress",
    "SanctionAlias",
    "SanctionEntry",
    "missing_from",
]
