"""`gongkai doctor`: what is missing or misconfigured, and how to mend it."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import platform
import shutil
import socket
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from gongkai.commands.terminal import Problem, pending_migrations, print_json, start_django

OK, WARNING, ERROR = "ok", "warning", "error"
_SIGNS = {OK: "✓ 正常", WARNING: "! 注意", ERROR: "✗ 有误"}


@dataclass(frozen=True, slots=True)
class Result:
    """What one check found; `mend` says what to do, empty when there is nothing to do."""

    name: str
    state: str
    words: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """One check. What needs a database that answers, or its tables, is left out where there is none."""

    name: str
    find: Callable[[], Result]
    needs: Literal["", "database", "tables"]


checks: list[Check] = []


def check(
    name: str, needs: Literal["", "database", "tables"] = ""
) -> Callable[[Callable[[], Result]], Callable[[], Result]]:
    """Register a check."""

    def decorate(function: Callable[[], Result]) -> Callable[[], Result]:
        checks.append(Check(name, function, needs))
        return function

    return decorate


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """For people or for scripts."""
    parser.add_argument("--json", action="store_true", help="输出 JSON")


def run(options: argparse.Namespace) -> int:
    """Run every check; the exit status is 1 if one found an error."""
    results = diagnose()
    failed = any(result.state == ERROR for result in results)
    if options.json:
        print_json({"ok": not failed, "checks": [asdict(result) for result in results]})
        return int(failed)
    for result in results:
        print(f"{_SIGNS[result.state]}  {result.name}：{result.words}")
        if result.mend:
            print(f"          → {result.mend}")
    counts = {state: sum(result.state == state for result in results) for state in (ERROR, WARNING)}
    print(f"\n共 {len(results)} 项，{counts[ERROR]} 项有误，{counts[WARNING]} 项需要注意。")
    return int(failed)


def diagnose() -> list[Result]:
    """The results of all checks; settings that cannot be read end the list early."""
    results = [_python()]
    try:
        start_django()
    except Problem as problem:
        return [*results, Result("配置", ERROR, problem.words, problem.mend)]
    there = _database_gives()
    for one in checks:
        if one.needs and one.needs not in there:
            continue
        try:
            results.append(one.find())
        except Exception as error:  # one broken check must not hide the others
            words = f"检查时出错：{type(error).__name__}: {error}"
            results.append(Result(one.name, ERROR, words[:300], "请先处理其他各项，再运行一次。"))
    return results


def _database_gives() -> set[str]:
    """What checks may count on: the database answers, and its tables have been made."""
    from django.db import OperationalError, connection
    from django.db.migrations.recorder import MigrationRecorder

    try:
        return {"database", "tables"} if MigrationRecorder(connection).has_table() else {"database"}
    except OperationalError:
        return set()


def _python() -> Result:
    return Result("Python", OK, f"{platform.python_version()}，{sys.executable}")


def _vendor() -> str:
    from django.db import connection

    return connection.vendor


@check("数据库")
def database() -> Result:
    """Reachable and up to date."""
    from django.db import OperationalError

    try:
        waiting = pending_migrations()
    except OperationalError as error:
        mend = "请检查 GONGKAI_DATABASE_URL，并确认数据库已启动。"
        return Result("数据库", ERROR, f"连不上：{str(error).strip()}", mend)
    if "tables" not in _database_gives():
        words = "还没有建立，需要用到它的几项没有检查。第一次运行 gongkai serve 时会自动建立。"
        return Result("数据库", ERROR, words, "请运行：gongkai migrate")
    if waiting:
        return Result("数据库", ERROR, f"有 {len(waiting)} 步升级没有执行。", "请运行：gongkai migrate")
    return Result("数据库", OK, f"{_vendor()}，已是最新")


@check("数据库版本", needs="database")
def database_version() -> Result:
    """Old PostgreSQL, and SQLite releases with the fault of the write-ahead log that was mended in 3.51.3."""
    from django.db import connection

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version_num")
            major = int(cursor.fetchone()[0]) // 10000
        if major < 15:
            return Result("数据库版本", WARNING, f"PostgreSQL {major}，低于测试用的15。", "请升级到15或更新的版本。")
        return Result("数据库版本", OK, f"PostgreSQL {major}")
    version = sqlite3.sqlite_version
    if sqlite3.sqlite_version_info < (3, 51, 3):
        words = f"SQLite {version} 在极少情况下写日志会出错（3.51.3 已修复）。"
        return Result("数据库版本", WARNING, words, "请每天备份（gongkai backup）；单位较多时建议改用 PostgreSQL。")
    return Result("数据库版本", OK, f"SQLite {version}")


@check("数据目录")
def data_folder() -> Result:
    """Writable, and closed to others."""
    from django.conf import settings

    folder: Path = settings.DATA_DIR
    if not folder.is_dir():
        return Result("数据目录", ERROR, f"没有 {folder}。", f"请建立：mkdir -p {folder}")
    if not os.access(folder, os.W_OK | os.X_OK):
        return Result("数据目录", ERROR, f"{folder} 不可写。", "请把目录的属主改成运行服务的账号。")
    open_files = [
        path.name
        for path in (folder / "secret-key", folder / "gongkai.sqlite3")
        if path.exists() and path.stat().st_mode & stat.S_IRWXO and not _closed(folder)
    ]
    if open_files:
        mend = f"请收紧权限：chmod o-rwx {folder}"
        return Result("数据目录", WARNING, f"本机其他账号能读到 {'、'.join(open_files)}。", mend)
    return Result("数据目录", OK, str(folder))


def _closed(folder: Path) -> bool:
    return not folder.stat().st_mode & stat.S_IXOTH


@check("磁盘空间")
def free_space() -> Result:
    """Room to go on."""
    from django.conf import settings

    gigabytes = shutil.disk_usage(settings.DATA_DIR if settings.DATA_DIR.is_dir() else Path.cwd()).free / 1e9
    if gigabytes < 1:
        return Result("磁盘空间", ERROR, f"只剩 {gigabytes:.1f} GB。", "请清理磁盘或扩容，写满后无法办件。")
    if gigabytes < 5:
        return Result("磁盘空间", WARNING, f"剩 {gigabytes:.1f} GB。", "请安排扩容。")
    return Result("磁盘空间", OK, f"剩 {gigabytes:.0f} GB")


@check("签名密钥")
def secret_key() -> Result:
    """Where it comes from, and who can read it."""
    from django.conf import settings

    if os.environ.get("GONGKAI_SECRET_KEY"):
        return Result("签名密钥", OK, "取自 GONGKAI_SECRET_KEY")
    path: Path = settings.DATA_DIR / "secret-key"
    if path.exists() and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        return Result("签名密钥", ERROR, f"{path} 能被其他账号读到。", f"请运行：chmod 600 {path}")
    if not settings.GONGKAI_DEMO and _vendor() == "postgresql":
        mend = "多台机器时各台密钥必须相同，请设置 GONGKAI_SECRET_KEY。"
        return Result("签名密钥", WARNING, "由程序生成，只在本机。", mend)
    return Result("签名密钥", OK, "由程序生成，只有服务账号可读")


@check("个人信息密钥", needs="database")
def privacy_keys() -> Result:
    """The keys of personal data are there, are secret, and open what was sealed."""
    from django.conf import settings

    from gongkai.core.privacy import Fault, inventory, keys

    name, path = "个人信息密钥", keys.path()
    if not keys.given_by_variable():
        if path.exists() and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            return Result(name, ERROR, f"{path} 能被其他账号读到。", f"请运行：chmod 600 {path}")
        if not path.exists() and not settings.GONGKAI_PRIVACY_KEY_FILE and not inventory.anything_sealed():
            return Result(name, OK, f"还没有用到；第一次用到时生成在 {path}")
    keep = "密钥要另外保管一份，不和备份放在一起；丢了就打不开个人信息。"
    try:
        ring = keys.ring()
        for value in inventory.samples() if "tables" in _database_gives() else ():
            value.open()
    except Fault as fault:
        return Result(name, ERROR, str(fault), keep)
    where = "取自 GONGKAI_PRIVACY_KEYS" if keys.given_by_variable() else f"在 {path}"
    if not keys.given_by_variable() and not settings.GONGKAI_DEMO and _vendor() == "postgresql":
        mend = "多台机器时各台密钥必须相同，请设置 GONGKAI_PRIVACY_KEY_FILE 或 GONGKAI_PRIVACY_KEYS。"
        if not settings.GONGKAI_PRIVACY_KEY_FILE:
            return Result(name, WARNING, f"由程序生成，只{where}。", mend)
    return Result(
        name, OK, f"{where}，共 {len(ring.keys)} 个，正在用 {ring.current.name}（请另外保管一份，备份里没有）"
    )


@check("存证日志", needs="tables")
def transparency_log() -> Result:
    """The key of the log is there, is secret, and the log is signed up to date."""
    from django.conf import settings

    from gongkai.core.transparency import keys, sequencer
    from gongkai.core.transparency.models import LogCheckpoint

    path = keys.path()
    if path.exists() and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        return Result("存证日志", ERROR, f"签名密钥 {path} 能被其他账号读到。", f"请运行：chmod 600 {path}")
    last = LogCheckpoint.objects.first()
    if last is not None and not path.exists():
        return Result("存证日志", ERROR, f"签名密钥 {path} 不见了。", "请从保管处恢复原来的密钥文件，不能换新的。")
    try:
        key = keys.signer()
    except keys.KeyFault as fault:
        return Result("存证日志", ERROR, str(fault), "密钥要另外保管一份，不在备份里。")
    if last is not None and last.size < sequencer.size():
        return Result("存证日志", WARNING, f"签名只到第{last.size}条。", "请运行 gongkai log sign，看它说什么。")
    if key.name != keys.origin() and not settings.GONGKAI_DEMO:
        words = f"日志名称 {key.name} 与对外地址不同。"
        return Result("存证日志", WARNING, words, "名称一经使用不再更改；如果日志还是空的，可以删掉密钥重新生成。")
    return Result("存证日志", OK, f"{last.size if last else 0} 条，密钥 {path}（请另外保管一份）")


@check("访问地址")
def hosts() -> Result:
    """Hosts and public address fit together."""
    from urllib.parse import urlsplit

    from django.conf import settings
    from django.http.request import validate_host

    if "*" in settings.ALLOWED_HOSTS:
        mend = "请把 GONGKAI_ALLOWED_HOSTS 写成实际的域名，用逗号隔开。"
        return Result("访问地址", ERROR, "接受任意域名，容易被冒用。", mend)
    host = urlsplit(settings.GONGKAI_PUBLIC_ADDRESS).hostname or ""
    if not validate_host(host, settings.ALLOWED_HOSTS):
        mend = "请把这个域名加进 GONGKAI_ALLOWED_HOSTS。"
        return Result("访问地址", ERROR, f"对外地址的域名 {host} 不在允许之列，会打不开。", mend)
    if host in ("127.0.0.1", "localhost", "::1") and not settings.GONGKAI_DEMO:
        mend = "正式使用请设置 GONGKAI_PUBLIC_ADDRESS 和 GONGKAI_ALLOWED_HOSTS。"
        return Result("访问地址", WARNING, "只有本机能访问，邮件和日历里的链接也指向本机。", mend)
    return Result("访问地址", OK, settings.GONGKAI_PUBLIC_ADDRESS)


@check("运行方式")
def mode() -> Result:
    """Debug, demo, encrypted transport."""
    from django.conf import settings

    if settings.DEBUG:
        return Result("运行方式", ERROR, "调试模式会把内部信息显示给访问者。", "请去掉 GONGKAI_DEBUG。")
    if settings.GONGKAI_DEMO:
        return Result("运行方式", WARNING, "演示模式，登录页列出演示账号。", "正式使用请去掉 GONGKAI_DEMO。")
    if not settings.GONGKAI_TLS:
        return Result("运行方式", WARNING, "没有要求 https，密码会明文传输。", "请配置证书，并设置 GONGKAI_TLS=1。")
    if not settings.SECURE_PROXY_SSL_HEADER:
        mend = "前面有 nginx 时请设置 GONGKAI_BEHIND_PROXY=1，否则会反复跳转。"
        return Result("运行方式", WARNING, "要求 https，但没有说明前面有代理。", mend)
    return Result("运行方式", OK, "正式，要求 https")


@check("人员", needs="tables")
def people() -> Result:
    """Somebody can administer, and somebody supervises."""
    from gongkai.core.models import Membership
    from gongkai.core.roles import ADMINISTRATORS, Role

    held = set(Membership.objects.filter(user__is_active=True).values_list("role", flat=True).distinct())
    lacking = [Role(role).label for role in [Role.OFFICE, *sorted(ADMINISTRATORS)] if role not in held]
    if lacking:
        mend = "请用 gongkai users add 账号 --unit 单位编码 --role 角色 新增。"
        return Result("人员", WARNING, f"还没有{'、'.join(lacking)}。", mend)
    return Result("人员", OK, "主管科室和三类管理员都有人担任")


@check("后台工作", needs="tables")
def worker() -> Result:
    """Periodic work is done on time and without faults."""
    from gongkai.core import schedule
    from gongkai.core.models import PeriodicRun

    if not PeriodicRun.objects.exists():
        return Result("后台工作", WARNING, "还没有运行过。", "请启动 gongkai serve（或 gongkai worker）。")
    late = schedule.overdue()
    if late:
        mend = "请确认 gongkai serve（或 gongkai worker）在运行。"
        return Result("后台工作", ERROR, f"{late[0].name} 等 {len(late)} 项没有按时运行。", mend)
    failing = PeriodicRun.objects.exclude(error="").first()
    if failing:
        return Result("后台工作", ERROR, f"{failing.name} 上次出错：{failing.error}", "详情见服务日志。")
    return Result("后台工作", OK, "按时运行")


@check("放假安排", needs="tables")
def calendar() -> Result:
    """This year's list is there; next year's should be from mid November."""
    from django.utils import timezone

    from gongkai.core import calendars

    today = timezone.localdate()
    current = calendars.current()
    for year, needed in ((today.year, True), (today.year + 1, today >= dt.date(today.year, 11, 15))):
        if needed and year not in {item.year for item in current.years}:
            return Result("放假安排", ERROR, f"没有{year}年的日历，算不出工作日。", _calendar_mend(year))
        if needed and current.year(year).is_provisional:
            return Result(
                "放假安排", WARNING, f"{year}年的放假安排还是暂定的，涉及的到期日会标明。", _calendar_mend(year)
            )
    return Result("放假安排", OK, f"{today.year}年的正式安排已在用")


def _calendar_mend(year: int) -> str:
    return f"国务院办公厅公布后导入：gongkai calendar import {year}.json --document 文号"


@check("邮件")
def mail() -> Result:
    """A server that answers."""
    from django.conf import settings
    from django.core.mail import get_connection

    backend = settings.EMAIL_BACKEND.rpartition(".")[0].rpartition(".")[2]
    if backend != "smtp":
        mend = "请设置 GONGKAI_EMAIL_URL，例如 smtp+tls://账号:密码@邮件服务器:587。"
        return Result("邮件", WARNING, "没有配置，提醒只在站内显示。", mend)
    try:
        with get_connection(timeout=5):
            return Result("邮件", OK, f"{settings.EMAIL_HOST} 可以连接")
    except OSError as error:
        return Result("邮件", ERROR, f"连不上 {settings.EMAIL_HOST}：{error}", "请检查 GONGKAI_EMAIL_URL 和网络。")


@check("病毒检查")
def antivirus() -> Result:
    """clamd answers, where one is configured."""
    from django.conf import settings

    address: str = settings.GONGKAI_CLAMAV_SOCKET
    if not address:
        mend = "需要时安装 clamav-daemon，并设置 GONGKAI_CLAMAV_SOCKET。"
        return Result("病毒检查", WARNING, "没有配置，上传的文件不查毒。", mend)
    try:
        answer = _ping(address)
    except (OSError, ValueError) as error:
        return Result("病毒检查", ERROR, f"{address} 没有响应：{error}", "请启动 clamav-daemon，否则收不了文件。")
    if not answer.startswith(b"PONG"):
        return Result("病毒检查", ERROR, f"{address} 的回答不对。", "请确认地址指向 clamd。")
    return Result("病毒检查", OK, address)


def _ping(address: str) -> bytes:
    family = socket.AF_UNIX if address.startswith("/") else socket.AF_INET
    target: str | tuple[str, int] = address
    if family == socket.AF_INET:
        host, _, port = address.rpartition(":")
        target = (host, int(port))
    with socket.socket(family) as link:
        link.settimeout(5)
        link.connect(target)
        link.sendall(b"zPING\x00")
        return link.recv(64)


@check("PDF")
def pdf() -> Result:
    """weasyprint finds its system libraries."""
    try:
        import weasyprint
    except OSError as error:
        words = f"缺少系统库，不能生成 PDF（{str(error).splitlines()[0][:120]}）。其他功能不受影响。"
        return Result(
            "PDF", WARNING, words, "Debian：apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
        )
    return Result("PDF", OK, f"weasyprint {weasyprint.__version__}")


@check("中文字体")
def fonts() -> Result:
    """Something that PDF can print Chinese with."""
    program = shutil.which("fc-list")
    mend = "Debian：apt-get install fontconfig fonts-noto-cjk"
    if program is None:
        return Result("中文字体", WARNING, "没有 fc-list，看不出有没有中文字体。", mend)
    command = [program, ":lang=zh-cn", "family"]
    listed = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)  # noqa: S603  fixed words
    families = sorted({line.split(",")[0].strip() for line in listed.stdout.splitlines() if line.strip()})
    if not families:
        return Result("中文字体", WARNING, "没有中文字体，PDF 里的汉字会是方框。", mend)
    from gongkai.requests.masking.sheets import label_font

    label_font.cache_clear()
    if not _writes_chinese(label_font()):
        words = "有中文字体，但系统按“中文”选出来的写不出汉字：遮盖框上没有依据，文书 PDF 里可能有方框。"
        return Result("中文字体", WARNING, words, f"{mend}；装好后运行 fc-cache -f，再运行一次 gongkai doctor。")
    return Result("中文字体", OK, "、".join(families[:3]) + (f" 等{len(families)}种" if len(families) > 3 else ""))


def _writes_chinese(found: tuple[str, int] | None) -> bool:
    """Whether a font draws Chinese signs: two different ones look different, while what is missing looks the same."""
    if found is None:
        return False
    from PIL import ImageFont

    try:
        font = ImageFont.truetype(found[0], 20, index=found[1])
        return bytes(font.getmask("据")) != bytes(font.getmask("密"))
    except OSError:
        return False


@check("LibreOffice")
def libreoffice() -> Result:
    """Needed for .doc and .wps only."""
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        mend = "需要时：apt-get install libreoffice-writer；或请对方另存为 .docx。"
        return Result("LibreOffice", WARNING, "没有安装，.doc 和 .wps 文件读不了。", mend)
    return Result("LibreOffice", OK, program)


@check("备份工具")
def backup_tools() -> Result:
    """pg_dump and pg_restore, where the database is PostgreSQL."""
    if _vendor() != "postgresql":
        return Result("备份工具", OK, "SQLite 不需要另外的工具")
    lacking = [name for name in ("pg_dump", "pg_restore") if not shutil.which(name)]
    if lacking:
        mend = "Debian：apt-get install postgresql-client"
        return Result("备份工具", ERROR, f"没有 {'、'.join(lacking)}，不能备份。", mend)
    return Result("备份工具", OK, "pg_dump、pg_restore")
