"""Settings of the jurisdiction: numbers and lists that differ from place to place, with the national rule as default.

A room declares its settings in `apps.py` or where it uses them; an administrator changes them on one page, and each
change leaves an event.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache

from gongkai.core import audit
from gongkai.core.locks import writing
from gongkai.core.models import JurisdictionSetting

_CACHE_KEY = "gongkai.jurisdiction"


@dataclass(frozen=True, slots=True)
class Declared:
    """One setting: its key, words, default, where the default comes from, and how to read what was typed."""

    key: str
    label: str
    default: Any
    source: str = ""
    help: str = ""
    group: str = "通用"
    parse: Callable[[str], Any] = str


declared: dict[str, Declared] = {}


def whole(low: int, high: int) -> Callable[[str], int]:
    """A reader for a whole number within bounds."""

    def parse(text: str) -> int:
        try:
            number = int(str(text).strip())
        except ValueError:
            raise ValueError("请填写整数。") from None
        if not low <= number <= high:
            raise ValueError(f"请填写{low}到{high}之间的整数。")
        return number

    return parse


def yes_no(text: str) -> bool:
    """A reader for yes or no."""
    return str(text).strip().lower() in ("1", "true", "on", "是", "yes")


def declare(key: str, label: str, default: Any, **more: Any) -> Declared:
    """Declare a setting; the same key twice must mean the same."""
    setting = Declared(key, label, default, **more)
    declared[key] = setting
    return setting


def _stored() -> dict[str, Any]:
    """What was set, by key."""
    stored = cache.get(_CACHE_KEY)
    if stored is None:
        stored = dict(JurisdictionSetting.objects.values_list("key", "value"))
        cache.set(_CACHE_KEY, stored, 20)
    return stored


def values() -> dict[str, Any]:
    """All settings as they are now."""
    stored = _stored()
    return {key: stored.get(key, setting.default) for key, setting in declared.items()}


def value(key: str) -> Any:
    """One setting as it is now; KeyError if nobody declared it."""
    return _stored().get(key, declared[key].default)


def change(key: str, text: str, user) -> Any:
    """Change a setting; ValueError with a sentence when the text does not fit."""
    setting = declared[key]
    parsed = setting.parse(text)
    before = value(key)
    if parsed == before:
        return parsed
    with writing():
        JurisdictionSetting.objects.update_or_create(key=key, defaults={"value": parsed})
        audit.note(
            "setting.change", "修改设置", user, summary=f"{setting.label}：{before} 改为 {parsed}", data={"key": key}
        )
    cache.delete(_CACHE_KEY)
    return parsed


declare(
    "clock.soon_workdays",
    "临近到期提前几个工作日提示",
    3,
    group="时限",
    parse=whole(1, 30),
    source="本系统约定",
)
declare("receipt.workdays", "签收期限（工作日）", 5, group="时限", parse=whole(1, 60), source="本系统约定")
declare("check.workdays", "复核期限（工作日）", 3, group="时限", parse=whole(1, 60), source="本系统约定")
declare("supervision.workdays", "督办答复期限（工作日）", 5, group="督办", parse=whole(1, 60), source="本系统约定")
declare(
    "remind.workdays_before",
    "到期前几个工作日提醒",
    "5,2,0",
    group="督办",
    source="本系统约定",
    help="用逗号隔开，0表示到期当天。",
    parse=lambda text: ",".join(str(whole(0, 60)(part)) for part in str(text).replace("，", ",").split(",")),
)
declare(
    "escalate.leader_workdays",
    "超期几个工作日提醒分管负责人",
    1,
    group="督办",
    parse=whole(0, 60),
    source="本系统约定",
)
declare(
    "escalate.supervise_workdays",
    "超期几个工作日建议督办",
    5,
    group="督办",
    parse=whole(1, 120),
    source="本系统约定",
)
declare(
    "plan.days",
    "本单位方案期限（印发后日数）",
    30,
    group="台账",
    parse=whole(1, 180),
    source="公开工作要点：印发30日内",
)
declare("case.page_size", "列表每页件数", 50, group="通用", parse=whole(10, 200), source="本系统约定")
