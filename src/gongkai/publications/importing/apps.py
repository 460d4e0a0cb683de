"""The sub-room in which documents of an old site are taken over."""

from django.apps import AppConfig


class ImportingConfig(AppConfig):
    """Importing."""

    name = "gongkai.publications.importing"
    label = "importing"
    verbose_name = "历史信息导入"

    def ready(self) -> None:
        from gongkai.core import navigation
        from gongkai.core.roles import STAFF, Role
        from gongkai.publications.importing import acts, kinds, running  # noqa: F401  they register themselves

        kinds.register_all()
        navigation.register(
            "业务",
            "历史信息导入",
            "import",
            "importing:index",
            navigation.holds(*STAFF, Role.OFFICE, Role.LEADER),
            order=35,
        )
