from django.apps import AppConfig


class SupportConfig(AppConfig):
    name = "marketplace.support"
    label = "support"
    verbose_name = "Support"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from marketplace.kernel import personal, registry
        from marketplace.support.personal import ROOM

        personal.register(ROOM)
        registry.register_notice_kinds(registry.NoticeKind("support", "Support looking at your pages", essential=True))
        registry.register_navigation(
            registry.NavItem("support", "People", "users", "support:people", 5),
            registry.NavItem("support", "Who looked", "eye", "support:looks", 6),
        )
