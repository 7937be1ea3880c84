from django.apps import AppConfig


class StandingConfig(AppConfig):
    name = "projects.standing"
    label = "standing"
    verbose_name = "Standing"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from allauth.account.signals import user_signed_up

        from marketplace.kernel import personal, registry
        from projects.standing import actions, queries
        from projects.standing.personal import ROOM
        from projects.standing.views.joining import remember_referrer

        personal.register(ROOM)
        user_signed_up.connect(remember_referrer, dispatch_uid="standing.remember_referrer")
        registry.palettes["standing.pages"] = queries.found_pages
        item = registry.NavItem
        registry.register_navigation(
            item("foot", "Check a certificate", "badge-check", "standing:verify", 30),
            item("vetting", "Certificates", "badge-check", "standing:staff_certificates", 30, "Record"),
            item("vetting", "Referrals", "user-plus", "standing:staff_referrals", 19, badge=queries.referrals_waiting),
        )
        registry.register_notice_kinds(registry.NoticeKind("certificates", "Your certificates", essential=True))
        registry.sweeps["standing.credentials"] = lambda now: actions.follow_credentials(now=now)
        # In this order: what is in doubt is set aside before anything is booked for it.
        registry.sweeps["standing.questions"] = lambda now: actions.question_referrals(now=now)
        registry.sweeps["standing.rewards"] = lambda now: actions.book_rewards(now=now)
        registry.sweeps["standing.corrections"] = lambda now: actions.take_back_rewards(now=now)
        registry.invariants["standing: every referral reward is in the books"] = queries.rewards_off
        registry.invariants["standing: what a referral has earned is the sum of its rewards"] = queries.purses_off
