from django.apps import AppConfig


class ListingsConfig(AppConfig):
    name = "projects.listings"
    label = "listings"
    verbose_name = "Listings"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from experts.profiles.signals import taxonomy_changed
        from marketplace.kernel import personal, registry
        from marketplace.kernel.jobs import ring_due
        from payments.funding.signals import deposit_settled
        from projects.labs.enums import MANAGING_ROLES
        from projects.listings.actions import meanings, summary
        from projects.listings.models import ListingEvent
        from projects.listings.personal import ROOM
        from projects.listings.queries.listing import found_projects
        from projects.listings.queries.lower import reviews_waiting
        from projects.listings.queries.names import names_of_projects
        from projects.listings.receivers import allocate_settled_deposit, index_after_change
        from projects.listings.tasks import deliver_event

        personal.register(ROOM)
        registry.sweeps["listings.summary"] = lambda now: summary.summarise_board(now=now)
        registry.sweeps["listings.meanings"] = lambda now: meanings.ring_for_meanings(now=now)
        item = registry.NavItem
        registry.register_navigation(
            item("public", "Gigs", "briefcase", "listings:board", 10),
            item("expert", "Gigs", "briefcase", "listings:board", 20),
            item("lab", "Projects", "folder-kanban", "listings:projects", 20, "Work", lab_scoped=True),
            item(
                "lab", "Funding", "wallet", "listings:lab_funding", 120, "Money", lab_scoped=True, roles=MANAGING_ROLES
            ),
        )
        registry.register_navigation(
            item("vetting", "Listings", "trending-up", "listings:reviews", 18, badge=reviews_waiting),
        )
        registry.sweeps["listings.events"] = lambda now: ring_due(
            ListingEvent.objects.all(), now=now, ring=lambda pk: deliver_event.delay(event_id=str(pk))
        )
        registry.register_notice_kinds(registry.NoticeKind("projects", "Projects and funds of your lab"))
        registry.palettes["listings.projects"] = found_projects
        registry.owner_names["project"] = names_of_projects
        deposit_settled.connect(allocate_settled_deposit, dispatch_uid="listings.allocate_settled_deposit")
        taxonomy_changed.connect(index_after_change, dispatch_uid="listings.index_after_change")
