"""Signing in and out leaves a trace."""

from __future__ import annotations

from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.dispatch import receiver

from gongkai.core import audit


@receiver(user_logged_in, dispatch_uid="workbench-signed-in")
def signed_in(sender, request, user, **kwargs) -> None:
    """登录."""
    audit.note("people.sign-in", "登录", user)


@receiver(user_logged_out, dispatch_uid="workbench-signed-out")
def signed_out(sender, request, user, **kwargs) -> None:
    """退出登录."""
    if user is not None and getattr(user, "pk", None):
        audit.note("people.sign-out", "退出登录", user)
