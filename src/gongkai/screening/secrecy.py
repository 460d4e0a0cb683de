"""Markings of secret and internal documents. A hit stops the release until a named reviewer clears it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gongkai.screening.folding import Joined
from gongkai.screening.hits import Finding

_GAP = r"[\s\u200b-\u200f]{0,4}"
_LEVEL = rf"(?:绝{_GAP}密|机{_GAP}密|秘{_GAP}密)"
_MARK_WHY = "这是国家秘密标志。涉密文件不得上传、不得公开；请立即停止处理，报告本单位保密机构。确属误报的，由保密审查人说明理由后放行。"
_INTERNAL_WHY = "这是内部文件的标志。请核对这份文件能不能公开；能公开的，先由原制发单位同意并去掉标志。"
_CLOSED_WHY = "文件上写明不公开或限定了范围，与主动公开不符。请核对公开属性。"
_START = r"(?:^|(?<=[\n\x1e\x1f]))[\s*★]{0,6}"
_END = r"[\s]{0,6}(?=[\n\x1e\x1f]|$)"

_RULES: tuple[tuple[str, str, str, str], ...] = (
    # kind, explanation, words of which one stands in every match (to pass quickly where none does), pattern
    ("secrecy", _MARK_WHY, "★ ☆", rf"{_LEVEL}{_GAP}[★☆]"),
    (
        "secrecy",
        _MARK_WHY,
        "级 保密等级 秘密等级 定密",
        rf"(?:密{_GAP}级|保密等级|秘密等级|定密){_GAP}[:：是为]{_GAP}{_LEVEL}",
    ),
    (
        "secrecy",
        _MARK_WHY,
        "密",
        rf"{_START}(?P<word>{_LEVEL})(?:级|件|文件)?(?:[★☆\s]{{0,3}}(?:长期|[0-9一二三四五六七八九十]{{1,3}}(?:年|个?月)))?{_END}",
    ),
    (
        "secrecy",
        _MARK_WHY,
        "绝密 机密 秘密",
        r"(?:绝密|机密|秘密)(?:级)?(?:文件|密件|会议纪要|电报)(?![、和或及等])(?=[\s\x1e\x1f，。）)]|$)",
    ),
    (
        "secrecy",
        _MARK_WHY,
        "保密期限 ★",
        r"保密期限[:：]\s?(?:[0-9一二三四五六七八九十]{1,3}年|长期)|★\s?(?:[0-9一二三四五六七八九十]{1,3}(?:年|个月)|长期)",
    ),
    (
        "secrecy",
        _MARK_WHY,
        "密码电报 机要电报 密电",
        rf"密码电报|机要电报|{_START}(?P<word2>(?:特提|特急|加急|平急)?[\s·]{{0,3}}密电){_END}",
    ),
    ("secrecy", _MARK_WHY, "发电", r"(?<!明)发电\s?[〔\[（(【]\s?(?:19|20)[0-9]{2}"),
    ("internal", _INTERNAL_WHY, "份", r"份\s{0,4}号\s?[:：]\s?(?:№|No\.?)?\s?[0-9]{4,8}"),
    (
        "internal",
        _INTERNAL_WHY,
        "内部",
        r"内部(?:资料|文件|材料|刊物|文稿)[\s,，、·]{0,3}(?:注意保[存密]|妥善保管|严格保管|不得外传|请勿外传|严禁外传|不得翻印|不得复制|禁止外传)",
    ),
    (
        "internal",
        _INTERNAL_WHY,
        "内部",
        rf"{_START}(?P<word3>[（(【\[]?内部(?:资料|文件|材料|使用|传阅|参考|明电|掌握)[）)】\]]?){_END}",
    ),
    (
        "internal",
        _INTERNAL_WHY,
        "外传 注意保密 阅后 用后",
        r"(?:不得|请勿|严禁|禁止|切勿)(?:对外)?外传|注意保密[，。！\s]?(?=[\n\x1e\x1f）)]|$)|阅后(?:即焚|收回|清退|销毁)|用后(?:收回|清退)",
    ),
    (
        "internal",
        _INTERNAL_WHY,
        "内部 领导",
        r"(?:仅|只)(?:供|限)(?:于)?(?:本单位|机关|系统|单位|局|委)?内部(?:使用|参考|参阅|传阅|掌握|交流|工作)|(?:仅)?供领导(?:同志)?(?:参阅|参考|审阅)|内部传阅|限内部发行",
    ),
    (
        "internal",
        _INTERNAL_WHY,
        "工作秘密",
        rf"{_START}(?P<word4>[（(【\[]?工作秘密[★☆]?(?:[0-9]{{1,2}}年|长期)?[）)】\]]?){_END}|工作秘密{_GAP}[★☆]|工作秘密[:：]\s?是",
    ),
    (
        "internal",
        _CLOSED_WHY,
        "公开 此件",
        r"此件(?:不(?:予)?(?:主动)?公开|依申请公开|内部发放|不登报|不上网|删减后公开|发至[县团省军地师乡][\u4e00-\u9fff]{0,4}级?)|公开(?:属性|方式|类别|选项|形式)[:：]\s?(?:不予?公开|依申请公开)|不(?:予)?公开[）)](?=[\s\x1e\x1f]|$)",
    ),
)
_COMPILED = tuple((kind, why, words.split(), re.compile(pattern, re.M)) for kind, why, words, pattern in _RULES)
# The six digits top left on the first page; elsewhere six digits mean nothing.
_COPY_NUMBER = re.compile(r"(?:№|No\.?)?\s?(0[0-9]{5})")
# Titles of laws and lists of terms name the levels without marking anything.
_TALK = re.compile(r"[、和或及与]$|《[^》]{0,20}$|“$|标注$|标有$|标明$")


def find_secrecy(joined: Joined) -> Iterator[Finding]:
    """Secrecy and internal markings in the joined text."""
    for kind, why, words, pattern in _COMPILED:
        if not any(word in joined.folded for word in words):
            continue
        for match in pattern.finditer(joined.folded):
            word = next((name for name, value in match.groupdict().items() if value), None)
            start, end = match.span(word) if word else match.span()
            if not _TALK.search(joined.folded[max(0, start - 22) : start]):
                yield Finding(kind, start, end, why, "block")
    for index, part in enumerate(joined.parts[:6]):
        number = _COPY_NUMBER.fullmatch(part.text.strip().split("\n", 1)[0].strip())
        if number and part.kind in ("body", "margin") and not part.row:
            start = joined.starts[index] + part.text.index(number.group(1))
            yield Finding(
                "internal", start, start + 6, "文件左上角像是份号，涉密文件才编份号。" + _INTERNAL_WHY, "block"
            )
