"""The acts of reconsideration and litigation, of lessons, the case library and special reviews."""

from gongkai.requests.appeals.acts import entering, exchanges, lessons, precedents, proceedings, results, reviews

__all__ = ["entering", "exchanges", "lessons", "precedents", "proceedings", "results", "reviews"]
