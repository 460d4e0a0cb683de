"""`gongkai backup`: database and files into one archive, while the site runs."""

from __future__ import annotations

import argparse
from pathlib import Path

from gongkai.commands.terminal import print_json, progress, require_migrated, start_django


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where to."""
    parser.add_argument("file", type=Path, metavar="文件.tar.gz", help="备份文件；写完才出现，中断不会留下半个")
    parser.add_argument("--json", action="store_true", help="输出 JSON")


def run(options: argparse.Namespace) -> int:
    """Write the archive."""
    start_django()
    require_migrated()
    from gongkai.commands import archive

    target = options.file.absolute()
    with progress(quiet=options.json) as bar:
        task = bar.add_task("备份", total=None)
        manifest = archive.write(
            target, lambda words, done, total: bar.update(task, description=words, completed=done, total=total)
        )
    rows = sum(manifest["database"]["rows"].values())
    size = target.stat().st_size
    if options.json:
        print_json({"ok": True, "file": str(target), "bytes": size, "rows": rows, "files": len(manifest["files"])})
    else:
        print(f"已备份到 {target}：{rows} 行数据，{len(manifest['files'])} 个文件，{size / 1e6:.1f} MB。")
        print("签名密钥（GONGKAI_SECRET_KEY 或数据目录里的 secret-key）不在备份里，请另外保管。")
        print(privacy_words())
    return 0


def privacy_words() -> str:
    """Where the keys of personal data are, which a backup never holds."""
    from gongkai.core.privacy import keys

    where = "GONGKAI_PRIVACY_KEYS" if keys.given_by_variable() else str(keys.path())
    if not keys.given_by_variable() and not keys.path().exists():
        return "还没有加密保存过个人信息，没有个人信息密钥要保管。"
    return f"个人信息密钥（{where}）不在备份里。没有它，备份里的个人信息打不开；请另外保管，不要和备份放在一起。"
