"""What may be done with applications, offers and contracts: one file per noun."""
