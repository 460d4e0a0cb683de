"""The public face."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """Portal."""

    name = "gongkai.portal"
    verbose_name = "公开门户"
