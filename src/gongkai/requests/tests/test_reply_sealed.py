"""Nothing personal lies open: not in the database, not in the store, after a request went all the way to the archive."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from gongkai.requests.tests import reply_helpers as helpers
from gongkai.requests.tests.helpers import ADDRESS, EMAIL, NAME, NUMBER, PDF, PHONE, PNG, act, fresh, upload

PARTY = "云溪宏远建材行"
STATEMENT = "涉及望江里三栋住户的病历"
WORDS = (NAME, NUMBER, PHONE, EMAIL, ADDRESS, PARTY, STATEMENT, "护工陈述的经过")


@pytest.mark.skipif(connection.vendor != "sqlite", reason="dumps the SQLite database")
def test_nothing_personal_lies_open_after_the_whole_way(place):
    case = helpers.opened(place)
    helpers.prepare(place, case, "D4")
    case = act(
        "add_materials", fresh(case), place.handler, files={"files": [upload(f"{NAME}.pdf", PDF + NAME.encode())]}
    )
    row = case.materials.get()
    case = act(
        "treat_materials", case, place.handler,
        **{f"treatment_{row.pk}": "withheld", f"ground_{row.pk}": "D4", f"reason_{row.pk}": "个人隐私"},
    )  # fmt: skip
    case = helpers.submit(place, helpers.draft(place, case, "D4", opinion=STATEMENT))
    case = act("return_reply", case, place.reviewer, "2026-06-10", reason="护工陈述的经过不要写")
    case = helpers.reviewed(place, helpers.submit(place, case, "2026-06-10"))
    case = act(
        "deliver", case, place.handler, "2026-06-12", way="pickup", sent_on="2026-06-12",
        files={"proof": [upload(f"{NAME}签收.png", PNG + NAME.encode())]},
    )  # fmt: skip
    case = act("archive", case, place.handler, "2026-06-15")
    assert STATEMENT in helpers.reply_text(case)
    dump = "\n".join(connection.connection.iterdump())
    for words in WORDS:
        assert words not in dump, words
        assert words.encode().hex().upper() not in dump, words
    folder = Path(settings.STORAGES["default"]["OPTIONS"]["location"])
    kept = [path for path in folder.rglob("*") if path.is_file()]
    assert kept
    for path in kept:
        data = path.read_bytes()
        assert not any(words.encode() in data for words in WORDS), path
