"""What may be done with listings; one file per noun."""
