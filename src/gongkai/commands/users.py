"""`gongkai users`: people and the roles they hold in units."""

from __future__ import annotations

import argparse
import getpass
import secrets
import sys
from typing import TYPE_CHECKING

from gongkai.commands.terminal import Problem, print_json, require_migrated, start_django, table

if TYPE_CHECKING:
    from gongkai.core.models import Unit, User

# Role -> label, as in core.roles, which cannot be imported before Django starts (a test keeps them equal).
ROLES = {
    "office": "政务公开主管",
    "officer": "信息公开员",
    "handler": "经办人",
    "reviewer": "审核人",
    "secrecy": "保密审查员",
    "legal": "法律顾问",
    "leader": "分管负责人",
    "auditor": "监督检查员",
    "system_admin": "系统管理员",
    "security_admin": "安全保密管理员",
    "audit_admin": "安全审计员",
}
_EPILOG = "角色：" + "，".join(f"{code} {label}" for code, label in ROLES.items()) + "。"

_WEAK = {
    "password_too_short": "至少10个字符",
    "password_too_common": "太常见，容易被猜到",
    "password_entirely_numeric": "不能全是数字",
    "password_too_similar": "和账号太像",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add, list, role, password."""
    make = type(parser)
    actions = parser.add_subparsers(title="动作", dest="action", metavar="动作", required=True, parser_class=make)
    add = actions.add_parser(
        "add", help="新增人员", description="新增人员，密码从标准输入读取，或由系统生成一次性密码。"
    )
    add.add_argument("username", metavar="账号")
    add.add_argument("--unit", required=True, metavar="编码", help="单位编码")
    add.add_argument("--role", required=True, action="append", choices=ROLES, metavar="角色", help="角色，可以多次给出")
    add.add_argument("--post", default="", metavar="岗位", help="岗位，例如 公开科")
    add.add_argument("--email", default="", metavar="邮箱")
    _password_source(add)
    role = actions.add_parser("role", help="增减角色", description="在某个单位给人员增加或去掉角色。", epilog=_EPILOG)
    role.add_argument("username", metavar="账号")
    role.add_argument("--unit", required=True, metavar="编码", help="单位编码")
    role.add_argument("--add", action="append", default=[], choices=ROLES, metavar="角色", help="增加的角色")
    role.add_argument("--remove", action="append", default=[], choices=ROLES, metavar="角色", help="去掉的角色")
    password = actions.add_parser("password", help="重设密码", description="重设密码，并解除登录锁定。")
    password.add_argument("username", metavar="账号")
    _password_source(password)
    listing = actions.add_parser("list", help="列出人员", description="列出人员和角色。")
    listing.add_argument("--unit", metavar="编码", help="只列这个单位的")
    for child in (add, role, password, listing):
        child.add_argument("--json", action="store_true", help="输出 JSON")


def _password_source(parser: argparse.ArgumentParser) -> None:
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--stdin", action="store_true", help="从标准输入读密码")
    source.add_argument("--generate", action="store_true", help="生成随机密码并显示一次")


def run(options: argparse.Namespace) -> int:
    """Do it."""
    start_django()
    require_migrated()
    return {"add": _add, "role": _role, "password": _password, "list": _list}[options.action](options)


def _unit(code: str) -> Unit:
    from gongkai.core.models import Unit

    unit = Unit.objects.filter(code=code).first()
    if unit is None:
        raise Problem(f"没有编码为 {code} 的单位。", "单位编码可用 gongkai units export 单位.xlsx 查看。")
    return unit


def _user(username: str) -> User:
    from gongkai.core.models import User

    user = User.objects.filter(username=username).first()
    if user is None:
        raise Problem(f"没有账号 {username}。", "现有账号可用 gongkai users list 查看。")
    return user


def read_password(options: argparse.Namespace, user: User) -> str:
    """A new password that the rules accept.

    Raises:
        Problem: it is too weak, or the two entries differ.
    """
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    if options.generate:
        return secrets.token_urlsafe(12)
    if options.stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = getpass.getpass("新密码：")
        if password != getpass.getpass("再输一遍："):
            raise Problem("两次输入不一样，没有改动。")
    try:
        validate_password(password, user)
    except ValidationError as error:
        words = [_WEAK.get(fault.code or "", fault.messages[0]) for fault in error.error_list]
        raise Problem("密码不合要求：" + "，".join(words) + "。") from error
    return password


def check_separation(user: User, adding: list[str]) -> None:
    """Nobody holds two of the three administrator roles.

    Raises:
        Problem: the person would.
    """
    from gongkai.core.roles import ADMINISTRATORS, Role

    held = (set(user.memberships.values_list("role", flat=True)) if user.pk else set()) | set(adding)
    both = [Role(role).label for role in sorted(held & ADMINISTRATORS)]
    if len(both) > 1:
        raise Problem(f"一个人不能同时是{'和'.join(both)}。", "三类管理员要由不同的人担任（三员分立）。")


def _add(options: argparse.Namespace) -> int:
    from gongkai.core import audit
    from gongkai.core.locks import writing
    from gongkai.core.models import Membership, User

    unit = _unit(options.unit)
    if User.objects.filter(username=options.username).exists():
        raise Problem(f"账号 {options.username} 已经有了。", "增加角色请用 gongkai users role。")
    user = User(username=options.username, post=options.post, email=options.email)
    check_separation(user, options.role)
    password = read_password(options, user)
    user.set_password(password)
    with writing():
        user.save()
        for number, role in enumerate(dict.fromkeys(options.role)):
            Membership.objects.create(user=user, unit=unit, role=role, main=number == 0)
        audit.note(
            "people.add",
            "新增人员",
            None,
            summary=f"{user.username}，{unit}",
            data={"user": user.pk, "roles": options.role},
        )
    return _done(options, user, password, f"已新增 {user.username}（{user.who}）。")


def _role(options: argparse.Namespace) -> int:
    from gongkai.core import audit
    from gongkai.core.locks import writing
    from gongkai.core.models import Membership

    if not options.add and not options.remove:
        raise Problem("没有说要增加还是去掉哪个角色。", "请用 --add 或 --remove。", status=2)
    user, unit = _user(options.username), _unit(options.unit)
    check_separation(user, options.add)
    with writing():
        for role in options.add:
            Membership.objects.get_or_create(user=user, unit=unit, role=role)
        Membership.objects.filter(user=user, unit=unit, role__in=options.remove).delete()
        audit.note(
            "people.roles",
            "调整角色",
            None,
            summary=f"{user.username}，{unit}",
            data={"user": user.pk, "add": options.add, "remove": options.remove},
        )
    return _done(options, _user(options.username), "", f"{user.username} 的角色已调整。")


def _password(options: argparse.Namespace) -> int:
    from axes.utils import reset

    from gongkai.core import audit
    from gongkai.core.locks import writing

    user = _user(options.username)
    password = read_password(options, user)
    user.set_password(password)
    with writing():
        user.save(update_fields=["password"])
        reset(username=user.username)
        audit.note("people.password", "重设密码", None, summary=user.username, data={"user": user.pk})
    return _done(options, user, password, f"{user.username} 的密码已重设，登录锁定已解除。")


def _done(options: argparse.Namespace, user: User, password: str, words: str) -> int:
    shown = password if getattr(options, "generate", False) else ""
    if options.json:
        print_json({"ok": True, **_row(user), **({"password": shown} if shown else {})})
    else:
        print(words + (f"\n密码：{shown}（只显示这一次）" if shown else ""))
    return 0


def _row(user: User) -> dict:
    from gongkai.core.roles import Role

    return {
        "username": user.username,
        "post": user.post,
        "active": user.is_active,
        "roles": [
            {"unit": m.unit.code, "unit_name": str(m.unit), "role": m.role, "label": Role(m.role).label}
            for m in user.memberships.all()
        ],
    }


def _list(options: argparse.Namespace) -> int:
    from gongkai.core.models import User

    users = User.objects.prefetch_related("memberships__unit").order_by("username")
    if options.unit:
        users = users.filter(memberships__unit=_unit(options.unit)).distinct()
    rows = [_row(user) for user in users]
    if options.json:
        print_json(rows)
        return 0
    table(
        ["账号", "岗位", "角色", "状态"],
        [
            [
                row["username"],
                row["post"],
                "；".join(f"{role['unit_name']} {role['label']}" for role in row["roles"]),
                "在用" if row["active"] else "停用",
            ]
            for row in rows
        ],
    )
    return 0
