"""What the gateway knows of Stripe's events."""

from django.db import models


class EventSource(models.TextChoices):
    ACCOUNT = "ACCOUNT", "Our own account"
    CONNECT = "CONNECT", "A connected account"
    THIN = "THIN", "A v2 thin event"
    SWEEP = "SWEEP", "Found by the sweep of missed events"
