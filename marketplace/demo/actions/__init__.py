"""Moving the business clock, and making the demonstration world."""
