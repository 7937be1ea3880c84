from django.apps import AppConfig


class WorkConfig(AppConfig):
    name = "projects.work"
    label = "work"
    verbose_name = "Work"
    default_auto_field = "django.db.models.BigAutoField"
