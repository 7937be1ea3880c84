from django.apps import AppConfig


class LabsConfig(AppConfig):
    name = "projects.labs"
    label = "labs"
    verbose_name = "Labs"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from marketplace.kernel import personal, registry
        from projects.labs.actions import forget_old_invitations
        from projects.labs.personal import ROOM
        from projects.labs.queries import names_of_labs, needs_second_factor

        personal.register(ROOM)
        item = registry.NavItem
        registry.register_navigation(
            item("lab", "API keys", "key-round", "labs:keys", 220, "Connect", lab_scoped=True),
            item("lab", "Members", "users-round", "labs:members", 240, "Connect", lab_scoped=True),
            item("lab", "Settings", "settings", "labs:settings", 250, "Connect", lab_scoped=True),
            item("account", "Your labs", "building-2", "labs:choose", 30),
        )
        registry.register_notice_kinds(registry.NoticeKind("labs", "Labs that you belong to"))
        registry.sweeps["labs.old_invitations"] = lambda now: forget_old_invitations(now=now)
        registry.owner_names["lab"] = names_of_labs
        if needs_second_factor not in registry.second_factor_rules:
            registry.second_factor_rules.append(needs_second_factor)
