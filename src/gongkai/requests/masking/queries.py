"""What is read of masking."""

from __future__ import annotations

from gongkai.requests.models import Material, Request


def hindrance(case: Request, material: Material) -> str:
    """What keeps a reply with this material back."""
    return ""


def withheld_parts(case: Request) -> list[dict[str, str]]:
    """The parts that are masked, as a partial disclosure lists them."""
    return []
