"""`gongkai compile`: notices into task tables, without Django and without a database."""

from __future__ import annotations

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Files, format, where to."""
    parser.add_argument("files", nargs="+", metavar="文件", help="txt、html、docx、pdf、xlsx，可以多个")
    parser.add_argument(
        "--format",
        choices=["json", "xlsx", "docx"],
        default="json",
        help="输出格式：json（默认）、xlsx 表格、docx 分解表",
    )
    parser.add_argument("--output", metavar="文件或目录", help="写到文件；多个输入时写到目录，每个输入一个结果")


def run(options: argparse.Namespace) -> int:
    """Compile; the exit status is 1 if any file had an error."""
    from gongkai.compiler import command

    return command.run(options.files, format=options.format, output=options.output)
