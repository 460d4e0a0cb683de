"""The heads by which sheets and pages name what they say of a document, in their many wordings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

# Field -> its head in the template, then the other wordings.
HEADS: dict[str, tuple[str, ...]] = {
    "key": ("编号", "来源编号", "信息编号", "信息ID", "文章ID", "ID", "链接", "网址", "URL", "原网址", "统一编号"),
    "title": ("标题", "名称", "信息名称", "文件名称", "信息标题", "文件标题", "题名", "ArticleTitle"),
    "document_number": ("发文字号", "文号", "发布文号", "文件编号", "文件号", "公文文号"),
    "index_number": ("索引号", "信息索引号", "信息索引", "索取号"),
    "issuer": ("发文机关", "发文单位", "制发机关", "制定机关", "联合发文单位"),
    "unit": ("发布机构", "发布机关", "发布单位", "公开机构", "公开主体", "机构名称", "责任单位", "ContentSource"),
    "made_on": ("成文日期", "生成日期", "发文日期", "成文时间", "生成时间", "印发日期", "制发日期"),
    "published_at": ("发布日期", "公开日期", "发布时间", "公开时间", "上网日期", "PubDate"),
    "effective_on": ("施行日期", "生效日期", "实施日期", "生效时间"),
    "expires_on": ("有效期至", "失效日期", "失效时间", "截止日期"),
    "repealed_on": ("废止日期", "废止时间"),
    "subject": ("主题分类", "分类", "信息分类", "主题", "主题导航"),
    "document_kind": ("体裁", "文种", "体裁分类", "公文种类"),
    "column": ("目录栏目", "栏目", "栏目名称", "所属栏目", "所属类目", "组配分类", "ColumnName"),
    "validity": ("有效性", "时效性", "时效", "效力状态", "是否有效"),
    "attribute": ("公开方式", "公开属性", "公开类别", "公开形式"),
    "reason": ("不予公开理由", "不公开理由", "免予公开理由", "不予公开原因"),
    "secrecy": ("密级", "涉密等级"),
    "normative": ("是否规范性文件", "规范性文件", "行政规范性文件"),
    "keywords": ("关键词", "主题词", "Keywords"),
    "summary": ("内容概述", "摘要", "概述", "信息概述", "Description"),
    "source": ("信息来源", "来源", "稿件来源"),
    "body": ("正文", "内容", "正文内容", "信息内容"),
    "body_file": ("正文文件", "正文文档"),
    "files": ("附件", "附件名称", "附件文件", "相关附件"),
}
FIELD_LABELS = {field: words[0] for field, words in HEADS.items()}
_BLANK = re.compile(r"[\s\u3000*＊:：（）()\u200b\ufeff]+")


def _plain(text: str) -> str:
    return _BLANK.sub("", text).casefold()


_FIELDS = {_plain(words): field for field, wordings in HEADS.items() for words in wordings}


def field_of(head: object) -> str:
    """The field that a head names; empty when it names none."""
    text = str(head or "")[:60]
    found = _FIELDS.get(_plain(text))
    if found is None:
        # A remark in brackets behind the head: 成文日期（年-月-日）.
        found = _FIELDS.get(_plain(re.split(r"[（(\n]", text, maxsplit=1)[0]))
    return found or ""


def find_head(lines: Sequence[Sequence[object]], within: int = 12) -> tuple[int, dict[int, str], list[str]] | None:
    """The line that holds the heads: its place, column -> field, heads that are not known; None where there is none."""
    best: tuple[int, dict[int, str], list[str]] | None = None
    for place, cells in enumerate(lines[:within]):
        columns: dict[int, str] = {}
        unknown: list[str] = []
        for at, cell in enumerate(cells):
            field = field_of(cell)
            if field and field not in columns.values():
                columns[at] = field
            elif str(cell or "").strip():
                unknown.append(str(cell).strip()[:30])
        enough = "title" in columns.values() and len(columns) >= 2
        if enough and (best is None or len(columns) > len(best[1])):
            best = (place, columns, unknown)
    return best


def from_labels(labels: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The fields of a page's metadata block; of two labels for one field the more usual wording counts."""
    ranked: dict[str, tuple[int, str]] = {}
    for label, value in labels:
        field = field_of(label)
        if not field or not value.strip():
            continue
        rank = next((n for n, words in enumerate(HEADS[field]) if _plain(words) == _plain(label)), 99)
        if field not in ranked or rank < ranked[field][0]:
            ranked[field] = (rank, value.strip())
    return {field: value for field, (_, value) in ranked.items()}
