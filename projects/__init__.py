"""The work, in the order it happens: labs, listings, hiring, work, hours, delivery. Experts meet money here."""
