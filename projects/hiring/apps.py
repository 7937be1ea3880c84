from django.apps import AppConfig


class HiringConfig(AppConfig):
    name = "projects.hiring"
    label = "hiring"
    verbose_name = "Hiring"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from marketplace.kernel import personal, registry
        from payments.payouts.signals import identifier_hashed
        from projects.hiring import queries
        from projects.hiring.actions.amendments import lapse_overdue_amendments, start_versions
        from projects.hiring.actions.applications import lapse_overdue_applications
        from projects.hiring.actions.contracts import end_contracts_that_are_over
        from projects.hiring.actions.held import apply_held_decisions
        from projects.hiring.actions.invitations import lapse_overdue_invitations
        from projects.hiring.actions.offers import expire_overdue_offers
        from projects.hiring.actions.ratings import reveal_ratings
        from projects.hiring.personal import ROOM
        from projects.hiring.queries.invitations import projects_invited_to
        from projects.hiring.queries.known import projects_applied_to
        from projects.hiring.receivers import pass_on_identifier, tell_of_changed_listing, tell_of_moved_listing
        from projects.listings.queries.listing import known_to
        from projects.listings.signals import listing_changed, listing_moved

        personal.register(ROOM)
        identifier_hashed.connect(pass_on_identifier, dispatch_uid="hiring.pass_on_identifier")
        listing_changed.connect(tell_of_changed_listing, dispatch_uid="hiring.tell_of_changed_listing")
        listing_moved.connect(tell_of_moved_listing, dispatch_uid="hiring.tell_of_moved_listing")
        known_to["hiring.applications"] = projects_applied_to
        known_to["hiring.invitations"] = projects_invited_to
        registry.palettes["hiring.contracts"] = queries.found_contracts
        item = registry.NavItem
        registry.register_navigation(
            item("account", "Applications and offers", "file-text", "hiring:applications", 30),
            item("account", "Contracts", "file-text", "hiring:contracts", 40),
            item("lab", "Candidates", "users", "hiring:candidates", 30, "Work", lab_scoped=True,
                 badge=queries.candidates_waiting),
            item("lab", "Contracts", "file-text", "hiring:lab_contracts", 40, "Work", lab_scoped=True),
            item("vetting", "Reported ratings", "flag", "hiring:rating_reports", 40, "Record"),
        )  # fmt: skip
        registry.register_notice_kinds(
            registry.NoticeKind("applications", "Your applications and offers", essential=True),
            registry.NoticeKind("applications_sent", "Confirmation of what you sent"),
            registry.NoticeKind("contracts", "Your contracts", essential=True),
            registry.NoticeKind("invitations", "Labs that invite you to a gig"),
            registry.NoticeKind("candidates", "Candidates of your lab", names_others=True),
        )
        registry.owner_names["contract"] = queries.names_of_contracts
        registry.sweeps["hiring.lapse_applications"] = lambda now: lapse_overdue_applications(now=now)
        registry.sweeps["hiring.expire_offers"] = lambda now: expire_overdue_offers(now=now)
        registry.sweeps["hiring.held_decisions"] = lambda now: apply_held_decisions(now=now)
        registry.sweeps["hiring.lapse_invitations"] = lambda now: lapse_overdue_invitations(now=now)
        registry.sweeps["hiring.lapse_amendments"] = lambda now: lapse_overdue_amendments(now=now)
        registry.sweeps["hiring.start_versions"] = lambda now: start_versions(now=now)
        registry.sweeps["hiring.end_contracts"] = lambda now: end_contracts_that_are_over(now=now)
        registry.sweeps["hiring.reveal_ratings"] = lambda now: reveal_ratings(now=now)
