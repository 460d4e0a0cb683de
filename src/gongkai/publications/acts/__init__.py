"""The acts of publishing."""

from gongkai.publications.acts import afterwards, checking, drafting, release, review

__all__ = ["afterwards", "checking", "drafting", "release", "review"]
