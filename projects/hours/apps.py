from django.apps import AppConfig


class HoursConfig(AppConfig):
    name = "projects.hours"
    label = "hours"
    verbose_name = "Hours"
    default_auto_field = "django.db.models.BigAutoField"
