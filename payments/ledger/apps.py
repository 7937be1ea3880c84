from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "payments.ledger"
    label = "ledger"
    verbose_name = "Ledger"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from marketplace.kernel import personal, registry
        from payments.ledger import queries
        from payments.ledger.personal import ROOM

        personal.register(ROOM)
        registry.invariants["ledger: stored balance equals the sum of transfers"] = queries.recount
        registry.invariants["ledger: trial balance sums to zero"] = queries.trial_balance_off
        registry.invariants["ledger: the guards of the books stand"] = queries.missing_guards
