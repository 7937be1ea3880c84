"""Who can sign in, and what staff may do."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.functional import cached_property

from marketplace.accounts.enums import FINANCE_ROLES, StaffRoleKind
from marketplace.kernel.ids import new_public_id


class UserManager(BaseUserManager["User"]):
    """Makes people. Used by allauth, by `createsuperuser` and by the demonstration world."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, email: str | None) -> User:
        return self.get(email__iexact=email)


class User(AbstractBaseUser, PermissionsMixin):
    """A person who can sign in. May be an expert, a member of labs, staff, or several of these."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    email = models.EmailField(max_length=254, unique=True)
    full_name = models.CharField(max_length=120, blank=True, default="")
    time_zone = models.CharField(max_length=64, default="UTC")
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    is_demonstration = models.BooleanField(default=False)
    date_joined = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_is_unique_in_any_case")]

    def __str__(self) -> str:
        return self.full_name or self.email

    def get_full_name(self) -> str:
        return self.full_name or self.email.partition("@")[0]

    def get_short_name(self) -> str:
        return self.get_full_name().split(" ")[0]

    @property
    def actor_kind(self) -> str:
        return "user"

    @property
    def actor_ref(self) -> str:
        return str(self.public_id)

    @cached_property
    def staff_roles(self) -> frozenset[str]:
        """The staff roles of this person; one query per request."""
        return frozenset(self.role_grants.values_list("role", flat=True)) if self.pk else frozenset()

    @property
    def is_vetting_staff(self) -> bool:
        return StaffRoleKind.VETTING in self.staff_roles

    @property
    def is_support_staff(self) -> bool:
        return StaffRoleKind.SUPPORT in self.staff_roles or self.is_superuser

    @property
    def is_finance_staff(self) -> bool:
        return bool(self.staff_roles & FINANCE_ROLES)


class StaffRole(models.Model):
    """A role that was granted to a person, and by whom."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="role_grants")
    role = models.CharField(max_length=20, choices=StaffRoleKind)
    granted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    granted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "role"], name="staff_role_is_granted_once"),
            models.CheckConstraint(
                condition=~Q(granted_by=models.F("user")), name="nobody_grants_a_staff_role_to_themselves"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.role}"
