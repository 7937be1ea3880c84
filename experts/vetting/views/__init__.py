"""Pages of both sides of a case."""
