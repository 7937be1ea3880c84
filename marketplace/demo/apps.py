from django.apps import AppConfig
from django.conf import settings


class DemoConfig(AppConfig):
    name = "marketplace.demo"
    label = "demo"
    verbose_name = "Demonstration world"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        if settings.DEBUG:
            from marketplace.demo.queries import clock_offset
            from marketplace.kernel import clock

            clock.install_offset(clock_offset)
