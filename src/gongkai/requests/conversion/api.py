"""The machine side: 12345, the mailbox and the like send what people ask about."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema
from ninja.errors import HttpError
from pydantic import Field, field_validator

from gongkai.core.machine.interfaces import Scoped
from gongkai.core.machine.tokens import declare_scope
from gongkai.core.roles import STAFF, Role
from gongkai.requests.conversion import signals
from gongkai.requests.conversion.models import Signal

SCOPE = declare_scope("signals:write", "报送热点线索")
MOST = 500

router = Router()


class Message(Schema):
    """A refusal in words."""

    message: str
    fields: dict[str, str] = {}


class GivenSignal(Schema):
    """What people asked about: never who asked."""

    source: str = Field(max_length=40, description="来源的代号或者名称，见设置“热点的来源”")
    day: dt.date
    words: str = Field(min_length=1, max_length=1000, description="反映的是什么事；个人信息会去除，去不掉的不收")
    number: int = Field(1, ge=1, le=signals.MOST_NUMBER, description="同样内容的数量")
    area: str = Field("", max_length=40)
    unit: str = Field("", max_length=120, description="涉及单位的编码或者名称")
    key: str = Field("", max_length=80, description="来源系统里的编号；同一编号只收一次")

    @field_validator("*", mode="before")
    @classmethod
    def fit(cls, value: Any) -> Any:
        """Refuse U+0000."""
        if isinstance(value, str) and "\x00" in value:
            raise ValueError("不能含有控制字符。")
        return value


class Delivery(Schema):
    """Some signals at once."""

    signals: list[GivenSignal] = Field(min_length=1, max_length=MOST)


class SignalsTaken(Schema):
    """What was taken, and what was not."""

    taken: int
    known: int = Field(description="编号已经收过的")
    masked: int = Field(description="去除了个人信息的")
    errors: list[str]


@router.post(
    "/signals",
    response={200: SignalsTaken, 401: Message, 403: Message, 422: Message | SignalsTaken},
    auth=Scoped(SCOPE),
    tags=["热点线索"],
    summary="报送热点线索",
)
def give(request: HttpRequest, given: Delivery) -> Any:
    """逐条检查，对的收下，不对的在errors里说明；一条都没有收下又有错误的，返回422。同一来源、同一编号只收一次。"""
    user: Any = request.user
    if not user.role_set & {*STAFF, Role.OFFICE}:
        raise HttpError(403, "对接账号没有办理业务的角色，不能报送。")
    rows = [(f"第{number}条", one.dict()) for number, one in enumerate(given.signals, 1)]
    report = signals.take(rows, user, Signal.Way.API, timezone.now(), partly=True)
    answer = {"taken": report.taken, "known": report.known, "masked": report.masked, "errors": report.errors}
    return (422 if report.errors and not report.taken and not report.known else 200), answer
