"""What is kept, what is not, and what readers get."""

from __future__ import annotations

import gzip
import os
import time
from datetime import timedelta

import brotli
import pytest
from django.utils import timezone

from gongkai.core import pages
from gongkai.core.pages import places
from gongkai.core.pages.tests import addresses

pytestmark = [pytest.mark.django_db, pytest.mark.urls("gongkai.core.pages.tests.addresses")]


@pytest.fixture(autouse=True)
def _plain():
    addresses.shown["text"], addresses.lasts["until"] = "一", None
    addresses.while_rendering.clear()


def test_second_reader_gets_the_file(reader):
    first, second = reader.get("/page/"), reader.get("/page/")
    assert (first.status, second.status, reader.rendered) == (200, 200, 1)
    assert first.body == second.body
    assert first.headers.keys() == second.headers.keys()
    assert first.headers["ETag"] == second.headers["ETag"]


def test_every_form_says_the_same(reader):
    plain = reader.get("/page/")
    packed = reader.get("/page/", accept_encoding="gzip, deflate")
    small = reader.get("/page/", accept_encoding="gzip;q=0.5, br")
    refused = reader.get("/page/", accept_encoding="br;q=0, gzip")
    assert gzip.decompress(packed.body) == plain.body == brotli.decompress(small.body)
    assert (packed.headers["Content-Encoding"], small.headers["Content-Encoding"]) == ("gzip", "br")
    assert refused.headers["Content-Encoding"] == "gzip"
    assert len({one.headers["ETag"] for one in (plain, packed, small)}) == 3
    assert all(int(one.headers["Content-Length"]) == len(one.body) for one in (plain, packed, small))
    assert reader.rendered == 1


def test_asking_again_and_asking_for_the_head(reader):
    first = reader.get("/page/")
    again = reader.get("/page/", if_none_match=f'W/"x", {first.headers["ETag"]}')
    assert (again.status, again.body, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    head = reader.get("/page/", method="HEAD")
    assert (head.status, head.body, head.headers) == (200, b"", first.headers)
    assert reader.get("/page/", if_none_match='"0-0"').status == 200
    assert reader.rendered == 1


def test_headers_of_safety_are_those_of_django(reader):
    django = reader.get("/untagged/")
    kept = [reader.get("/page/"), reader.get("/page/")][1]
    for name, value in django.headers.items():
        if name not in ("Vary", "Content-Length", "Content-Security-Policy"):
            assert kept.headers[name] == value
    assert set(kept.headers["Content-Security-Policy"].split("; ")) == set(
        django.headers["Content-Security-Policy"].split("; ")
    )
    assert kept.headers["Vary"] == "Accept-Encoding, Cookie"
    assert kept.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    "address",
    [
        "/untagged/",
        *(
            f"/refused/{name}/"
            for name in ["token", "form", "session", "message", "cookie", "private", "missing", "policy", "feed"]
        ),
        "/refused/attached.txt",
    ],
)
def test_never_kept(reader, kept, address):
    reader.get(address)
    reader.get(address)
    assert reader.rendered == 2
    assert kept.status().pages == 0


@pytest.mark.parametrize("cookie", ["sessionid=abc", "mode=elder; sessionid=abc", "messages=x"])
def test_a_reader_with_a_session_is_neither_served_nor_kept(reader, kept, cookie):
    reader.get("/page/")
    reader.cookies = cookie
    reader.get("/page/")
    assert (reader.rendered, kept.status().pages) == (2, 1)


def test_other_methods_hosts_and_fragments_pass_by(reader, kept):
    reader.get("/page/")
    assert reader.get("/page/", method="POST").status == 403
    reader.get("/page/", host="elsewhere.test")
    reader.get("/page/", hx_request="true")
    assert (reader.rendered, kept.status().pages) == (4, 1)


def test_each_look_is_a_page_of_its_own(reader, kept):
    looks = ["", "mode=elder", "contrast=high", "script=hant", "mode=elder; contrast=high; script=hant", "theme=dark"]
    bodies = {}
    for cookie in looks:
        reader.cookies = cookie
        bodies[cookie] = reader.get("/look/").body
    assert reader.rendered == len(looks) == kept.status().pages
    for cookie in looks:
        reader.cookies = cookie
        assert reader.get("/look/").body == bodies[cookie]
    assert reader.rendered == len(looks)
    assert b'data-mode="elder"' in bodies["mode=elder"]
    assert b'lang="zh-Hant"' in bodies["script=hant"]
    reader.cookies = "mode=nonsense; other=1"
    assert reader.get("/look/").body == bodies[""]
    pages.drop("document:1")


def test_parameters_only_as_named(reader, kept):
    assert reader.get("/query/?year=2026&kind=a").body == reader.get("/query/?kind=a&year=2026").body
    assert reader.rendered == 1
    reader.get("/query/?year=2026&utm=1")
    reader.get("/query/?year=2026&utm=1")
    assert (reader.rendered, kept.status().pages) == (3, 1)


