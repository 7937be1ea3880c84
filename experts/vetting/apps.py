from django.apps import AppConfig


class VettingConfig(AppConfig):
    name = "experts.vetting"
    label = "vetting"
    verbose_name = "Vetting"
    default_auto_field = "django.db.models.BigAutoField"
