from django.apps import AppConfig


class ResumesConfig(AppConfig):
    name = "experts.resumes"
    label = "resumes"
    verbose_name = "Résumés"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from experts.credentials.signals import resume_accepted
        from experts.resumes import actions, receivers
        from experts.resumes.models import Reading
        from experts.resumes.personal import ROOM
        from experts.resumes.tasks import read_resume
        from marketplace.kernel import personal, registry
        from marketplace.kernel.jobs import ring_due

        personal.register(ROOM)
        resume_accepted.connect(receivers.read_accepted_resume, dispatch_uid="resumes.read_accepted_resume")
        registry.sweeps["resumes.readings"] = lambda now: ring_due(
            Reading.objects.all(), now=now, ring=lambda pk: read_resume.delay(reading_id=pk)
        )
        registry.sweeps["resumes.missing_readings"] = lambda now: actions.begin_missing_readings(now=now)
