"""The acts of registers; importing them registers them."""

from gongkai.publications.registers.acts import (  # noqa: F401
    attribute,
    bodies,
    catalog,
    cleanup,
    guide,
    negative,
    updates,
)
