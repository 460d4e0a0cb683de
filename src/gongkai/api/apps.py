"""The machine face."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """The API."""

    name = "gongkai.api"
    verbose_name = "接口"
