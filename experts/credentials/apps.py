from django.apps import AppConfig


class CredentialsConfig(AppConfig):
    name = "experts.credentials"
    label = "credentials"
    verbose_name = "Credentials"
    default_auto_field = "django.db.models.BigAutoField"
