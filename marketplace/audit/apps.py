from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "marketplace.audit"
    label = "audit"
    verbose_name = "Audit trail"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from marketplace.audit import receivers  # noqa: F401 -- connects them
        from marketplace.audit.actions import broken_links, seal_events
        from marketplace.audit.personal import ROOM
        from marketplace.kernel import personal, registry

        personal.register(ROOM)
        registry.sweeps["audit.seal"] = lambda now: seal_events(now=now)
        registry.invariants["audit chain is unbroken"] = broken_links
