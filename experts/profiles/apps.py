from django.apps import AppConfig


class ProfilesConfig(AppConfig):
    name = "experts.profiles"
    label = "profiles"
    verbose_name = "Profiles"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from marketplace.kernel import registry

        registry.register_navigation(
            registry.NavItem("account", "Expert profile", "user-round", "profiles:edit", order=10),
        )
