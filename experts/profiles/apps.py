from django.apps import AppConfig


class ProfilesConfig(AppConfig):
    name = "experts.profiles"
    label = "profiles"
    verbose_name = "Profiles"
    default_auto_field = "django.db.models.BigAutoField"
