"""The challenge of public forms: the reader's device does some work, nobody reads distorted letters.

The server signs a challenge; the browser finds, for each of its parts, a number that makes a SHA-256 begin with enough zero
bits; the server checks that with one hash a part. A challenge holds for one form, some hours, and one use. Without scripts
the form still works: the signed time of the challenge must then be some seconds old, and fewer forms an hour are taken.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from gongkai.core import jurisdiction
from gongkai.core.challenge import limits
from gongkai.core.locks import writing

PARTS = 16
LIFE = dt.timedelta(hours=6)
# A clock set back a little between two machines is no forgery.
SKEW = dt.timedelta(minutes=2)
_TOKEN = re.compile(r"([a-z][a-z0-9.-]{0,39}):(\d{1,12}):(\d{1,2}):([0-9a-f]{16}):([0-9a-f]{32})")
_NUMBER = re.compile(r"\d{1,10}")
_GROUP = "公开表单"
_OURS = "本系统约定"

jurisdiction.declare(
    "challenge.bits",
    "公开表单自动验证的难度",
    12,
    group=_GROUP,
    parse=jurisdiction.whole(0, 20),
    source=_OURS,
    help="每加1，读者的设备多算一倍。12在普通手机上约一秒；0表示不验证，只限次数。",
)
jurisdiction.declare(
    "challenge.per_hour",
    "同一网络每小时可提交几次",
    30,
    group=_GROUP,
    parse=jurisdiction.whole(1, 100_000),
    source=_OURS,
    help="政务大厅等多人共用一个网络的，可以调大。",
)
jurisdiction.declare(
    "challenge.per_hour_plain",
    "没有做自动验证的，每小时可提交几次",
    6,
    group=_GROUP,
    parse=jurisdiction.whole(0, 100_000),
    source=_OURS,
    help="浏览器关掉脚本的读者走这条路。0表示不接收。",
)
jurisdiction.declare(
    "challenge.wait_seconds",
    "没有做自动验证的，打开页面几秒后才能提交",
    15,
    group=_GROUP,
    parse=jurisdiction.whole(0, 600),
    source=_OURS,
)


@dataclass(frozen=True, slots=True)
class Challenge:
    """What core/parts/challenge.html reads, as `challenge`."""

    token: str
    seed: str
    bits: int
    parts: int
    wait: int


def issue(purpose: str, now: dt.datetime | None = None) -> Challenge:
    """A fresh challenge for one form. `purpose` is a short name such as `requests.apply`; a page with it is never kept."""
    bits = int(jurisdiction.value("challenge.bits"))
    issued = int((now or timezone.now()).timestamp())
    said = f"{purpose}:{issued}:{bits}:{secrets.token_hex(8)}"
    seed = _sign(said)
    token = f"{said}:{seed}"
    if not _TOKEN.fullmatch(token):
        raise ValueError(f"not a purpose: {purpose!r}")
    return Challenge(token, seed, bits, PARTS, int(jurisdiction.value("challenge.wait_seconds")))


def solves(seed: str, bits: int, answer: str) -> bool:
    """Whether an answer (numbers with commas between, one a part) solves a challenge; takes some microseconds."""
    numbers = answer.split(",")
    if len(numbers) != PARTS:
        return False
    return all(
        _NUMBER.fullmatch(text) and zero_bits(digest(seed, part, text)) >= bits for part, text in enumerate(numbers)
    )


def digest(seed: str, part: int, text: str) -> bytes:
    """The hash of one part, as the browser makes it."""
    return hashlib.sha256(f"{seed}:{part}:{text}".encode("ascii")).digest()


def zero_bits(found: bytes) -> int:
    """How many zero bits a hash begins with."""
    return len(found) * 8 - int.from_bytes(found, "big").bit_length()


@dataclass(frozen=True, slots=True)
class Solved:
    """A challenge whose answer is right; not used up yet. `most` tries are taken from one network."""

    mark: str
    expires_at: dt.datetime
    counted: limits.Try
    most: int
    at: dt.datetime


def check(request: HttpRequest, purpose: str, now: dt.datetime | None = None) -> str:
    """Take a form's challenge: empty when it holds, else a sentence for the reader.

    Ask it last, when the rest of the form is valid: it uses the challenge up and counts. Show the form again with a
    challenge from a new `issue` then.
    """
    found = read(request, purpose, now)
    return found if isinstance(found, str) else use([found])[0]


def read(request: HttpRequest, purpose: str, now: dt.datetime | None = None) -> Solved | str:
    """A form's challenge if its answer is right, else a sentence for the reader; nothing is used up or counted."""
    now = now or timezone.now()
    token, answer = request.POST.get("challenge", ""), request.POST.get("challenge_answer", "")
    match = _TOKEN.fullmatch(token)
    if match is None or not hmac.compare_digest(_sign(token.rpartition(":")[0]), match[5]) or match[1] != purpose:
        return "页面的验证信息不完整。请再提交一次，填写的内容还在。"
    issued = dt.datetime.fromtimestamp(int(match[2]), dt.UTC)
    if now > issued + LIFE or now < issued - SKEW:
        return "页面打开得太久了。请再提交一次，填写的内容还在。"
    bits = int(match[3])
    if answer and not solves(match[5], bits, answer):
        return "自动验证没有完成。请再提交一次，填写的内容还在。"
    proven = bool(answer) or bits == 0
    fault = "" if proven else _too_early(issued, now)
    if fault:
        return fault
    counted = limits.attempt(request, f"{purpose}{'' if proven else ' plain'}", limits.HOUR, now)
    most = int(jurisdiction.value("challenge.per_hour" if proven else "challenge.per_hour_plain"))
    return Solved(match[5], issued + LIFE, counted, most, now)


def use(challenges: Sequence[Solved]) -> list[str]:
    """Use solved challenges up and count them, each kind of row in one statement.

    Returns for each nothing, or a sentence for the reader: it was used before, or its network has tried too often.
    """
    if not challenges:
        return []
    with writing(savepoint=False):
        fresh = limits.spend({one.mark: one.expires_at for one in challenges})
        taken: dict[int, Solved] = {}
        for at, one in enumerate(challenges):
            # The same one twice at the same moment is used once.
            if one.mark in fresh:
                fresh.remove(one.mark)
                taken[at] = one
        counted = limits.tally([one.counted for one in taken.values()]) if taken else []
    numbers = dict(zip(taken, counted, strict=True))
    return [_fault(one, numbers.get(at)) for at, one in enumerate(challenges)]


def _fault(one: Solved, number: int | None) -> str:
    if number is None:
        return "这个页面已经提交过一次，没有重复提交。确实要再提交一份，请再点一次提交。"
    if number <= one.most:
        return ""
    return (
        f"您所在的网络这一小时已提交{one.most}次，到了上限。"
        f"请过{limits.left(limits.HOUR, one.at)}再试，或者到窗口、用信函提交。"
    )


def _too_early(issued: dt.datetime, now: dt.datetime) -> str:
    wait = jurisdiction.value("challenge.wait_seconds")
    # The form comes again with a fresh challenge, so the whole wait begins anew.
    early = (now - issued).total_seconds() < wait
    return f"您的浏览器没有做自动验证，请等{wait}秒后再提交，填写的内容还在。" if early else ""


def _sign(said: str) -> str:
    return hmac.new(limits.key("token", settings.SECRET_KEY), said.encode(), hashlib.sha256).hexdigest()[:32]
