"""Public pages of a ledger on the disk: kept after the first reader, gone with the release, the withdrawal, the light."""

from __future__ import annotations

import pytest
from django.test import Client

from gongkai.core.acts import perform
from gongkai.core.pages import front, starting
from gongkai.core.pages.store import store
from gongkai.ledger.models import Assignment
from gongkai.ledger.tests.helpers import at

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def kept(settings, tmp_path):
    settings.GONGKAI_PAGES, settings.GONGKAI_PAGES_DIR = True, tmp_path / "pages"
    settings.GONGKAI_PUBLIC_ADDRESS = "http://testserver"
    starting._ready = False
    front._public_address.cache_clear()
    front.standard_headers.cache_clear()
    yield store()
    starting._ready = False
    front._public_address.cache_clear()
    front.standard_headers.cache_clear()


def files(kept) -> set[str]:
    root = kept.folder / "kept/page"
    return {
        str(path.relative_to(root)) for path in root.rglob("*") if path.is_file() and path.suffix not in (".gz", ".br")
    }


def test_every_public_page_is_kept_and_dropped(kept, dispatched, district):
    mine = Assignment.objects.get(task__notice=dispatched, task__ordinal=1, unit=district.education)
    perform("assignment.receive", mine, district.teacher, {}, now=at("2026-04-03"))
    reader = Client(headers={"host": "testserver"})
    slug = dispatched.slug
    shown = ["/", "/ledger/", f"/ledger/{slug}/", f"/ledger/{slug}/1/", f"/ledger/{slug}/2/", f"/ledger/{slug}/text/"]
    shown += ["/sitemap.xml", "/map/"]

    def read() -> set[str]:
        for address in shown:
            assert reader.get(address).status_code == 200
        return files(kept)

    assert len(read()) == len(shown)
    perform(
        "assignment.report", mine, district.teacher, {"text": "目录已更新41项", "percent": 60}, now=at("2026-05-10")
    )
    perform("assignment.release", mine, district.chief, {}, now=at("2026-05-11"))
    page = kept.folder / f"kept/page/ledger/{slug}/1/index.html"
    assert not page.exists()
    read()
    assert "目录已更新41项" in page.read_text()
    perform("assignment.unrelease", mine, district.chief, {"reason": "有误"}, now=at("2026-05-12"))
    assert not page.exists()
    assert not any("目录已更新41项" in path.read_text() for path in kept.folder.rglob("*.html"))
    read()
    perform("notice.unpublish", dispatched, district.chief, {"reason": "核对"}, now=at("2026-05-12"))
    assert files(kept) == set()
    assert reader.get(f"/ledger/{slug}/1/").status_code == 404


def test_pages_with_lights_are_kept_for_a_while_only(kept, dispatched):
    reader = Client(headers={"host": "testserver"})
    reader.get("/map/")
    assert kept.status().next_expiry is None
    reader.get(f"/ledger/{dispatched.slug}/")
    assert kept.status().next_expiry is not None
    assert reader.get(f"/ledger/{dispatched.slug}/?light=ok&unit=").status_code == 200
    assert kept.status().pages == 3
    reader.get(f"/ledger/{dispatched.slug}/?light=nonsense")
    reader.get(f"/ledger/{dispatched.slug}/?unit=nowhere")
    assert kept.status().pages == 3
