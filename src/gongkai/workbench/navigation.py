"""The workbench's own lines of the navigation. Rooms use `gongkai.core.navigation`, which lies below them."""

from __future__ import annotations

from gongkai.core import first_steps
from gongkai.core.models import CaseWatch, Membership, Unit, UnitGroup
from gongkai.core.navigation import everybody, holds, register, shell, workers
from gongkai.core.roles import Role
from gongkai.workbench import queries

__all__ = ["everybody", "holds", "register", "register_all", "shell", "workers"]


def register_all() -> None:
    """The pages of the workbench itself."""
    register("", "我的待办", "inbox", "workbench:todo", workers, queries.todo, order=10)
    register("", "本单位事项", "building-2", "workbench:unit-cases", workers, order=20, total=queries.unit_open_count)
    register(
        "", "我关注的", "eye", "workbench:watched", workers, lambda user: CaseWatch.objects.filter(user=user), order=30
    )
    register("", "全部事项", "layers", "workbench:cases", holds(Role.OFFICE, Role.AUDITOR), order=40)
    system, security = holds(Role.SYSTEM_ADMIN), holds(Role.SECURITY_ADMIN)
    register("系统管理", "单位", "network", "workbench:units", system, order=10)
    register("系统管理", "单位组", "group", "workbench:groups", system, order=20)
    register("系统管理", "工作日历", "calendar-days", "workbench:calendar", system, order=30)
    register("系统管理", "本地设置", "sliders-horizontal", "workbench:jurisdiction", system, order=40)
    register("系统管理", "文书模板", "file-text", "workbench:letters", system, order=50)
    register("系统管理", "系统对接", "plug", "workbench:tokens", system, order=58)
    register("系统管理", "推送地址", "webhook", "workbench:webhooks", system, order=60)
    register("系统管理", "后台工作", "timer", "workbench:jobs", system, order=70)
    register("系统管理", "人员和角色", "users", "workbench:people", security, order=80)
    register("系统管理", "审计留痕", "shield-check", "workbench:audit", holds(Role.AUDIT_ADMIN), order=90)
    _register_steps()


def _register_steps() -> None:
    """What the administrators do before anybody can work."""
    system, security, told = (Role.SYSTEM_ADMIN,), (Role.SECURITY_ADMIN,), (Role.OFFICE,)
    first_steps.register(
        10,
        "登记单位",
        "下载模板填好各单位的全称、简称和别名，一次导入。通知里写的单位就靠这些名称认出来。",
        "workbench:units",
        roles=system,
        told=(*told, Role.SECURITY_ADMIN),
        done=lambda user: Unit.objects.filter(parent__isnull=False),
    )
    first_steps.register(
        20,
        "登记单位组",
        "例如“各街镇”“区政府各部门”。通知里的这些说法会展开成具体单位。",
        "workbench:groups",
        roles=system,
        told=told,
        done=lambda user: UnitGroup.objects.all(),
    )
    first_steps.register(
        30,
        "给各单位开账号",
        "每个单位至少一名信息公开员；要发布信息的单位还要有审核人和分管负责人，保密审查员可以由政府办公室统一担任。",
        "workbench:people",
        roles=security,
        told=(*told, Role.SYSTEM_ADMIN),
        done=lambda user: Membership.objects.filter(role=Role.OFFICER),
    )
    first_steps.register(
        40,
        "核对工作日历",
        "国家公布的放假调休已经内置；本地另有放假的，在这里补上。期限都按它推算。",
        "workbench:calendar",
        roles=system,
    )
    first_steps.register(
        50,
        "核对本地设置",
        "收费标准、提醒天数、文号格式等因地而异的内容，默认用国家规定；本地另有规定的，改成本地的。",
        "workbench:jurisdiction",
        roles=system,
    )
