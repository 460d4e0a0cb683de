"""The lines of registers in the navigation, public pages in the foot and the sitemap."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from gongkai.core import navigation, portal
from gongkai.core.models import User
from gongkai.core.roles import Role


def settings_people(user: User) -> bool:
    """The office and the system administrator set chains, wordings and index numbers."""
    return bool(user.role_set & {Role.OFFICE, Role.SYSTEM_ADMIN})


def _addresses() -> list[tuple[str, Any]]:
    from gongkai.publications.registers.models import RegisterVersion
    from gongkai.publications.registers.queries import PUBLIC_REGISTERS

    names = {kind: name for kind, _, name in PUBLIC_REGISTERS}
    rows = RegisterVersion.objects.filter(current=True, unit__isnull=False).values_list(
        "kind", "unit__code", "published_at"
    )
    found = [(reverse(names[kind], args=[code]), at) for kind, code, at in rows if kind in names]
    return [(reverse("bodies:index"), None), *found]


def register_all() -> None:
    """Put the pages of registers into the shells."""
    work = navigation.workers
    navigation.register("业务", "公开目录", "list-tree", "registers:catalogs", work, order=30)
    navigation.register("业务", "公开主体和指南", "landmark", "registers:bodies", work, order=32)
    navigation.register("业务", "规范性文件", "scale", "registers:normative", work, order=34)
    navigation.register("业务", "复查和清理", "list-checks", "registers:campaigns", work, order=36)
    navigation.register("统计与检查", "栏目更新", "clock-alert", "registers:freshness", work, order=40)
    navigation.register("统计与检查", "五公开", "route", "registers:stages", work, order=42)
    navigation.register("系统管理", "发布设置", "sliders-horizontal", "registers:chains", settings_people, order=60)
    portal.register_page("公开义务主体", "bodies:index", footer=True)
    portal.register_sitemap(_addresses)
