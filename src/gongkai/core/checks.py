"""System checks of core."""

from __future__ import annotations

from django.conf import settings
from django.core.checks import Tags, Warning, register


@register(Tags.security, deploy=True)
def production(app_configs, **kwargs) -> list:
    """Settings that only a demo may have."""
    found = []
    if settings.GONGKAI_DEMO:
        found.append(Warning("演示模式已打开，登录页会列出演示账号。正式使用请去掉 GONGKAI_DEMO。", id="gongkai.W001"))
    if not settings.GONGKAI_TLS:
        found.append(Warning("没有要求 https。正式使用请设置 GONGKAI_TLS=1。", id="gongkai.W002"))
    return found
