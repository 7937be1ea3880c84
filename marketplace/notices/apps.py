from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "marketplace.notices"
    label = "notices"
    verbose_name = "Notices"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from marketplace.kernel import personal, registry
        from marketplace.kernel.jobs import ring_due
        from marketplace.notices.models import EmailMessage
        from marketplace.notices.personal import ROOM
        from marketplace.notices.tasks import send_email

        personal.register(ROOM)
        registry.sweeps["notices.emails"] = lambda now: ring_due(
            EmailMessage.objects.all(), now=now, ring=lambda pk: send_email.delay(email_id=pk)
        )