def test_addresses_in_chinese_and_feeds(reader, kept):
    assert reader.get("/页面/").body == reader.get("/页面/").body
    assert reader.get("/feed.atom").headers["Content-Type"] == reader.get("/feed.atom").headers["Content-Type"]
    assert reader.rendered == 2
    assert (kept.folder / "kept/page/页面/index.html").exists()
    assert (kept.folder / "kept/page/feed.atom.br").exists()


def test_twice_encoded_address_is_another_page(reader, kept):
    # The bytes of the one are the text of the other.
    other = "/页面/".encode().decode("latin-1")
    assert reader.get(other).status == 404
    assert reader.get("/页面/").status == 200
    assert (reader.rendered, kept.status().pages) == (2, 1)


@pytest.mark.parametrize(
    "path",
    [
        "/../etc/passwd/",
        "/a/../b/",
        "//a/",
        "/a//b/",
        "/.hidden/",
        "/a/index.html",
        "/a/x.html",
        "/a\x00/",
        "/a\n/",
        "/a\\b/",
        f"/{'a' * 100}/",
        f"/{'a/' * 500}",
        "/noend",
        "/file.exe",
        "/.xml",
        "a/",
        "",
    ],
)
def test_names_that_are_no_files(path):
    assert places.file_name(path) is None


def test_time_over_even_if_no_worker_runs(reader, kept):
    addresses.lasts["until"] = timezone.now() + timedelta(seconds=0.4)
    first = reader.get("/page/")
    assert reader.get("/page/").body == first.body
    time.sleep(0.5)
    addresses.lasts["until"] = None
    assert reader.get("/page/").body != first.body
    assert reader.rendered == 2
    assert kept.status().next_expiry is None


def test_a_page_that_is_over_before_it_is_rendered_is_not_kept(reader, kept):
    addresses.lasts["until"] = timezone.now() - timedelta(seconds=1)
    reader.get("/page/")
    assert kept.status().pages == 0


def test_earliest_moment_counts(rf):
    request, now = rf.get("/"), timezone.now()
    pages.until(request, now + timedelta(hours=2))
    pages.until(request, now + timedelta(hours=1))
    pages.until(request, None)
    pages.until(request, now + timedelta(hours=3))
    assert pages.recipe(request).until == now + timedelta(hours=1)
    assert timezone.localtime(pages.end_of_day(now)).hour == 0
    assert pages.end_of_day(now) > now


def test_a_changed_page_never_has_the_mark_of_the_old_one(reader, kept):
    marks = set()
    for _ in range(5):
        marks.add(reader.get("/page/").headers["ETag"])
        kept.drop({"document:1"})
    assert len(marks) == 5


def test_ceiling_drops_what_was_read_longest_ago(kept):
    for number in range(20):
        body = os.urandom(9000)
        assert kept.keep(f"kept/page/{number}/index.html", body, ["x"], epoch=kept.epoch(), started=time.time())
        for ending in ("", ".gz", ".br"):
            path = kept.folder / f"kept/page/{number}/index.html{ending}"
            os.utime(path, (time.time() - 1000 + number, path.stat().st_mtime))
    size = kept.status().bytes
    os.utime(kept.folder / "kept/page/0/index.html.br", (time.time(), 1))
    assert kept.sweep(size) == 0
    dropped = kept.sweep(size // 2)
    assert 10 <= dropped <= 12
    assert kept.status().bytes <= size // 2
    left = {path.name for path in (kept.folder / "kept/page").iterdir()}
    assert left == {"0", *map(str, range(dropped + 1, 20))}


def test_folder_thrown_away_under_the_server(reader, kept):
    import shutil

    reader.get("/page/")
    (kept.folder / "index.sqlite3").unlink()
    pages.drop("something")
    assert not (kept.folder / "kept").exists()
    reader.get("/page/")
    shutil.rmtree(kept.folder)
    assert reader.get("/page/").status == reader.get("/page/").status == 200
    assert reader.rendered == 3


def test_a_broken_index_throws_pages_away_and_stops_nobody(reader, kept):
    reader.get("/page/")
    kept._local.connection[1].close()
    del kept._local.connection
    for path in kept.folder.glob("index.sqlite3*"):
        path.write_bytes(b"not a database" * 1000)
    pages.drop("document:1")
    assert not (kept.folder / "kept").exists()
    assert reader.get("/page/").body == reader.get("/page/").body


def test_a_file_in_the_place_of_a_folder(kept):
    now = time.time()
    assert kept.keep("kept/page/a.xml", b"<a/>", ["x"], epoch=kept.epoch(), started=now)
    assert not kept.keep("kept/page/a.xml/b/index.html", b"<a/>", ["x"], epoch=kept.epoch(), started=now)
    assert kept.status().pages == 1
    assert list((kept.folder / "temporary").iterdir()) == []
