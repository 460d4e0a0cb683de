"""Look through a file before it is published: personal data, secrecy markings, wording, links, hidden content.

`extract` gives the text inside a file with its places, `screen` the hits, `mask` and `verify_masked` the masked text,
`clean_copy` a public copy without hidden content, `aggregation_risks` what harmless records add up to.
Nothing here raises anything but `Unreadable`, whose message can be shown to the user.
"""

from __future__ import annotations

from gongkai.screening.aggregation import RecordFields, Risk, aggregation_risks, records_of, small_counts
from gongkai.screening.clean import Cleaned, clean_copy
from gongkai.screening.extract import extract
from gongkai.screening.hits import KINDS, Hit, Severity
from gongkai.screening.links import Link, links
from gongkai.screening.masking import Removal, effective, mask, removals, verify_masked
from gongkai.screening.parts import Part, PartKind, Unreadable
from gongkai.screening.screen import screen, screen_text
from gongkai.screening.wording import DEFAULT as DEFAULT_WORDINGS
from gongkai.screening.wording import Wording

__all__ = [
    "DEFAULT_WORDINGS",
    "KINDS",
    "Cleaned",
    "Hit",
    "Link",
    "Part",
    "PartKind",
    "RecordFields",
    "Removal",
    "Risk",
    "Severity",
    "Unreadable",
    "Wording",
    "aggregation_risks",
    "clean_copy",
    "effective",
    "extract",
    "links",
    "mask",
    "records_of",
    "removals",
    "screen",
    "screen_text",
    "small_counts",
    "verify_masked",
]
