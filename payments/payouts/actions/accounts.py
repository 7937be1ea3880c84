"""A person's payout account: made at Stripe, finished on Stripe's page, believed only when fetched again."""

from __future__ import annotations

from datetime import datetime

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils.translation import gettext as _

from marketplace.accounts.enums import StaffRoleKind
from marketplace.accounts.models import User
from marketplace.accounts.queries import staff_with_role
from marketplace.audit.actions import record
from marketplace.kernel.crypto import hash_key_id, keyed_hash
from marketplace.kernel.errors import Invalid, WrongState
from marketplace.kernel.events import announce
from marketplace.kernel.states import require_move
from marketplace.notices.actions import notify
from payments.gateway import client
from payments.gateway.shapes import BankAccount, RecipientAccount
from payments.payouts import tasks
from payments.payouts.actions.holds import open_hold
from payments.payouts.actions.ringing import SYSTEM, ring_refresh
from payments.payouts.enums import (
    DESTINATION_COOLING,
    PAYOUT_ACCOUNT_MOVES,
    REFRESHES_A_ROUND,
    SELF_SERVE_COUNTRIES,
    HoldReason,
    PayoutAccountState,
)
from payments.payouts.models import PayoutAccount, PayoutEvent
from payments.payouts.models.accounts import UNDER_WAY

HERE = "/me/payout-account/"


def start_account(*, country: str, by: User, now: datetime) -> PayoutAccount:
    """
    Make the person's account at Stripe; `onboarding_url` then leads to the page that asks for the bank details.

    The row comes first and its id is in the key, so a crash or a timeout in between makes no second account.

    :param country: two letters, of residence; Stripe does not let it be changed later.
    :raises Invalid: if we cannot pay to that country.
    :raises WrongState: if the person has an account already.
    :raises StripeUnavailable: if Stripe does not answer; trying again goes on where this ended.
    """
    if country not in SELF_SERVE_COUNTRIES:
        raise Invalid(_("We cannot pay to this country yet."), field="country")
    account = _open_row(country=country, by=by, now=now)
    remote = client.create_recipient_account(
        email=by.email,
        country=country,
        display_name=by.get_full_name(),
        idempotency_key=f"payout-account-{account.public_id}-{country}",
    )
    return _name(account.pk, remote=remote, by=by, now=now)


@transaction.atomic(durable=True)
def _open_row(*, country: str, by: User, now: datetime) -> PayoutAccount:
    User.objects.select_for_update(of=("self",), no_key=True).get(pk=by.pk)
    account = PayoutAccount.objects.select_for_update(of=("self",), no_key=True).filter(user=by).first()
    if account is None:
        return PayoutAccount.objects.create(user=by, country=country, created_at=now)
    if account.stripe_account_id:
        raise WrongState(_("You have a payout account already. Go on with it."))
    account.country = country
    account.save(update_fields=["country"])
    return account


@transaction.atomic(durable=True)
def _name(account_pk: int, *, remote: RecipientAccount, by: User, now: datetime) -> PayoutAccount:
    account = PayoutAccount.objects.select_for_update(of=("self",), no_key=True).get(pk=account_pk)
    if account.stripe_account_id is None:
        account.stripe_account_id = remote.id
        account.save(update_fields=["stripe_account_id"])
        facts = {"country": account.country, "stripe_account": remote.id}
        record(what="payouts.start_account", by=by, about=account, now=now, after=facts)
    return account


def onboarding_url(*, by: User, refresh_url: str, return_url: str) -> str:
    """
    Return the address of Stripe's page where the person gives or changes details; it works once, for a few minutes.

    :raises WrongState: if there is no account yet.
    :raises StripeUnavailable: if Stripe does not answer.
    """
    stripe_id = PayoutAccount.objects.filter(user=by).values_list("stripe_account_id", flat=True).first()
    if not stripe_id:
        raise WrongState(_("Choose the country you live in first."))
    return client.create_account_link(stripe_id, refresh_url=refresh_url, return_url=return_url).url


def refresh_account(*, stripe_account_id: str, now: datetime) -> PayoutAccount | None:
    """
    Fetch an account from Stripe and write down how it stands; None if it is none of ours. Twice is once.

    :raises StripeUnavailable: if Stripe does not answer; then nothing has changed.
    """
    if not PayoutAccount.objects.filter(stripe_account_id=stripe_account_id).exists():
        return None
    remote = client.retrieve_account(stripe_account_id)
    bank = client.retrieve_bank_account(stripe_account_id)
    return _fold(stripe_account_id, remote=remote, bank=bank, now=now)


