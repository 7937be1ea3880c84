"""Pages of payouts: the expert's account, and the finance side with runs, items and holds."""
