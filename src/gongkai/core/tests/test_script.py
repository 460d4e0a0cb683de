"""Pages in traditional characters: what fields hold stays as it was typed, on every public form."""

from __future__ import annotations

import html

import pytest
from django.urls import reverse

from gongkai.core.script import to_traditional

TYPED = "后发云 台湾路里"


@pytest.mark.parametrize(
    ("page", "found"),
    [
        ('<html lang="zh-Hans"><p>政务公开</p>', '<html lang="zh-Hant"><p>政務公開</p>'),
        ('<input name="q" value="后发云">', '<input name="q" value="后发云">'),
        ('<input\n value="后发云" placeholder="输入关键词">', '<input\n value="后发云" placeholder="輸入關鍵詞">'),
        ('<label>意见</label><textarea name="t">\n后发云\n</textarea>', '<label>意見</label><textarea name="t">\n后发云\n</textarea>'),
        ('<option value="行政许可" selected>行政许可</option>', '<option value="行政许可" selected>行政許可</option>'),
        ('<textarea name="t"></textarea><p>发布</p>', '<textarea name="t"></textarea><p>發佈</p>'),
        ('<a data-value="发">发</a>', '<a data-value="發">發</a>'),
        ("没有表单", "沒有表單"),
        ("", ""),
    ],
)  # fmt: skip
def test_only_what_the_program_says_is_changed(page, found):
    assert to_traditional(page) == found


def _fields(text: str) -> str:
    """What stands in fields."""
    import re

    return " ".join(
        html.unescape(one) for one in re.findall(r'\svalue="([^"]*)"|<textarea[^>]*>([^<]*)', text) for one in one
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("search:index", "q"),
        ("requests-public:query", "number"),
        ("requests-public:mine", "email"),
        ("requests-public:bodies", "q"),
    ],
)
def test_forms_give_back_what_was_typed(client, address, name):
    client.cookies["script"] = "hant"
    url = reverse(address)
    answer = client.get(url, {name: TYPED}) if name == "q" else client.post(url, {name: TYPED})
    text = answer.content.decode()
    assert 'lang="zh-Hant"' in text
    assert "后发云" in _fields(text)
    assert "臺灣路裏" not in _fields(text)
    assert "後發雲" not in _fields(text)
