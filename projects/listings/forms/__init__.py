"""Shapes of what people send about listings; one file per page."""
