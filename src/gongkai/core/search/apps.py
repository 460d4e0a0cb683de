"""The search app."""

from django.apps import AppConfig


class SearchConfig(AppConfig):
    """Search."""

    name = "gongkai.core.search"
    label = "search"
    verbose_name = "搜索"

    def ready(self) -> None:
        from gongkai.core.navigation import holds, register
        from gongkai.core.roles import Role
        from gongkai.core.search import cases, jobs, statistics  # noqa: F401  register periodic work and measures

        cases.register()
        system = holds(Role.SYSTEM_ADMIN)
        register("系统管理", "同义词", "book-a", "workbench-search:synonyms", system, order=52)
        both = holds(Role.SYSTEM_ADMIN, Role.OFFICE, Role.AUDITOR)
        register("统计与检查", "搜索统计", "search-check", "workbench-search:statistics", both, order=80)
