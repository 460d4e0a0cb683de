"""Tables of records: on a phone each row becomes an entry of its own, in which every cell says which column it is of.

A template writes a plain table with a caption and one row of heads; the tag `records` around it does the rest, so that
no label is written twice. A style sheet cannot take a cell's label out of the head, and a table whose rows are no longer
laid out as rows may lose its meaning for screen readers: both are written into the table here.
"""

from __future__ import annotations

import re

_CAPTION = re.compile(r"<caption\b[^>]*>(.*?)</caption>", re.DOTALL)
_HEAD = re.compile(r"<thead\b.*?</thead>", re.DOTALL)
_LABEL = re.compile(r"<th\b[^>]*>(.*?)</th>", re.DOTALL)
# Words for ears alone, drawings and controls are no label: a column of actions or boxes explains itself.
_UNSEEN = re.compile(r'<span class="vh">.*?</span>|<svg\b.*?</svg>|<[^>]*>', re.DOTALL)
_TAG = re.compile(r"<(table|thead|tbody|tr|th|td)\b([^>]*)>(?:\s+(?=</td>))?")
_CLASSES = re.compile(r'\bclass="')
_ROLES = {"thead": "rowgroup", "tbody": "rowgroup", "tr": "row"}


def laid_out(table: str) -> str:
    """The HTML of one table, in its box that scrolls sideways, with roles and with the label of its column on every cell.

    The box is named after the caption. A cell that spans columns is of none and has no label; it stands alone in its row.
    """
    caption = _CAPTION.search(table)
    name = _words(caption[1]) if caption else ""
    head = _HEAD.search(table)
    found = [_words(label) for label in _LABEL.findall(head[0])] if head else []
    labels = [f' data-label="{words}"' if words else "" for words in found]
    end_of_head, column = head.end() if head else 0, 0

    def opened(tag: re.Match[str]) -> str:
        nonlocal column
        name, attributes = tag[1], tag[2]
        if name == "td":
            label = labels[column] if column < len(labels) and "colspan" not in attributes else ""
            column += 1
            return f'<td role="cell"{label}{attributes}>'
        if name == "th":
            column += 1
            role = "columnheader" if tag.start() < end_of_head else "rowheader"
            return f'<th role="{role}"{attributes}>'
        if name == "table":
            classed = _CLASSES.sub('class="records ', attributes, count=1)
            return f'<table role="table"{classed}>'
        if name == "tr":
            column = 0
        return f'<{name} role="{_ROLES[name]}"{attributes}>'

    drawn = _TAG.sub(opened, table.strip())
    return f'<div class="scroll-x" tabindex="0" role="region" aria-label="{name}">{drawn}</div>'


def _words(html: str) -> str:
    return _UNSEEN.sub("", html).strip().replace('"', "&quot;")
