"""`gongkai log`: keep the transparency log of this installation in order."""

from __future__ import annotations

import argparse
from pathlib import Path

from gongkai.commands.terminal import Problem, print_json, require_migrated, start_django


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to do."""
    parser.add_argument(
        "action",
        choices=["check", "rebuild", "recover", "sign", "cosign", "key"],
        help="check 核对日志与数据库；rebuild 从数据库重新生成日志文件；recover 恢复旧备份后，从日志文件找回缺的存证；"
        "sign 立即编号并签名；cosign 收下见证方的签名；key 显示公钥",
    )
    parser.add_argument("file", nargs="?", help="cosign 时：见证方给的签名文件")
    parser.add_argument("--json", action="store_true", help="输出 JSON")


def run(options: argparse.Namespace) -> int:
    """Do it; the exit status is 1 when something does not fit."""
    start_django()
    require_migrated()
    from gongkai.core.transparency import keys, sequencer

    try:
        return _ACTIONS[options.action](options)
    except (keys.KeyFault, sequencer.LogFault) as fault:
        raise Problem(str(fault)) from fault


def _check(options: argparse.Namespace) -> int:
    from gongkai.core.transparency import checking

    verdict = checking.check()
    if options.json:
        print_json({"ok": not verdict.faults, "entries": verdict.entries, "faults": verdict.faults})
    elif verdict.faults:
        print("\n".join(f"✗ {fault}" for fault in verdict.faults))
    else:
        print(f"{verdict.entries} 条存证逐条核对，数据库、日志文件和签名一致。")
    return int(bool(verdict.faults))


def _rebuild(options: argparse.Namespace) -> int:
    from gongkai.core.transparency import checking

    size = checking.rebuild()
    _say(options, f"已从数据库重新生成 {size} 条存证的日志文件，与已签名的检查点一致。", size=size)
    return 0


def _recover(options: argparse.Namespace) -> int:
    from gongkai.core.transparency import checking

    found = checking.recover()
    _say(options, f"已从日志文件找回 {found} 条存证。", recovered=found)
    return 0


def _sign(options: argparse.Namespace) -> int:
    from gongkai.core.transparency import sequencer

    ordered = sequencer.sequence()
    _say(options, f"已编号 {ordered} 条，并签名。", ordered=ordered)
    return 0


def _cosign(options: argparse.Namespace) -> int:
    from gongkai.core.transparency import checking
    from gongkai.proof.notes import NoteError

    if not options.file:
        raise Problem("请写明见证方给的签名文件。", "例如：gongkai log cosign checkpoint", 2)
    try:
        accepted = checking.accept(Path(options.file).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise Problem(f"读不了 {options.file}。", "请核对文件名。") from error
    except NoteError as error:
        raise Problem(f"签名不能收下。技术细节：{error}", "见证方的公钥要先写进 GONGKAI_LOG_WITNESSES。") from error
    _say(options, f"已收下 {'、'.join(accepted)} 的见证签名。", witnesses=accepted)
    return 0


def _key(options: argparse.Namespace) -> int:
    from gongkai.core.transparency import keys

    _say(options, str(keys.verifier()), key=str(keys.verifier()))
    return 0


def _say(options: argparse.Namespace, words: str, **facts: object) -> None:
    if options.json:
        print_json({"ok": True, **facts})
    else:
        print(words)


_ACTIONS = {
    "check": _check,
    "rebuild": _rebuild,
    "recover": _recover,
    "sign": _sign,
    "cosign": _cosign,
    "key": _key,
}
