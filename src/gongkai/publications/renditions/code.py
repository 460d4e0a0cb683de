"""QR codes as SVG."""

from __future__ import annotations

from html import escape

import segno


def qr_svg(address: str, label: str = "手机扫码查看本页") -> str:
    """The QR code of an address as SVG: attributes only, so that a strict CSP holds. Raises ValueError when it is too long."""
    try:
        code = segno.make(address, error="m", micro=False)
    except segno.DataOverflowError as error:
        raise ValueError("网址太长，不能做成二维码。") from error
    rows = [list(row) for row in code.matrix_iter(scale=1, border=4)]
    size = len(rows)
    path = []
    for y, row in enumerate(rows):
        x = 0
        while x < size:
            start = x
            while x < size and row[x]:
                x += 1
            if x > start:
                path.append(f"M{start} {y}h{x - start}v1h-{x - start}z")
            x += 1
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" width="{size * 4}" height="{size * 4}" role="img" '
        f'aria-label="{escape(label)}" shape-rendering="crispEdges"><rect width="{size}" height="{size}" fill="#fff"/>'
        f'<path d="{"".join(path)}" fill="#000"/></svg>'
    )
