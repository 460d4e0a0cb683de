"""`gongkai pages status|drop`: what the page cache holds, and how to empty it by hand."""

from __future__ import annotations

import argparse
import datetime as dt

from gongkai.commands.terminal import Problem, print_json, require_migrated, start_django


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Look, or drop."""
    parser.add_argument("action", choices=["status", "drop"], help="status 看有多少页面，drop 清除页面")
    parser.add_argument("tags", nargs="*", metavar="标签", help="只清除带这些标签的页面，如 unit:5；不写就全部清除")
    parser.add_argument("--json", action="store_true", help="输出 JSON")


def run(options: argparse.Namespace) -> int:
    """Do it; a running server goes on, the next reader renders the page anew."""
    start_django()
    require_migrated()
    from gongkai.core import pages
    from gongkai.core.pages.store import enabled, store

    if options.action == "status":
        return _status(options.json)
    if not enabled():
        raise Problem("页面缓存没有启用。", "GONGKAI_PAGES=0 时公开页面每次都现做，没有可清除的。")
    before = store().status().pages
    pages.drop(*(options.tags or [pages.EVERY]))
    dropped = before - store().status().pages
    if options.json:
        print_json({"ok": True, "dropped": dropped})
    else:
        print(f"清除了 {dropped} 个页面。下一位读者打开时会重新生成。")
    return 0


def _status(as_json: bool) -> int:
    from django.conf import settings

    from gongkai.core.pages.models import PageDrop
    from gongkai.core.pages.store import enabled, store

    if not enabled():
        print_json({"ok": True, "enabled": False}) if as_json else print("页面缓存没有启用（GONGKAI_PAGES=0）。")
        return 0
    found, waiting = store().status(), PageDrop.objects.count()
    if as_json:
        print_json(
            {
                "ok": True,
                "enabled": True,
                "folder": str(settings.GONGKAI_PAGES_DIR),
                "pages": found.pages,
                "tags": found.tags,
                "bytes": found.bytes,
                "ceiling": settings.GONGKAI_PAGES_MEGABYTES * 1_000_000,
                "next_expiry": _moment(found.next_expiry),
                "oldest": _moment(found.oldest),
                "waiting": waiting,
            }
        )
        return 0
    print(f"目录      {settings.GONGKAI_PAGES_DIR}")
    print(f"页面      {found.pages} 个，占 {found.bytes / 1e6:.1f} MB（上限 {settings.GONGKAI_PAGES_MEGABYTES} MB）")
    print(f"标签      {found.tags} 个")
    print(f"最早生成  {_words(found.oldest)}")
    print(f"下次到期  {_words(found.next_expiry)}")
    print(f"待清除    {waiting} 条")
    print(f"网站地址  {settings.GONGKAI_PUBLIC_ADDRESS}（只有从这个地址打开的页面才会留存）")
    return 0


def _moment(seconds: float | None) -> str | None:
    return dt.datetime.fromtimestamp(seconds, dt.UTC).isoformat() if seconds else None


def _words(seconds: float | None) -> str:
    from django.utils import timezone

    if not seconds:
        return "无"
    return f"{timezone.localtime(dt.datetime.fromtimestamp(seconds, dt.UTC)):%Y-%m-%d %H:%M:%S}"
