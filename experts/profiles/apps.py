from django.apps import AppConfig


class ProfilesConfig(AppConfig):
    name = "experts.profiles"
    label = "profiles"
    verbose_name = "Profiles"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from experts.profiles.models import ProfileEvent
        from experts.profiles.personal import ROOM
        from experts.profiles.tasks import deliver_event
        from marketplace.kernel import personal, registry
        from marketplace.kernel.jobs import ring_due

        personal.register(ROOM)
        registry.register_navigation(
            registry.NavItem("account", "Expert profile", "user-round", "profiles:edit", order=10),
            registry.NavItem("vetting", "Fields", "shapes", "profiles:taxonomy", order=90, group="Record"),
        )
        registry.sweeps["profiles.events"] = lambda now: ring_due(
            ProfileEvent.objects.all(), now=now, ring=lambda pk: deliver_event.delay(event_id=str(pk))
        )
