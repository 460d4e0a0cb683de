"""Personal data as a Django app."""

from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    """Privacy."""

    name = "gongkai.core.privacy"
    label = "privacy"
    verbose_name = "个人信息"