@transaction.atomic(durable=True)
def _fold(
    stripe_account_id: str, *, remote: RecipientAccount, bank: BankAccount | None, now: datetime
) -> PayoutAccount:
    account = (
        PayoutAccount.objects.select_for_update(of=("self",), no_key=True)
        .select_related("user")
        .get(stripe_account_id=stripe_account_id)
    )
    if account.checked_at is not None and account.checked_at > now:
        return account  # Somebody has asked later than this and has been told more.
    was, label = account.state, bank.label[:80] if bank else account.destination_label
    changed_from = account.destination_label if account.destination_label not in ("", label) else ""
    target = _state_of(remote, was=was)
    if target != was:
        require_move(PAYOUT_ACCOUNT_MOVES, current=was, target=target, what="payout account")
        account.state = target
    account.transfers_status, account.currently_due = remote.transfers_status, list(remote.currently_due)
    account.destination_label, account.checked_at = label, now
    if changed_from:
        account.destination_changed_at = now
    _note_destination(account, bank, now=now)
    account.save(
        update_fields=["state", "transfers_status", "currently_due", "destination_label", "checked_at",
                       "destination_changed_at", "destination_hash", "destination_hash_key"]
    )  # fmt: skip
    if changed_from:
        _cool_down(account, before=changed_from, contact=remote.email, now=now)
    if account.state != was:
        _tell_state(account, was=was, now=now)
    return account


@transaction.atomic(durable=True)
def ring_old_accounts(*, now: datetime) -> int:
    """Have accounts that were not fetched for a day fetched again, some in each round; return how many."""
    old = list(PayoutAccount.objects.to_refresh(now)[:REFRESHES_A_ROUND])
    for account in old:
        ring_refresh(account, now=now)
    return len(old)


@transaction.atomic(durable=True)
def rehash_destinations(*, now: datetime) -> int:
    """Have the accounts fetched whose destination was hashed with an older key; return how many. Twice is once."""
    old = PayoutAccount.objects.exclude(destination_hash="").exclude(destination_hash_key=hash_key_id())
    found = list(old.exclude(refresh__job_state__in=UNDER_WAY).order_by("pk"))
    for account in found:
        ring_refresh(account, now=now)
    return len(found)


def _note_destination(account: PayoutAccount, bank: BankAccount | None, *, now: datetime) -> None:
    """Tell the rooms above where a person is paid, as a keyed hash, when it is another place than before."""
    if bank is None or not bank.fingerprint:
        return
    hashed = keyed_hash(bank.fingerprint, purpose="payout_destination")
    if hashed != account.destination_hash:
        account.destination_hash, account.destination_hash_key = hashed, hash_key_id()
        announce(
            PayoutEvent, name="identifier_hashed", now=now, ring=tasks.deliver_event,
            user_id=str(account.user.public_id), kind="PAYOUT", hashed=hashed, key_id=account.destination_hash_key,
        )  # fmt: skip


def _state_of(remote: RecipientAccount, *, was: str) -> str:
    """Return how the account stands. Who has not finished yet is not restricted: nothing was ready before."""
    if remote.is_ready:
        return PayoutAccountState.READY
    return was if was == PayoutAccountState.STARTED else PayoutAccountState.RESTRICTED


def _tell_state(account: PayoutAccount, *, was: str, now: datetime) -> None:
    record(
        what="payouts.refresh_account", by=SYSTEM, about=account, now=now,
        before={"state": was}, after={"state": account.state},
    )  # fmt: skip
    if account.state == PayoutAccountState.READY:
        title = _("Your payout account is ready")
        body = _("We pay to %(place)s every Friday.") % {"place": account.destination_label or _("your bank")}
    else:
        title = _("Stripe asks for more before we can pay you")
        body = _("Your payouts wait until you have given it. The money stays yours.")
    notify(user=account.user, kind="payouts", title=title, body=body, path=HERE, now=now)


def _cool_down(account: PayoutAccount, *, before: str, contact: str, now: datetime) -> None:
    """New bank details: hold for 72 hours and tell every address we know, in case somebody else did it (design 7)."""
    person, after = account.user, account.destination_label
    open_hold(
        payee=person,
        reason=HoldReason.DESTINATION_CHANGED,
        words=_("Bank changed from %(before)s to %(after)s") % {"before": before, "after": after},
        expires_at=now + DESTINATION_COOLING,
        by=SYSTEM,
        now=now,
    )
    record(
        what="payouts.change_destination", by=SYSTEM, about=account, now=now,
        before={"destination": before}, after={"destination": after},
    )  # fmt: skip
    title = _("The bank account of your payouts was changed")
    body = _(
        "It was %(before)s and is now %(after)s. To keep your money safe, payouts wait for 72 hours.\n\n"
        "If this was not you, change your password and write to us at once."
    ) % {"before": before, "after": after}
    others = _other_addresses(person, contact)
    notify(user=person, kind="payouts", title=title, body=body, path=HERE, also_to=others, now=now)
    for colleague in staff_with_role(StaffRoleKind.FINANCE_PREPARER):
        words = _("%(person)s: from %(before)s to %(after)s. Held for 72 hours.")
        notify(
            user=colleague,
            kind="pay_runs",
            title=_("A payee changed bank details"),
            body=words % {"person": person.get_full_name(), "before": before, "after": after},
            path="/finance/holds/",
            now=now,
        )


def _other_addresses(person: User, contact: str) -> list[str]:
    """Return the other verified addresses of a person, and the one that Stripe has, without the main one."""
    verified = EmailAddress.objects.filter(user=person, verified=True).values_list("email", flat=True)
    known = {address.lower() for address in (*verified, contact) if address}
    return sorted(known - {person.email.lower()})
