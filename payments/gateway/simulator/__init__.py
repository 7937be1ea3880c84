"""
The local stand-in for Stripe: enough of the API to live through the whole product without the Internet.

It is a WSGI application of the standard library alone, runs in a process of its own, keeps its state in its own
SQLite file (as the real Stripe keeps its state far from ours), and is spoken to by the real SDK over HTTP. It
refuses what Stripe refuses and fails on demand. What it must do is listed in reference F, "fake must do".

    store, clock        the SQLite file and the stand-in's own time
    params, forms       the shape of each request; unknown parameters are refused
    balances            available and pending money by source type, and balance transactions
    checkout, payments, transfers, accounts, payouts, events     one file per family of endpoints
    idempotency, faults the two layers in front of every endpoint
    webhooks            signed deliveries from an outbox, with retries
    pages/              the two pages a person sees in the browser
    control             /_sim/..., for tests and for the development clock
    app, server         the WSGI application and the threaded server

It holds no secret and no real money, and it does not start when DEBUG is off.
"""
