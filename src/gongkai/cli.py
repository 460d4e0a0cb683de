"""The `gongkai` command."""

from __future__ import annotations

import argparse
import errno
import importlib
import re
import sys
from collections.abc import Sequence
from typing import NoReturn

from gongkai import __version__

# Name -> what it does; the module of the same name in gongkai.commands does it (see MODULES).
COMMANDS = {
    "serve": "启动网站和后台工作",
    "worker": "只做后台工作（PostgreSQL 多机时用）",
    "compile": "把工作要点、分解表等文件编成任务清单，不需要数据库",
    "demo": "生成演示数据",
    "units": "导入、导出单位名录",
    "import": "把原网站的信息读进来预检，批准后导入",
    "users": "管理人员和角色",
    "calendar": "导入放假安排",
    "catalog": "按条例建立公开目录，导入、导出",
    "migrate": "建立或升级数据库",
    "backup": "备份数据库和文件，可在运行中进行",
    "restore": "从备份恢复",
    "audit": "核验留痕的审计链",
    "verify": "核验一个文件是否公开过、是否改过，或核验日志没有改写",
    "witness": "为另一个单位的存证日志作见证",
    "log": "核对、重建本机的存证日志",
    "counters": "核对统计计数",
    "search": "核对、修复、重建搜索索引",
    "pages": "查看、清除公开页面缓存",
    "casefile": "核对依申请公开案卷包有没有改动，不需要数据库",
    "privacy": "查看、更换个人信息密钥",
    "permissions": "列出谁可以做什么",
    "doctor": "检查安装和配置，说明怎么改",
}
# Where the command's name is no name for a module.
MODULES = {"import": "importing"}
EPILOG = "每个命令都有说明：gongkai 命令 --help。退出状态：0 正常，1 有问题，2 命令写法不对。"


class Formatter(argparse.HelpFormatter):
    """Help in Chinese."""

    def add_usage(self, usage, actions, groups, prefix=None) -> None:
        """The usage line with a Chinese head."""
        super().add_usage(usage, actions, groups, "用法：" if prefix is None else prefix)


class Parser(argparse.ArgumentParser):
    """A parser that helps and complains in Chinese."""

    def __init__(self, **kwargs) -> None:
        super().__init__(add_help=False, formatter_class=Formatter, **kwargs)
        self._positionals.title = "参数"
        self._optionals.title = "选项"
        self.add_argument("-h", "--help", action="help", help="显示这份说明")

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the command, and how it is written."""
        self.print_usage(sys.stderr)
        self.exit(2, f"命令写得不对：{_translate(message)}\n加 --help 可以看完整说明。\n")


_PHRASES = (
    (r"the following arguments are required: (.*)", r"缺少 \1"),
    (r"unrecognized arguments: (.*)", r"不认识 \1"),
    (r"argument (.*): invalid choice: (.*) \(choose from (.*)\)", r"\1 不能是 \2，可以是 \3"),
    (r"argument (.*): expected (?:one|at least one) argument.*", r"\1 后面要有内容"),
    (r"argument (.*): invalid .* value: (.*)", r"\1 的值 \2 不对"),
    (r"argument (.*): not allowed with argument (.*)", r"\1 和 \2 不能同时用"),
)


def _translate(message: str) -> str:
    for pattern, words in _PHRASES:
        found = re.fullmatch(pattern, message, re.DOTALL)
        if found:
            return found.expand(words)
    return message


def build_parser() -> argparse.ArgumentParser:
    """The parser with all subcommands."""
    parser = Parser(prog="gongkai", description="政务公开平台：让工作要点变成看得见的台账。", epilog=EPILOG)
    parser.add_argument("--version", action="version", version=f"gongkai {__version__}", help="显示版本")
    subparsers = parser.add_subparsers(title="命令", dest="command", metavar="命令", required=True)
    for name, words in COMMANDS.items():
        module = importlib.import_module(f"gongkai.commands.{MODULES.get(name, name)}")
        child = subparsers.add_parser(name, help=words, description=words + "。")
        module.add_arguments(child)
        child.set_defaults(run=module.run)
    return parser


# What keeps a command from a file it was given, in words; anything else is a fault of ours.
_FILE_FAULTS = {
    errno.EACCES: "没有权限读写",
    errno.EPERM: "没有权限读写",
    errno.EROFS: "这里只能读，不能写",
    errno.ENOENT: "没有找到",
    errno.ENOTDIR: "没有这个文件夹",
    errno.EISDIR: "这是文件夹，不是文件",
    errno.ENOSPC: "磁盘满了，写不下",
}
_MEND = "请换一个当前账号能读写的位置。"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a subcommand; returns the exit status."""
    from gongkai.commands.terminal import Problem, say_problem

    options = build_parser().parse_args(arguments)
    try:
        return options.run(options)
    except Problem as problem:
        say_problem(problem, as_json=getattr(options, "json", False))
        return problem.status
    except KeyboardInterrupt:
        print("已中止。", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader of our output went away (`gongkai … | head`); nothing more can be written.
        sys.stderr.close()
        return 1
    except OSError as error:
        words = _FILE_FAULTS.get(error.errno or 0)
        if words is None or not error.filename:
            raise
        say_problem(Problem(f"{words}：{error.filename}", _MEND), as_json=getattr(options, "json", False))
        return 1


if __name__ == "__main__":
    sys.exit(main())
