"""What the public sees: checking a file, entries, the log's files, with and without scripts."""

from __future__ import annotations

import hashlib
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from gongkai.core.transparency import keys, sequencer, views
from gongkai.core.transparency.models import LogCheckpoint, LogEntry
from gongkai.proof.checkpoints import open_checkpoint
from gongkai.proof.client import Log
from gongkai.proof.notes import Verifier
from gongkai.proof.tiles import decode_bundle

pytestmark = pytest.mark.django_db
DATA = b"%PDF-1.7 what was published"
DIGEST = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def reader() -> Client:
    return Client(enforce_csrf_checks=True)


def text(page) -> str:
    return page.content.decode()


def test_a_dropped_file_is_found_without_scripts(reader, publish, sequence):
    publish(files=[("正文.pdf", DIGEST)], address="/gongkai/1/")
    sequence()
    page = reader.post("/proof/", {"file": SimpleUploadedFile("下载.pdf", DATA)})
    assert page.status_code == 302
    assert page["Location"] == f"/proof/?sha256={DIGEST}"
    page = reader.get(page["Location"])
    assert page.status_code == 200
    for words in (
        "是现行版本",
        "2026年6月3日 12:00",
        "云溪区教育局",
        "第0号存证",
        'href="/gongkai/1/"',
        "与检查点相符",
    ):
        assert words in text(page), words
    assert page["Cache-Control"] == "no-store"
    page = reader.post("/proof/", {"file": SimpleUploadedFile("下载.pdf", DATA + b"!")}, follow=True)
    assert "没有查到这个文件" in text(page)


@pytest.mark.parametrize(
    ("acts", "words"),
    [
        ([("amended", {"files": [("正文.pdf", "a" * 64)]})], "已经不是最新版本"),
        ([("withdrawn", {})], "于2026年6月3日撤回"),
        ([("validity_changed", {"detail": "repealed"})], "内容没有改动，但已废止"),
        ([("validity_changed", {"detail": "valid"})], "是现行版本"),
    ],
)
def test_what_happened_since_is_told(reader, publish, sequence, acts, words):
    publish(files=[("正文.pdf", DIGEST)])
    for act, more in acts:
        publish(act, **more)
    sequence()
    assert words in text(reader.get(f"/proof/?sha256={DIGEST}"))


def test_a_fresh_entry_is_found_before_it_is_signed(reader, publish, sequence):
    publish(files=[("正文.pdf", DIGEST)])
    assert "几秒内编号并签名" in text(reader.get(f"/proof/?sha256={DIGEST}"))
    sequencer.order()
    assert "正在签名" in text(reader.get(f"/proof/?sha256={DIGEST}"))
    assert reader.get("/proof/0/").status_code == 200


def test_damaged_tiles_are_told(reader, publish, sequence, log):
    publish(files=[("正文.pdf", DIGEST)])
    publish(subject="other")
    sequence()
    tile = log / "tile/0/000.p/2"
    tile.write_bytes(bytes(64))
    assert "证明没有通过" in text(reader.get(f"/proof/?sha256={DIGEST}"))
    assert "证明没有通过" in text(reader.get("/proof/0/"))


def test_wrong_requests_are_answered_in_words(reader, log, settings):
    assert "64位" in text(reader.get("/proof/?sha256=%01%27;drop"))
    page = reader.post("/proof/", {})
    assert page.status_code == 400
    assert "请先选择一个文件" in text(page)
    settings.GONGKAI_UPLOAD_MEGABYTES = 0
    page = reader.post("/proof/", {"file": SimpleUploadedFile("大.pdf", b"x" * 100_000)})
    assert page.status_code == 413
    assert reader.get("/proof/7/").status_code == 404
    assert reader.get("/proof/subject/nothing/").status_code == 404
    assert reader.get(f"/proof/{10**30}/").status_code == 404
    assert reader.get("/proof/?before=99999999999999999999999").status_code == 200
    assert reader.get("/tlog/checkpoint").status_code == 404


def test_one_reader_does_not_tire_the_machine(reader, log, monkeypatch):
    monkeypatch.setattr(views, "UPLOADS_A_MINUTE", 2)
    monkeypatch.setattr(views, "LOOKUPS_A_MINUTE", 2)
    codes = [reader.post("/proof/", {"file": SimpleUploadedFile("a.pdf", DATA)}).status_code for _ in range(3)]
    assert codes == [302, 302, 429]
    codes = [reader.get(f"/proof/?sha256={DIGEST}").status_code for _ in range(3)]
    assert codes == [200, 200, 429]
    assert reader.get("/proof/").status_code == 200
    assert reader.get("/proof/", REMOTE_ADDR="10.0.0.9").status_code == 200


