"""The command line itself: help, usage, what it must not import."""

from __future__ import annotations

import subprocess
import sys

import pytest

from gongkai import cli
from gongkai.commands import users


def test_help_lists_every_command(capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main(["--help"])
    assert stop.value.code == 0
    out = capsys.readouterr().out
    assert all(name in out and words in out for name, words in cli.COMMANDS.items())


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_explains_itself(name, capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main([name, "--help"])
    assert stop.value.code == 0
    assert "用法：" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "缺少"),
        (["nope"], "不能是 'nope'"),
        (["backup"], "缺少 文件.tar.gz"),
        (["serve", "--bind"], "--bind 后面要有内容"),
        (["doctor", "--loud"], "不认识 --loud"),
        (["serve", "--threads", "many"], "的值 'many' 不对"),
    ],
)
def test_wrong_usage_is_told_in_words(arguments, words, capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main(arguments)
    assert stop.value.code == 2
    assert words in capsys.readouterr().err


def test_the_parser_loads_no_framework():
    code = (
        "import sys; from gongkai.cli import build_parser; build_parser();"
        "heavy = {'django', 'rich', 'gunicorn', 'openpyxl', 'weasyprint', 'lxml'} & set(sys.modules);"
        "sys.exit(', '.join(heavy) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_roles_are_those_of_the_product():
    from gongkai.core.roles import Role

    assert dict(Role.choices) == users.ROLES
