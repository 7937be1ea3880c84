from django.apps import AppConfig


class DeliveryConfig(AppConfig):
    name = "projects.delivery"
    label = "delivery"
    verbose_name = "Delivery"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from marketplace.kernel import registry
        from marketplace.kernel.jobs import ring_due
        from projects.delivery import actions
        from projects.delivery.models import Export
        from projects.delivery.tasks import write_export

        registry.register_notice_kinds(registry.NoticeKind("exports", "Exports of your lab"))
        registry.register_navigation(
            registry.NavItem("lab", "Exports", "download", "delivery:exports", 210, "Connect", lab_scoped=True)
        )
        registry.sweeps["delivery.exports"] = lambda now: ring_due(
            Export.objects.to_write(), now=now, ring=lambda pk: write_export.delay(export_id=pk)
        )
        registry.sweeps["delivery.parked_exports"] = lambda now: actions.give_up_parked_exports(now=now)
