from django.apps import AppConfig


class GatewayConfig(AppConfig):
    name = "payments.gateway"
    label = "gateway"
    verbose_name = "Stripe"
    default_auto_field = "django.db.models.BigAutoField"
