"""Links in parts and pages, and what is wrong with them at first sight; whether they open is tried elsewhere."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from gongkai.screening.folding import fold
from gongkai.screening.parts import Part, Unreadable

_ADDRESS = re.compile(r"(?:https?|ftp)[:：][/／]{2}[^\s<>\"'“”‘’，。；、（）《》\u4e00-\u9fff\x1e\x1f]{1,2000}", re.I)
_TRAILING = ".,;:!?)]}'\""
_PATH = re.compile(r"^(?:[A-Za-z]:[\\/]|\\\\|file:)", re.I)
_INSIDE = re.compile(r"(?:^|\.)(?:localhost|local|lan|intranet|internal|corp)$")


@dataclass(frozen=True, slots=True)
class Link:
    """A link with its place; `problem` says in Chinese what is wrong with it, empty where it has to be tried."""

    address: str
    place: str
    problem: str = ""

    @property
    def can_be_tried(self) -> bool:
        """Whether it makes sense to open the address."""
        return not self.problem and self.address.lower().startswith(("http://", "https://"))


def links(source: Sequence[Part] | str | bytes) -> list[Link]:
    """The links in parts, or in an HTML text, each address once per place, in their order. Raises `Unreadable`."""
    if isinstance(source, str | bytes):
        from gongkai.screening.extract import guarded
        from gongkai.screening.web import html_parts

        data = source.encode("utf-8", "replace") if isinstance(source, str) else source
        try:
            source = guarded(lambda: html_parts(data, "utf-8"))
        except Unreadable as error:
            if error.code == "empty":
                return []
            raise
    found: dict[Link, None] = {}
    for part in source:
        for address in _addresses(part):
            found[Link(address, part.place, problem(address))] = None
    return list(found)


def _addresses(part: Part) -> Iterator[str]:
    if part.place.endswith(("链接地址", "本机或外部路径")):
        yield part.text.strip()
        return
    for match in _ADDRESS.finditer(part.text):
        yield match.group().rstrip(_TRAILING)


def problem(address: str) -> str:
    """What is wrong with an address that the public could not open it; nothing where it has to be tried."""
    if not address or address == "#":
        return "链接是空的。请补上地址，或去掉链接。"
    low = address.lower()
    if low.startswith(("javascript:", "vbscript:", "data:")):
        return "链接会执行脚本，不会打开网页。请换成网页地址。"
    if _PATH.match(address):
        return "链接指向某台电脑上的文件，公众打不开。请上传附件或换成网页地址。"
    if fold(address) != address and low.startswith("http"):
        return "链接里有全角符号，打不开。请改成半角。"
    if not low.startswith(("http://", "https://")):
        return ""
    try:
        host = urlsplit(address).hostname or ""
    except ValueError:
        host = ""
    return _host_problem(host)


def _host_problem(host: str) -> str:
    try:
        inside = not ipaddress.ip_address(host).is_global
    except ValueError:
        inside = bool(_INSIDE.search(host)) or (host != "" and "." not in host)
    if inside:
        return "链接是内部网络的地址，公众打不开。请换成公开的地址。"
    return "" if host else "链接缺少网站名，打不开。请补全地址。"
