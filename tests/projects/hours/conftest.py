"""What tests of hours may use beside the factories: `standin`, a running stand-in for Stripe, for weeks that are paid."""

from tests.payments.gateway.standin import standin, standin_server

__all__ = ["standin", "standin_server"]