def test_an_entry_shows_its_leaf_and_proof(reader, many, publish, sequence):
    many(300)
    publish(files=[("名单.pdf", DIGEST)], content={"title": "通知"})
    sequence()
    page = text(reader.get("/proof/300/"))
    row = LogEntry.objects.get(position=300)
    for words in ("附件1.pdf", DIGEST, row.content, row.leaf_hash, LogCheckpoint.objects.first().root, "证明通过"):
        assert words in page
    assert "名单" not in page
    page = text(reader.get("/proof/subject/YX-2026-0001/"))
    assert "云溪区教育局" in page
    publish("withdrawn")
    assert "撤回" in text(reader.get("/proof/subject/YX-2026-0001/"))
    page = text(reader.get("/proof/"))
    assert 'href="/proof/300/"' in page
    assert 'href="/proof/1/"' not in page
    assert "更早的登记" in page
    assert 'href="/proof/200/"' in text(reader.get("/proof/?before=210"))


def test_pages_ask_few_questions(reader, many, publish, sequence, django_assert_max_num_queries):
    many(100)
    publish(files=[("正文.pdf", DIGEST)])
    sequence()
    with django_assert_max_num_queries(9):
        reader.get(f"/proof/?sha256={DIGEST}")
    with django_assert_max_num_queries(6):
        reader.get("/proof/50/")


def test_the_log_is_served_as_the_formats_ask(reader, many, sequence):
    many(300)
    sequence()
    page = reader.get("/tlog/checkpoint")
    assert page["Content-Type"] == "text/plain; charset=utf-8"
    assert page["Cache-Control"] == "public, max-age=2"
    assert page["Access-Control-Allow-Origin"] == "*"
    key = Verifier.parse(text(reader.get("/tlog/key")))
    assert key == keys.verifier()
    first, _ = open_checkpoint(page.content, key)
    assert (first.origin, first.size) == ("gk.yunxi.example/tlog", 300)
    page = reader.get("/tlog/tile/0/000")
    assert page["Content-Type"] == "application/octet-stream"
    assert "immutable" in page["Cache-Control"]
    assert len(page.content) == 8192
    assert len(reader.get("/tlog/tile/0/001.p/44").content) == 44 * 32
    assert len(decode_bundle(reader.get("/tlog/tile/entries/001.p/44").content, 44)) == 44
    # What an older checkpoint names is still there when the tile has grown, and when it is full.
    many(20, "more")
    sequence()
    assert len(reader.get("/tlog/tile/0/001.p/44").content) == 44 * 32
    assert len(reader.get("/tlog/tile/0/001.p/50").content) == 50 * 32
    assert len(reader.get("/tlog/tile/0/000.p/7").content) == 7 * 32
    assert open_checkpoint(reader.get("/tlog/checkpoint/300").content, key)[0] == first

    def read(path: str) -> bytes:
        answer = reader.get(f"/tlog/{path}")
        if answer.status_code == 404:
            raise FileNotFoundError(path)
        return answer.content

    log = Log(read, key)
    checkpoint, _ = log.checkpoint()
    log.prove_consistency(first, checkpoint)
    assert sum(1 for _ in log.entries(checkpoint)) == 320


@pytest.mark.parametrize(
    "path",
    [
        "0/../../log-key",
        "0/%2e%2e/%2e%2e/log-key",
        "0/000.p/256",
        "0/000.p/0",
        "0/000.p/01",
        "64/000",
        "00/000",
        "0/1",
        "0/999",
        "entries/x000",
        "entries/000/",
        "0/000.p/300",
        "0/001.p/5",
        "entries/000.p/200",
        "8/000.p/1",
    ],
)
def test_nothing_but_tiles_is_served(reader, many, sequence, path):
    many(3)
    sequence()
    assert reader.get(f"/tlog/tile/{path}").status_code == 404


def test_a_spoiled_key_does_not_close_the_page(reader, publish, sequence):
    publish(files=[("正文.pdf", DIGEST)])
    sequence()
    keys.path().write_text("spoiled")
    assert "是现行版本" in text(reader.get(f"/proof/?sha256={DIGEST}"))
    assert reader.get("/proof/0/").status_code == 200
    assert reader.get("/tlog/key").status_code == 404


def test_programs_look_up_entries(reader, publish, sequence):
    publish(files=[("正文.pdf", DIGEST)], address="/gongkai/1/")
    sequence()
    answer = json.loads(reader.get(f"/proof/lookup.json?sha256={DIGEST}").content)
    assert answer["subjects"][0]["entries"][0]["index"] == 0
    assert json.loads(answer["subjects"][0]["entries"][0]["leaf"])["files"][0]["sha256"] == DIGEST
    assert json.loads(reader.get("/proof/lookup.json?address=/gongkai/1/").content) == answer
    assert json.loads(reader.get("/proof/lookup.json?address=/gongkai/2/").content)["subjects"] == []
    assert reader.get("/proof/lookup.json?address=%00").status_code == 400
    assert reader.get("/proof/lookup.json").status_code == 400


def test_the_page_is_in_the_foot_and_the_sitemap(reader, log):
    assert "存证核验" in text(reader.get("/"))
    assert "/proof/" in text(reader.get("/sitemap.xml"))
