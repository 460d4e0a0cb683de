"""Issuing, finding and revoking tokens."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.utils import timezone

from gongkai.core import audit
from gongkai.core.locks import writing
from gongkai.core.machine.models import ApiToken
from gongkai.core.models import User

PREFIX = "gk_"
# Scope -> what it allows, in words. Rooms add theirs with `declare_scope`.
scopes: dict[str, str] = {}


def declare_scope(code: str, label: str) -> str:
    """Make a scope known; called where a room's router is registered."""
    scopes[code] = label
    return code


def digest_of(token: str) -> str:
    """What is kept of a token: it is long and random, so one SHA-256 is enough."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def issue(
    by: User | None, name: str, user: User, wanted: Iterable[str], expires_on: dt.date | None = None
) -> tuple[ApiToken, str]:
    """A new token; the text is returned once and kept nowhere. Raises ValidationError for unknown scopes."""
    wanted = sorted(set(wanted))
    unknown = [code for code in wanted if code not in scopes]
    if unknown or not wanted:
        raise ValidationError("请选择令牌可以做什么。" if not wanted else f"没有“{unknown[0]}”这项权限。")
    text = PREFIX + secrets.token_urlsafe(32)
    with writing():
        row = ApiToken.objects.create(
            name=name, user=user, scopes=wanted, start=text[:9], digest=digest_of(text), expires_on=expires_on
        )
        audit.note(
            "token.issue", "签发接口令牌", by, summary=f"{name}，{user}", data={"token": row.pk, "scopes": wanted}
        )
    return row, text


def revoke(by: User | None, row: ApiToken) -> None:
    """The token opens nothing any more, from this moment on."""
    with writing():
        row.revoked_at = timezone.now()
        row.save(update_fields=["revoked_at"])
        audit.note("token.revoke", "停用接口令牌", by, summary=str(row), data={"token": row.pk})


def find(text: str) -> ApiToken | None:
    """The usable token with this text; notes the day of its use."""
    row = ApiToken.objects.select_related("user").filter(digest=digest_of(text)).first()
    if row is None or not row.usable:
        return None
    today = timezone.localdate()
    if row.last_used_on != today:
        ApiToken.objects.filter(pk=row.pk).update(last_used_on=today)
    return row
