"""The public face."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """Portal."""

    name = "gongkai.portal"
    verbose_name = "公开门户"

    def ready(self) -> None:
        from gongkai.core.portal import register_page

        register_page("首页", "portal:home", order=0)
        register_page("无障碍声明", "portal:accessibility", order=80, footer=True)
        register_page("网站地图", "portal:map", order=90, footer=True)
