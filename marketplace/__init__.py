"""The site: what puts the four packages together. Importing it makes Celery's app known to Django."""

from marketplace.celery import app as celery_app

__all__ = ["celery_app"]
