"""Acts of key areas: batches of rows, and datasets that are due."""

from gongkai.publications.areas.acts import batch, review, update

__all__ = ["batch", "review", "update"]
