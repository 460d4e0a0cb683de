"""Index numbers 索引号 by the template of a body. No national rule fixes the form; serials restart each year."""

from __future__ import annotations

import re
from typing import Final

TOKENS: Final[dict[str, str]] = {
    "orgcode9": r"[0-9A-Z]{8}-?[0-9X]",
    "uscc": r"[0-9A-HJ-NPQRTUWXY]{18}",
    "region6": r"\d{6}",
    "code": r"[0-9A-Za-z]{1,40}",
    "class": r"[0-9A-Za-z]{1,10}",
    "yyyy": r"(?:19|20)\d{2}",
    "yyyymm": r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])",
}
_TOKEN = re.compile(r"\{(?P<name>[a-z]+\d?)(?::(?P<width>0\d))?\}")
DEFAULT_TEMPLATE: Final[str] = "{code}/{yyyy}-{seq:05}"


def check_template(template: str) -> None:
    """Raise ValueError with a sentence when a template cannot make numbers that stay apart."""
    names = [match["name"] for match in _TOKEN.finditer(template)]
    unknown = sorted({name for name in names if name not in TOKENS and name != "seq"})
    if unknown:
        raise ValueError(f"索引号模板里的“{unknown[0]}”不认识。可以用：{'、'.join([*TOKENS, 'seq'])}。")
    if names.count("seq") != 1:
        raise ValueError("索引号模板里要有一处流水号，例如 {seq:05}。")
    if not {"yyyy", "yyyymm"} & set(names):
        raise ValueError("流水号每年重新开始，索引号模板里要有年份，例如 {yyyy}。")
    if re.search(r"[{}]", _TOKEN.sub("", template)):
        raise ValueError("索引号模板里的花括号不成对。")


def render(template: str, *, serial: int, year: int, month: int = 1, **values: str) -> str:
    """An index number: `{uscc}/{yyyy}-{seq:05}` with serial 110 of 2017. Raises ValueError when a value is missing."""
    check_template(template)
    known = {**values, "yyyy": f"{year:04d}", "yyyymm": f"{year:04d}{month:02d}"}

    def fill(match: re.Match[str]) -> str:
        name = match["name"]
        if name == "seq":
            return f"{serial:0{int(match['width'] or '0')}d}"
        if not known.get(name):
            raise ValueError(f"索引号需要“{name}”，但单位资料里没有。请先补充单位资料。")
        return known[name]

    return _TOKEN.sub(fill, template)


def pattern(template: str) -> re.Pattern[str]:
    """What a number made by the template looks like; for checking numbers that are typed in or imported."""
    check_template(template)
    parts: list[str] = []
    at = 0
    for match in _TOKEN.finditer(template):
        parts.append(re.escape(template[at : match.start()]))
        parts.append(rf"\d{{{int(match['width'] or '1')},}}" if match["name"] == "seq" else TOKENS[match["name"]])
        at = match.end()
    parts.append(re.escape(template[at:]))
    return re.compile("".join(parts))
