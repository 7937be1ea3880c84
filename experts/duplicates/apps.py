from django.apps import AppConfig


class DuplicatesConfig(AppConfig):
    name = "experts.duplicates"
    label = "duplicates"
    verbose_name = "One account per person"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from experts.duplicates import actions  # models must be ready
        from experts.duplicates.personal import ROOM
        from marketplace.kernel import personal, registry

        personal.register(ROOM)
        registry.register_navigation(registry.NavItem("vetting", "Duplicates", "users", "duplicates:queue", 16))
        registry.sweeps["duplicates.identifiers"] = lambda now: actions.take_in_due(now=now)
