"""What cells and labels of old sites say, in the values of a publication. Plain functions, no database."""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache

from gongkai.law import documents
from gongkai.law.numbering import restore_document_number
from gongkai.publications.body.recognise import read_date

_DAY = re.compile(
    r"((?:19|20)\d{2})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})(?:\s*日)?(?:[T\s]+(\d{1,2})[:：](\d{1,2})(?:[:：](\d{1,2}))?)?"
)
_COMPACT = re.compile(r"((?:19|20)\d{2})(0[1-9]|1[0-2])([0-3]\d)")
_SERIAL = re.compile(r"([2-5]\d{4})(?:\.(\d+))?")
# The first day of a spreadsheet's calendar, as every spreadsheet counts it.
_SPREADSHEET = dt.datetime(1899, 12, 30)
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


def tidy(value: object) -> str:
    """A cell as one line of text, without controls and invisible marks."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, dt.datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}" if value.time() != dt.time() else f"{value:%Y-%m-%d}"
    if isinstance(value, dt.date):
        return value.isoformat()
    text = _CONTROLS.sub("", str(value))
    text = " ".join(text.split())
    # What spreadsheets put before text that looks like a formula.
    return text[1:] if text.startswith("'") and text[1:2] in "=+-@" else text


def lines(value: object) -> str:
    """A cell of several lines, without controls."""
    return _CONTROLS.sub("", str(value)).strip() if value is not None else ""


def moment(text: str) -> dt.datetime | None:
    """The day (and time, if said) of a text, without time zone; None where none can be read."""
    text = text.strip()
    match = _DAY.search(text)
    try:
        if match:
            year, month, day, hour, minute, second = (int(part) if part else 0 for part in match.groups())
            return dt.datetime(year, month, day, hour, minute, second)
        compact = _COMPACT.fullmatch(text)
        if compact:
            return dt.datetime(*(int(part) for part in compact.groups()))
        serial = _SERIAL.fullmatch(text)
        if serial:
            return (_SPREADSHEET + dt.timedelta(days=float(text))).replace(microsecond=0)
    except ValueError:
        return None
    day_found = read_date(text)
    return dt.datetime.combine(day_found, dt.time()) if day_found else None


def document_number(text: str) -> tuple[str, bool]:
    """The number as the grammar writes it, and whether it follows the grammar; others are kept as legacy text."""
    if not text or re.fullmatch(r"第[0-9一二三四五六七八九十百千零〇]+号", text):
        return text, True
    restored = restore_document_number(text)
    if restored is not None:
        return str(restored.number), True
    return text[:80], bool(re.fullmatch(r".{2,30}令第[0-9一二三四五六七八九十百千零〇]+号", text))


@lru_cache(maxsize=1)
def _subjects() -> dict[str, str]:
    found: dict[str, str] = {}
    subs: dict[str, list[str]] = {}
    for main, under in documents.SUBJECTS.items():
        found[_bare(main)] = main
        for sub in under:
            found[_bare(main + sub)] = f"{main}\\{sub}"
            subs.setdefault(_bare(sub), []).append(f"{main}\\{sub}")
    for sub, places in subs.items():
        if len(places) == 1:
            found.setdefault(sub, places[0])
    return found


def _bare(text: str) -> str:
    return re.sub(r"[\s\\/／;；>＞\-—–_|、，,]+", "", text)


def subject(text: str) -> tuple[str, bool]:
    r"""A subject as `大类\小类`, and whether it is one of the list; unknown ones are kept as they are written."""
    if not text:
        return "", True
    found = _subjects().get(_bare(text))
    return (found, True) if found else (text[:60], False)


_KIND_WORDS = {"命令": "命令（令）", "令": "命令（令）", "解读": "政策解读", "规划": "规划计划", "预决算": "预算决算"}
_KINDS = frozenset((*documents.OFFICIAL_KINDS, *documents.OTHER_KINDS))


def document_kind(text: str, title: str) -> tuple[str, bool]:
    """The kind a cell names, else the one with which the title ends; and whether what the cell says was understood."""
    text = text.strip()
    if text in _KINDS:
        return text, True
    if text in _KIND_WORDS:
        return _KIND_WORDS[text], True
    bare = re.sub(r"[（(][^（）()]*[)）]\s*$", "", title.strip())
    ending = next((kind for kind in documents.OFFICIAL_KINDS if bare.endswith(kind)), "")
    return ending or ("其他" if text else ""), not text or bool(ending)


_ATTRIBUTES = (
    ("不予公开", "withheld"),
    ("不公开", "withheld"),
    ("免予公开", "withheld"),
    ("非公开", "withheld"),
    ("依申请", "on_request"),
    ("主动公开", "proactive"),
    ("主动", "proactive"),
)


def attribute(text: str) -> str | None:
    """The attribute; empty where nothing is said, None where it is not understood."""
    if not text:
        return ""
    found = next((value for words, value in _ATTRIBUTES if words in text), None)
    return "proactive" if found is None and text in ("公开", "是") else found


_VALIDITIES = (
    ("废止", "repealed"),
    ("失效", "lapsed"),
    ("无效", "lapsed"),
    ("过期", "lapsed"),
    ("修改", "amended"),
    ("修订", "amended"),
    ("有效", "valid"),
    ("是", "valid"),
    ("否", "lapsed"),
)


def validity(text: str) -> str | None:
    """The validity; empty where nothing is said, None where it is not understood."""
    if not text or text in ("-", "无", "—"):
        return ""
    return next((value for words, value in _VALIDITIES if words in text), None)


def classified(text: str) -> bool:
    """Whether a level of secrecy is named."""
    return any(word in text for word in ("秘密", "机密", "绝密")) and "非" not in text


_GROUNDS = (
    ("秘密", "商业", "X15"),
    ("隐私", "", "X15"),
    ("危及", "", "X14c"),
    ("安全", "稳定", "X14c"),
    ("过程", "", "X16b"),
    ("讨论", "", "X16b"),
    ("内部", "", "X16a"),
    ("执法案卷", "", "X16c"),
    ("禁止公开", "", "X14b"),
)


def ground(text: str) -> str:
    """The ground that a reason names, by its code; empty where none is recognised."""
    return next((code for word, other, code in _GROUNDS if word in text and other in text), "")


def yes(text: str) -> bool:
    """Whether a cell says yes."""
    return text.strip() in (
        "是",
        "有",
        "√",
        "1",
        "Y",
        "y",
        "yes",
        "TRUE",
        "True",
        "true",
        "规范性文件",
        "行政规范性文件",
    )


def names(text: str) -> list[str]:
    """The file names of a cell: one a line, or parted by ; | 、."""
    return list(dict.fromkeys(part.strip() for part in re.split(r"[\n;；|、]+", text) if part.strip()))
