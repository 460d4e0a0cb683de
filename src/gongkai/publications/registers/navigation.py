"""The lines of registers in the navigation, public pages in the foot and the sitemap."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from gongkai.core import first_steps, navigation, portal
from gongkai.core.models import User
from gongkai.core.models.units import UnitKind
from gongkai.core.roles import STAFF, Role
from gongkai.publications.registers.models import Catalog, DisclosureBody, Guide


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
    _register_steps()


def _register_steps() -> None:
    """What a body bound to disclose must have (政府信息公开条例第四条、第十二条)."""
    first_steps.register(
        70,
        "确认公开义务主体",
        "各单位申报后由你确认并公布；名单上的单位要编目录、写指南、受理申请。",
        "registers:bodies",
        roles=(Role.OFFICE,),
        done=lambda user: DisclosureBody.objects.filter(state="confirmed"),
    )
    first_steps.register(
        80,
        "申报公开义务主体",
        "说明本单位负有公开义务的依据，由政务公开主管确认。",
        "registers:bodies",
        roles=STAFF,
        done=lambda user: DisclosureBody.objects.filter(unit__in=_bodies(user)),
    )
    first_steps.register(
        90,
        "编制公开目录",
        "按条例的十五项一次建立栏目，再删去本单位没有的；每个栏目到期没有更新会提醒。",
        "registers:catalogs",
        roles=STAFF,
        done=lambda user: Catalog.objects.filter(unit__in=_bodies(user)),
    )
    first_steps.register(
        100,
        "编写公开指南",
        "机构地址、电话、申请的办法，审核后公布。",
        "registers:bodies",
        roles=STAFF,
        done=lambda user: Guide.objects.filter(unit__in=_bodies(user)),
    )


def _bodies(user: User) -> list[int]:
    """The person's units, and the bodies that their divisions belong to: these have catalog and guide."""
    held = [membership.unit for membership in user.memberships_now]
    return [unit.parent_id if unit.kind == UnitKind.DIVISION and unit.parent_id else unit.pk for unit in held]
