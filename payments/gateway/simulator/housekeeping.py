"""What the passing of time does: money becomes available, debits settle, sessions expire, banks are paid."""

from __future__ import annotations

from payments.gateway.simulator import balances, checkout, payouts
from payments.gateway.simulator.context import Context
from payments.gateway.simulator.store import Store, Tables


def is_due(tables: Tables, now: int) -> bool:
    """Return whether time has brought anything about, cheaply, so that reads need not become writes."""
    if tables.sql("SELECT 1 FROM pending WHERE available_on <= ? LIMIT 1", (now,)).fetchone():
        return True
    if tables.sql("SELECT 1 FROM object WHERE json_extract(body, '$._due_at') <= ? LIMIT 1", (now,)).fetchone():
        return True
    return int(tables.meta("payout_day", "0")) < now // payouts.DAY


def work_off(ctx: Context) -> int:
    """Do all that is due; return how much that was."""
    # A context of its own: none of this was asked for by the call that happened to come by.
    quiet = Context(tables=ctx.tables, now=ctx.now, origin=ctx.origin)
    return balances.release(quiet) + checkout.work_off(quiet) + payouts.work_off(quiet)


def let_time_pass(store: Store) -> None:
    """Do what has become due, if anything has, without anybody calling."""
    with store.read() as tables:
        if not is_due(tables, int(tables.time())):
            return
    with store.write() as tables:
        work_off(Context(tables=tables, now=int(tables.time()), origin=""))
