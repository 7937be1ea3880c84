"""The work, in the order it happens: labs, listings, hiring, work, hours, delivery, standing. Experts meet money here."""
