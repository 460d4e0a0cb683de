"""Personal data as a Django app."""

from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    """Privacy."""

    name = "gongkai.core.privacy"
    label = "privacy"
    verbose_name = "个人信息"

    def ready(self) -> None:
        from gongkai.core.navigation import register
        from gongkai.core.privacy import retention, showing  # noqa: F401  periodic work registers itself

        register(
            "统计与检查",
            "个人信息查看记录",
            "eye",
            "privacy:all-looks",
            lambda user: bool(showing.OVERSEERS & user.role_set),
            order=80,
        )
