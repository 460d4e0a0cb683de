"""The fee rules of the place, for the public part that tells them."""

from __future__ import annotations

from typing import Any

from django import template

from gongkai.requests import fees

register = template.Library()


@register.simple_tag
def fee_rules() -> dict[str, Any]:
    """Whether and since when the place charges, its tariffs, how to pay."""
    return fees.public_context()
