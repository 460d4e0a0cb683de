"""The workbench's own lines of the navigation. Rooms use `gongkai.core.navigation`, which lies below them."""

from __future__ import annotations

from gongkai.core.models import CaseWatch
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
