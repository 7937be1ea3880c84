from django.apps import AppConfig


class PagesConfig(AppConfig):
    name = "marketplace.pages"
    label = "pages"
    verbose_name = "Pages"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from marketplace.kernel import registry

        item = registry.NavItem
        registry.register_navigation(
            item("expert", "Home", "house", "pages:expert_home", 10),
            item("lab", "Overview", "gauge", "pages:lab_overview", 10, "Work", lab_scoped=True),
            item("public", "How it works", "info", "pages:how_it_works", 20),
            item("foot", "How pay works", "info", "pages:how_pay_works", 10),
            item("foot", "Help", "info", "pages:help", 40),
            item("foot", "Legal", "info", "pages:legal", 50),
        )
