"""Where the links and pictures of a body may lead."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_OWN_PICTURE = re.compile(r"attachment:[0-9a-f]{64}|/files/[A-Za-z0-9_~%-][A-Za-z0-9._~%/-]{0,300}")
_ANCHOR = re.compile(r"(?:t\d{1,5}(?:_\d{1,3})?|s\d{1,5}|n\d{1,5})(?:-\d{1,5})?")
_OWN_PATH = re.compile(r"/(?![/\\])[^\s\\<>\"'`\x00-\x20]{0,2000}")
_ADDRESS = re.compile(r"[^\s\\<>\"'`\x00-\x20]{1,2000}")


def picture_allowed(source: str) -> bool:
    """Whether a picture may come from there: an attachment by its digest, or an own file."""
    return _OWN_PICTURE.fullmatch(source) is not None and ".." not in source


def anchor_allowed(name: str) -> bool:
    """Whether this is one of the anchors that `sanitise` makes."""
    return _ANCHOR.fullmatch(name) is not None


def address_allowed(address: str) -> bool:
    """Whether a link may lead there: the web, a mail address, an own path, an attachment, an anchor of the body."""
    if address.startswith("#"):
        return anchor_allowed(address[1:])
    if address.startswith("/"):
        return _OWN_PATH.fullmatch(address) is not None
    if picture_allowed(address):
        return True
    if not re.fullmatch(r"[^\s\\<>\"'\x00-\x20]{1,2000}", address):
        return False
    try:
        parts = urlsplit(address)
        return (parts.scheme in ("http", "https") and bool(parts.hostname)) or (
            parts.scheme == "mailto" and "@" in parts.path
        )
    except ValueError:
        return False
