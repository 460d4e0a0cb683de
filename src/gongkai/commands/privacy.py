"""`gongkai privacy`: the keys that personal data is sealed with."""

from __future__ import annotations

import argparse

from gongkai.commands.terminal import Problem, print_json, progress, require_migrated, start_django


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to do."""
    parser.add_argument(
        "action",
        choices=["status", "new-key", "rotate"],
        help="status 看有哪些密钥、各加密了多少；new-key 生成新密钥，以后用它加密；rotate 把已有内容改用新密钥，"
        "可以中断，再运行会接着做",
    )
    parser.add_argument("--json", action="store_true", help="输出 JSON")


def run(options: argparse.Namespace) -> int:
    """Do it; a key that is missing becomes a problem in words."""
    start_django()
    require_migrated()
    from gongkai.core.privacy import Fault

    try:
        return {"status": _status, "new-key": _new_key, "rotate": _rotate}[options.action](options)
    except Fault as fault:
        raise Problem(str(fault), "各项配置的写法见 docs/operations.md。") from fault


def _status(options: argparse.Namespace) -> int:
    from gongkai.core.privacy import inventory, keys

    used = inventory.in_use()
    known = (
        {key.name for key in keys.ring().keys} if used or keys.given_by_variable() or keys.path().exists() else set()
    )
    missing = sorted(set(used) - known)
    current = keys.ring().current.name if known else ""
    where = "GONGKAI_PRIVACY_KEYS" if keys.given_by_variable() else str(keys.path())
    if options.json:
        print_json({"ok": not missing, "where": where, "current": current, "used": used, "missing": missing})
        return int(bool(missing))
    if not known and not used:
        print(f"还没有加密保存过个人信息。第一次用到时，密钥会生成在 {where}。")
        return 0
    print(f"密钥在 {where}，正在用 {current}。")
    for name in sorted(known | set(used)):
        state = "缺少，打不开" if name in missing else "在用" if name == current else "只用于解密"
        print(f"  {name}  {state}，加密了 {used.get(name, 0)} 项")
    if any(name != current for name in used):
        print("运行 gongkai privacy rotate，可以把旧密钥加密的内容改用新密钥。")
    return int(bool(missing))


def _new_key(options: argparse.Namespace) -> int:
    from gongkai.core.privacy import keys

    name = keys.add_new().name
    if options.json:
        print_json({"ok": True, "current": name, "where": str(keys.path())})
    else:
        print(f"新密钥 {name} 已写在 {keys.path()} 的最前面，以后用它加密。请把这个文件另外保管一份。")
        print("有多台机器的，先把文件拷到每一台。再运行 gongkai privacy rotate。")
    return 0


def _rotate(options: argparse.Namespace) -> int:
    from gongkai.core.privacy import rotation

    with progress(quiet=options.json) as bar:
        task = bar.add_task("重新加密", total=None)
        done = rotation.rotate(lambda words, number: bar.update(task, description=f"重新加密：{words}", advance=number))
    if options.json:
        print_json({"ok": True, **done})
    else:
        print(f"已改用新密钥：{done['values']} 项数据、{done['files']} 个文件。")
        print("旧密钥不再用于现有数据，但以前的备份还要靠它打开：备份还留着，旧密钥就不能销毁。")
    return 0
