"""Acts of conversion and hot topics; importing registers them."""

from gongkai.requests.conversion.acts import campaigns, conversion, proposals

__all__ = ["campaigns", "conversion", "proposals"]
