"""What tests of money may use: `standin`, a running stand-in for Stripe (see tests/payments/gateway/standin.py)."""

from tests.payments.gateway.standin import standin, standin_server

__all__ = ["standin", "standin_server"]
