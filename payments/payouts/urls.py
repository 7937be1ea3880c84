"""Addresses of this area."""

from __future__ import annotations

from django.urls import URLPattern, path

from payments.payouts.views import accounts, corrections, holds, items, runs

app_name = "payouts"
RUN = "finance/runs/<uuid:run_id>/"
urlpatterns: list[URLPattern] = [
    path("me/payout-account/", accounts.account, name="account"),
    path("me/payout-account/start/", accounts.start, name="account_start"),
    path("me/payout-account/details/", accounts.details, name="account_details"),
    path("me/payout-account/return/", accounts.returned, name="account_return"),
    path("me/payout-account/again/", accounts.again, name="account_again"),
    path("finance/runs/", runs.runs, name="runs"),
    path("finance/runs/draft/", runs.draft, name="draft"),
    path(RUN, runs.run, name="run"),
    path(f"{RUN}live/", runs.live, name="run_live"),
    path(f"{RUN}log/", runs.log, name="run_log"),
    path(f"{RUN}compute/", runs.compute, name="compute"),
    path(f"{RUN}approve/", runs.approve, name="approve"),
    path(f"{RUN}execute/", runs.execute, name="execute"),
    path(f"{RUN}pause/", runs.pause, name="pause"),
    path(f"{RUN}resume/", runs.resume, name="resume"),
    path(f"{RUN}cancel/", runs.cancel, name="cancel"),
    path(f"{RUN}close/", runs.close, name="close"),
    path(f"{RUN}reconcile/", runs.reconcile, name="reconcile"),
    path(f"{RUN}items/<uuid:item_id>/", items.item, name="item"),
    path(f"{RUN}items/<uuid:item_id>/retry/", items.retry, name="retry"),
    path("finance/holds/", holds.holds, name="holds"),
    path("finance/holds/place/", holds.place, name="place_hold"),
    path("finance/holds/<uuid:hold_id>/release/", holds.release, name="release_hold"),
    path("finance/corrections/", corrections.corrections, name="corrections"),
    path("finance/corrections/ask/", corrections.ask, name="ask_correction"),
    path("finance/corrections/<uuid:correction_id>/post/", corrections.post, name="post_correction"),
    path("finance/corrections/<uuid:correction_id>/decline/", corrections.decline, name="decline_correction"),
]
