"""Tokens of other systems."""

from django.apps import AppConfig


class MachineConfig(AppConfig):
    """Tokens and interfaces."""

    name = "gongkai.core.machine"
    label = "machine"
    verbose_name = "系统对接"
