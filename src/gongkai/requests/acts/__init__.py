"""The acts of requests, one module per step. Importing the package registers them all."""

from gongkai.requests.acts import submission

__all__ = ["submission"]
