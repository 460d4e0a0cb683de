"""Paper: one A4 page layout (GB/T 9704 margins and type) for letters, derivations and reports as PDF."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe

# Safe: quotes that were escaped would void every rule with a font name.
STYLE = mark_safe("""
@page { size: A4; margin: 37mm 26mm 35mm 28mm; @bottom-center { content: "— " counter(page) " —"; font-size: 14pt; } }
body { font: 16pt/29pt "FangSong", "仿宋_GB2312", "Noto Serif CJK SC", "Source Han Serif SC", serif; }
p { margin: 0; text-indent: 2em; }
p.title { font: 22pt/32pt "方正小标宋简体", "Noto Serif CJK SC", serif; text-align: center; text-indent: 0; margin-bottom: 12pt; }
p.center { text-align: center; text-indent: 0; } p.right { text-align: right; text-indent: 0; } p.flush { text-indent: 0; }
table { border-collapse: collapse; width: 100%; font-size: 12pt; line-height: 18pt; }
th, td { border: 0.5pt solid #000; padding: 3pt 5pt; text-align: left; vertical-align: top; }
thead { display: table-header-group; } tr { break-inside: avoid; }
p:empty { min-height: 29pt; break-before: avoid; break-after: avoid; } p.right { break-before: avoid; }
""")


def page(title: str, lines: Iterable[tuple[str, str]]) -> str:
    """An HTML page of (kind, text) lines; every text is escaped."""
    body = format_html_join("\n", '<p class="{}">{}</p>', lines)
    return format_html(
        '<!doctype html><html lang="zh-Hans"><head><meta charset="utf-8"><title>{}</title><style>{}</style></head><body>{}</body></html>',
        title,
        STYLE,
        body,
    )
