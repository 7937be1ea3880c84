"""Pages of credentials and their documents, and the way of a file that comes in pieces."""
