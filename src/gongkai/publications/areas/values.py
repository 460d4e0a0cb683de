"""Cells: from what somebody typed or a spreadsheet holds to a value, and from a value to words.

A value is plain JSON: text, ISO day, whole year, decimal number as text, true or false. Errors are sentences for the
person who fills the table in.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from gongkai.core.days import day_words
from gongkai.core.models import Unit, UnitAlias
from gongkai.law.identifiers import is_credit_code
from gongkai.publications.areas.catalog.model import Field, Shown, Template, Type
from gongkai.screening import masking

TEXT_LIMIT = 300
LONG_LIMIT = 5000
KEY_LIMIT = 250
FIRST_YEAR, LAST_YEAR = 1949, 2100
LARGEST = Decimal(10) ** 15
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_SPACE = re.compile(r"[ \t\u3000]+")
_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[ T]0{1,2}:00(?::00)?)?")
_DAY_BARE = re.compile(r"(\d{4})(\d{2})(\d{2})")
_YEAR = re.compile(r"(\d{4})\s*年?度?(?:\.0)?")
_NUMBER = re.compile(r"([-+]?\d[\d,]*(?:\.\d+)?(?:[eE][-+]?\d+)?)\s*(.*)")
_PROJECT = re.compile(r"[0-9A-Za-z][0-9A-Za-z-]{3,39}")
_YES = {"是": True, "否": False, "有": True, "无": False, "1": True, "0": False, "true": True, "false": False}
# Written after an amount: how many 万元 one of it is.
_MONEY_UNITS = {"": Decimal(1), "万元": Decimal(1), "万": Decimal(1), "元": Decimal("0.0001"), "亿元": Decimal(10000), "亿": Decimal(10000)}  # fmt: skip


class CellError(ValueError):
    """The cell cannot be taken; the message says what is wrong and what to write instead."""


class Lookup:
    """What cells may name in the database, read once for a whole table."""

    def __init__(self) -> None:
        self._units: dict[str, str] | None = None
        self._documents: dict[str, dict[str, Any] | None] = {}

    def unit(self, name: str) -> str | None:
        """The full name of a registered unit under any of its names."""
        if self._units is None:
            names: dict[str, str] = {}
            for alias, full in UnitAlias.objects.filter(unit__isnull=False).values_list("name", "unit__name"):
                names[alias] = full
            for full, short in Unit.objects.filter(active=True).values_list("name", "short_name"):
                names.setdefault(short, full)
                names[full] = full
            self._units = names
        return self._units.get(name)

    def document(self, words: str) -> dict[str, Any] | None:
        """A public document by number or title, as {"id", "title"}."""
        if words not in self._documents:
            self._documents[words] = _document(words)
        return self._documents[words]


def _document(words: str) -> dict[str, Any] | None:
    from django.db.models import Q

    from gongkai.publications.models import PublicDocument

    named = Q(document_number=words) | Q(index_number=words) | Q(title=words)
    row = PublicDocument.objects.filter(named).order_by("-published_at").values("publication_id", "title").first()
    return {"id": row["publication_id"], "title": row["title"]} if row else None


def tidy(raw: Any) -> str:
    """A cell as text: no control signs, no spaces around, one kind of blank."""
    if raw is None:
        return ""
    if isinstance(raw, bool):
        return "是" if raw else "否"
    if isinstance(raw, float) and raw.is_integer() and abs(raw) < 1e15:
        raw = int(raw)
    lines = [_SPACE.sub(" ", _CONTROL.sub("", line)).strip() for line in str(raw).replace("\r\n", "\n").split("\n")]
    return "\n".join(lines).strip()


def read(field: Field, raw: Any, lookup: Lookup) -> Any:
    """The value of a cell; None when it is empty.

    Raises CellError with a sentence when it does not fit the field.
    """
    words = tidy(raw)
    if not words:
        if field.required:
            raise CellError(f"没有填“{field.label}”。")
        return None
    return _READERS[field.type](field, raw, words, lookup)


def _text(field: Field, raw: Any, words: str, lookup: Lookup) -> str:
    words = " ".join(words.split("\n"))
    if len(words) > TEXT_LIMIT:
        raise CellError(f"“{field.label}”有{len(words)}个字，最多{TEXT_LIMIT}个字。")
    return words


def _long(field: Field, raw: Any, words: str, lookup: Lookup) -> str:
    if len(words) > LONG_LIMIT:
        raise CellError(f"“{field.label}”有{len(words)}个字，最多{LONG_LIMIT}个字。长内容请另发文件并在此填写文件。")
    return words


def _number(field: Field, raw: Any, words: str, lookup: Lookup) -> str:
    match = _NUMBER.fullmatch(words.replace("，", ",").replace("％", "%"))
    unit = field.said_unit
    try:
        if match is None:
            raise InvalidOperation
        figure = Decimal(match[1].replace(",", ""))
    except InvalidOperation:
        wanted = f"，单位是{unit}" if unit else ""
        raise CellError(f"“{_short(words)}”不是数字。“{field.label}”只填数字{wanted}。") from None
    behind = match[2].strip()
    if field.type == Type.MONEY:
        if behind not in _MONEY_UNITS:
            raise CellError(f"“{_short(words)}”的单位看不懂。“{field.label}”以万元为单位，只填数字。")
        figure *= _MONEY_UNITS[behind]
    elif behind and behind != unit:
        raise CellError(f"“{_short(words)}”的单位应是“{unit or '无单位'}”。“{field.label}”只填数字。")
    if abs(figure) > LARGEST:
        raise CellError(f"“{field.label}”的数字太大，请检查。")
    return plain(figure.quantize(Decimal("0.000001")))


def plain(figure: Decimal) -> str:
    """A decimal number without exponent and trailing zeros."""
    text = f"{figure:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def _date(field: Field, raw: Any, words: str, lookup: Lookup) -> str:
    if isinstance(raw, dt.datetime):
        return raw.date().isoformat()
    if isinstance(raw, dt.date):
        return raw.isoformat()
    match = _DAY.fullmatch(words) or _DAY_BARE.fullmatch(words)
    try:
        if match is None:
            raise ValueError
        day = dt.date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        raise CellError(f"“{_short(words)}”不是日期。“{field.label}”请写成2026年6月3日或2026-06-03。") from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise CellError(f"“{field.label}”的年份{day.year}不合理，请检查。")
    return day.isoformat()


def _year(field: Field, raw: Any, words: str, lookup: Lookup) -> int:
    if isinstance(raw, dt.date):
        return raw.year
    match = _YEAR.fullmatch(words)
    if match is None or not FIRST_YEAR <= int(match[1]) <= LAST_YEAR:
        raise CellError(f"“{_short(words)}”不是年份。“{field.label}”请写成2026。")
    return int(match[1])


def _choice(field: Field, raw: Any, words: str, lookup: Lookup) -> str:
    if words in field.choices:
        return words
    bare = words.replace(" ", "")
    for one in field.choices:
        if one.replace(" ", "") == bare:
            return one
    raise CellError(f"“{_short(words)}”不在“{field.label}”的选项里。可填：{'、'.join(field.choices)}。")


def _yesno(field: Field, raw: Any, words: str, lookup: Lookup) -> bool:
    if words.lower() not in _YES:
        raise CellError(f"“{field.label}”请填“是”或“否”。")
    return _YES[words.lower()]


def _unit(field: Field, raw: Any, words: str, lookup: Lookup) -> str:
    found = lookup.unit(words)
    if found is None:
        raise CellError(f"没有登记名为“{_short(words)}”的单位。请填写单位全称或简称，新单位请先由系统管理员登记。")
    return found


def _link(field: Field, raw: Any, words: str, lookup: Lookup) -> dict[str, Any]:
    if words.startswith(("http://", "https://")):
        try:
            parts = urlsplit(words)
        except ValueError:
            parts = urlsplit("")
        if not parts.hostname or len(words) > TEXT_LIMIT or any(sign in words for sign in " \"'<>\n"):
            raise CellError(f"“{_short(words)}”不是完整的网址。")
        return {"url": words}
    found = lookup.document(words)
    if found is None:
        raise CellError(
            f"没有找到已公开的“{_short(words)}”。“{field.label}”请填写已公开文件的发文字号、索引号或标题，或者完整网址。"
        )
    return found


def _project(field: Field, raw: Any, words: str, lookup: Lookup) -> str:
    if not _PROJECT.fullmatch(words):
        raise CellError(f"“{_short(words)}”不是项目代码。项目代码是4到40位的字母、数字和短横线。")
    return words.upper()


def _credit_code(field: Field, raw: Any, words: str, lookup: Lookup) -> str:
    code = words.upper().replace(" ", "")
    if not is_credit_code(code):
        raise CellError(f"“{_short(words)}”不是正确的统一社会信用代码，请核对18位代码。")
    return code


def _short(words: str) -> str:
    line = " ".join(words.split())
    return line if len(line) <= 30 else line[:29] + "…"


_READERS = {
    Type.TEXT: _text,
    Type.LONG: _long,
    Type.NUMBER: _number,
    Type.MONEY: _number,
    Type.DATE: _date,
    Type.YEAR: _year,
    Type.CHOICE: _choice,
    Type.YESNO: _yesno,
    Type.UNIT: _unit,
    Type.LINK: _link,
    Type.PROJECT: _project,
    Type.CREDIT_CODE: _credit_code,
}


# --- from values -----------------------------------------------------------------------------------------------------


def words_of(field: Field, value: Any) -> str:
    """A value as people read it: dates in Chinese, thousands with commas; empty for None."""
    if value is None or value == "":
        return ""
    if field.type == Type.DATE:
        day = day_of(value)
        return day_words(day, str(value))
    if field.numeric:
        return figure_words(value)
    if field.type == Type.YESNO:
        return "是" if value else "否"
    if field.type == Type.LINK:
        return str(value.get("title") or value.get("url") or "") if isinstance(value, Mapping) else str(value)
    return str(value)


def figure_words(value: Any) -> str:
    """A decimal number with commas from a thousand on."""
    try:
        figure = Decimal(str(value))
    except InvalidOperation:
        return str(value)
    head, dot, tail = plain(figure).partition(".")
    return f"{int(head):,}{dot}{tail}" if head not in ("-0",) else f"-0{dot}{tail}"


def typed_of(field: Field, value: Any) -> Any:
    """A value as a form or a spreadsheet shows it for editing."""
    if value is None:
        return ""
    if field.type == Type.YESNO:
        return "是" if value else "否"
    if field.type == Type.LINK:
        return words_of(field, value)
    return value


@lru_cache(maxsize=4096)
def day_of(value: str) -> dt.date | None:
    """A stored day; None for anything else."""
    try:
        return dt.date.fromisoformat(value)
    except (TypeError, ValueError):
        return None


_MASKS: dict[str, Callable[[str], str]] = {
    "name": masking.mask_name,
    "identity": masking.mask_identity,
    "phone": masking.mask_mobile,
    "account": masking.mask_card,
    "address": masking.mask_address,
}


def shown_of(template: Template, values: Mapping[str, Any]) -> dict[str, Any]:
    """What the public may read of a row: fields that are not public are gone, masked ones are covered."""
    shown: dict[str, Any] = {}
    for field in template.seen:
        value = values.get(field.name)
        if value is None:
            continue
        covered = field.shown == Shown.MASKED and (not field.when or values.get(field.when[0]) == field.when[1])
        shown[field.name] = _MASKS[field.mask](str(value)) if covered else value
    return shown


def key_of(template: Template, values: Mapping[str, Any]) -> str:
    """What names the row among the rows of its dataset; long ones are shortened to a digest."""
    parts = [" ".join(words_of(template.by_name[name], values.get(name)).split()) for name in template.key]
    key = "｜".join(parts)
    if len(key) > KEY_LIMIT:
        key = key[:120] + hashlib.sha256(key.encode()).hexdigest()
    return key


def title_of(template: Template, shown: Mapping[str, Any]) -> str:
    """The heading of the row as the public reads it."""
    return words_of(template.by_name[template.heading], shown.get(template.heading))[:300] or template.title


def canonical(data: Any) -> str:
    """Plain data as one line of JSON that is always the same for the same data."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest_of(data: Any) -> str:
    """SHA-256 of the canonical form, in hex."""
    return hashlib.sha256(canonical(data).encode()).hexdigest()


def words_of_row(template: Template, shown: Mapping[str, Any]) -> Iterable[tuple[Field, str]]:
    """The public fields of a row that are not empty, with their words."""
    for field in template.seen:
        said = words_of(field, shown.get(field.name))
        if said:
            yield field, said
