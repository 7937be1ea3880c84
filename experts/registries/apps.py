from django.apps import AppConfig


class RegistriesConfig(AppConfig):
    name = "experts.registries"
    label = "registries"
    verbose_name = "Public registers"
    default_auto_field = "django.db.models.BigAutoField"
