"""Reading a log from the network, from a directory, or from this installation; shared by `verify` and `witness`."""

from __future__ import annotations

import argparse
import json
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from gongkai import __version__
from gongkai.commands.terminal import Problem, start_django
from gongkai.proof.client import Log
from gongkai.proof.notes import NoteError, Verifier
from gongkai.proof.store import Store
from gongkai.proof.tiles import Read

TIMEOUT = 30
LARGEST = 512 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Place:
    """A log, who answers look-ups (nobody for a directory), and whether its key is its own word only.

    `ask("sha256", digest)` and `ask("address", path)` give subjects with their entries, as /proof/lookup.json does.
    """

    log: Log
    ask: Callable[[str, str], list[dict[str, Any]]] | None
    key_from_log: bool


def fetch(address: str) -> bytes:
    """What stands at an address.

    Raises:
        Problem: it cannot be reached, or the answer is too large.
        FileNotFoundError: there is nothing.
    """
    if urlsplit(address).scheme not in ("http", "https"):
        raise Problem(f"不认识的网址 {address}。", "网址以 http:// 或 https:// 开头。")
    request = urllib.request.Request(address, headers={"User-Agent": f"gongkai/{__version__}"})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310  the scheme was looked at
            data: bytes = answer.read(LARGEST + 1)
    except urllib.error.HTTPError as error:
        if error.code == 404:
            raise FileNotFoundError(address) from error
        raise Problem(f"{address} 回答 {error.code}。", "请稍后再试。") from error
    except OSError as error:
        raise Problem(f"连不上 {address}：{error}", "请检查网址和网络。") from error
    if len(data) > LARGEST:
        raise Problem(f"{address} 太大。", "请先下载，再核验文件。")
    return data


def network_reader(address: str) -> Read:
    """Read a log's files below its address."""

    def read(path: str) -> bytes:
        return fetch(f"{address}/{path}")

    return read


def _asker(site: str) -> Callable[[str, str], list[dict[str, Any]]]:
    def ask(what: str, value: str) -> list[dict[str, Any]]:
        try:
            answer = json.loads(fetch(f"{site}/proof/lookup.json?{urlencode({what: value})}"))
            return list(answer["subjects"])
        except (FileNotFoundError, ValueError, KeyError, TypeError) as error:
            raise Problem(f"{site} 不能按指纹查询。", "加 --scan 可以读完整个日志来查。") from error

    return ask


def open_place(options: argparse.Namespace) -> Place:
    """The log that the options name: `log`, `directory`, `key`.

    Raises:
        Problem: the options contradict each other, a key is malformed, or nothing is there.
    """
    if options.log and options.directory:
        raise Problem("--log 和 --directory 只能写一个。", status=2)
    if options.log:
        address = options.log.rstrip("/")
        if not urlsplit(address).netloc:
            raise Problem(f"日志地址 {options.log} 不对。", "例如 https://…/tlog。", status=2)
        key = read_key(options.key) if options.key else _published_key(address)
        return Place(Log(network_reader(address), key), _asker(address.removesuffix("/tlog")), not options.key)
    if options.directory:
        if not options.key:
            raise Problem("核验目录里的日志要用 --key 写明公钥。", "公钥在日志所在网站的“存证核验”页上。", status=2)
        return Place(Log(Store(Path(options.directory)).read, read_key(options.key)), None, False)
    start_django()
    from gongkai.core.transparency import keys, queries, sequencer

    if not (sequencer.folder() / "checkpoint").exists():
        raise Problem("本机没有日志。", "请用 --log 写明日志的地址。")
    key = read_key(options.key) if options.key else keys.verifier()
    return Place(Log(sequencer.store().read, key, keys.witnesses()), queries.answer, False)


def read_key(words: str) -> Verifier:
    """A verifier key; Problem when it is malformed."""
    try:
        return Verifier.parse(words)
    except NoteError as error:
        raise Problem(f"公钥写得不对。技术细节：{error}", "公钥是 名称+编号+密钥 一整行。", status=2) from error


def _published_key(address: str) -> Verifier:
    try:
        return read_key(fetch(f"{address}/key").decode())
    except FileNotFoundError as error:
        raise Problem(f"{address} 没有公布公钥。", "请用 --key 写明公钥。") from error
