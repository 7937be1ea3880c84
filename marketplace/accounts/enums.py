"""Roles that staff can hold. A person may hold several, but never both sides of one pay run."""

from django.db import models


class StaffRoleKind(models.TextChoices):
    VETTING = "VETTING", "Vetting"
    FINANCE_PREPARER = "FINANCE_PREPARER", "Finance, prepares"
    FINANCE_APPROVER = "FINANCE_APPROVER", "Finance, approves"
    SUPPORT = "SUPPORT", "Support"


FINANCE_ROLES = frozenset({StaffRoleKind.FINANCE_PREPARER, StaffRoleKind.FINANCE_APPROVER})

SECOND_FACTOR_COLUMN = "mfa_authenticator.data"
"""Where the secrets of authenticator apps and recovery codes stand: the associated data that they are sealed with."""
