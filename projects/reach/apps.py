from django.apps import AppConfig


class ReachConfig(AppConfig):
    name = "projects.reach"
    label = "reach"
    verbose_name = "Saved searches"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from allauth.account.signals import user_signed_up

        from marketplace.kernel import personal, registry
        from marketplace.kernel.jobs import ring_due
        from projects.reach.actions.alerts import wake_searches
        from projects.reach.actions.pictures import forget_old_pictures
        from projects.reach.actions.searches import forget_closed_gigs
        from projects.reach.models import SavedSearch
        from projects.reach.personal import ROOM
        from projects.reach.tasks import look
        from projects.reach.views.keeping import save_kept_search

        personal.register(ROOM)
        user_signed_up.connect(save_kept_search, dispatch_uid="reach.save_kept_search")
        registry.register_navigation(
            registry.NavItem("account", "Saved searches", "bookmark", "reach:searches", 25),
        )
        registry.register_notice_kinds(registry.NoticeKind("searches", "New gigs for your saved searches"))
        # In this order: who is woken now is rung in the same round.
        registry.sweeps["reach.wake"] = lambda now: wake_searches(now=now)
        registry.sweeps["reach.searches"] = lambda now: ring_due(
            SavedSearch.objects.watching(), now=now, ring=lambda pk: look.delay(search_id=pk)
        )
        registry.sweeps["reach.closed_gigs"] = lambda _now: forget_closed_gigs()
        registry.sweeps["reach.pictures"] = lambda now: forget_old_pictures(now=now)
