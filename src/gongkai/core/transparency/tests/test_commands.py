"""`gongkai verify`, `witness` and `log`, as people run them: against the site, a copied directory, and this installation."""

from __future__ import annotations

import hashlib
import json
import shutil
import threading
import urllib.request
from pathlib import Path

import pytest

from gongkai import cli
from gongkai.commands import witness as witnessing
from gongkai.core.transparency import anchors, checking, keys, sequencer
from gongkai.core.transparency.models import LogCheckpoint, LogCosignature, LogEntry, LogFile
from gongkai.core.transparency.tests.conftest import NOON
from gongkai.proof import merkle
from gongkai.proof.leaf import canonical_content
from gongkai.proof.notes import COSIGNATURE, Signer, Verifier
from gongkai.proof.store import Store

pytestmark = pytest.mark.django_db


@pytest.fixture
def document(tmp_path) -> Path:
    """A downloaded file."""
    path = tmp_path / "通知.pdf"
    path.write_bytes(b"%PDF-1.7 what was published")
    return path


@pytest.fixture
def digest(document) -> str:
    return hashlib.sha256(document.read_bytes()).hexdigest()


@pytest.fixture
def run(capsys):
    """`run("verify", …)` gives status and what was printed."""

    def run(*words: object) -> tuple[int, str]:
        status = cli.main([str(word) for word in words])
        found = capsys.readouterr()
        return status, found.out + found.err

    return run


@pytest.fixture
def copied(log, tmp_path):
    """`copied()` is the whole log in another directory, as a web server would have it."""

    def copied(name: str = "copy") -> Path:
        target = tmp_path / name
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(log, target)
        return target

    return copied


def test_a_file_is_verified_on_this_machine(run, publish, sequence, document, digest):
    publish(files=[("正文.pdf", digest)], content={"title": "通知"})
    sequence()
    status, words = run("verify", document)
    assert status == 0
    assert "云溪区教育局于2026年6月3日12:00发布，标识 YX-2026-0001，第1版。" in words
    assert "现行版本" in words
    assert "✓ 检查点签名正确" in words
    assert "✓ 第0号存证在日志里" in words
    assert "1条逐条相符" in run("verify", document, "--scan")[1]
    document.write_bytes(b"%PDF-1.7 what was changed")
    status, words = run("verify", document)
    assert status == 1
    assert "没有查到" in words


def test_what_happened_since_is_told(run, publish, sequence, document, digest):
    publish(files=[("正文.pdf", digest)])
    publish("validity_changed", detail="repealed")
    sequence()
    assert "已废止" in run("verify", document)[1]
    publish("amended", files=[("正文.pdf", "a" * 64)])
    sequence()
    assert "不是最新版本：2026年6月3日12:00已公开第2版" in run("verify", document)[1]
    publish("withdrawn")
    sequence()
    status, words = run("verify", document, "--json")
    assert status == 0
    found = json.loads(words)["found"][0]
    assert (found["state"], found["newest_version"], found["index"]) == ("withdrawn", 2, 0)
    assert [entry["act"] for entry in found["entries"]] == ["published", "validity_changed", "amended", "withdrawn"]


def test_a_copied_directory_needs_nothing_but_the_key(run, publish, many, sequence, copied, document, digest):
    many(300)
    publish(files=[("正文.pdf", digest)])
    sequence()
    folder, key = copied(), keys.verifier()
    status, words = run("verify", document, "--directory", folder, "--key", key)
    assert status == 0
    assert "✓ 已读完整个日志，301条逐条相符。" in words
    assert run("verify", document, "--directory", folder)[0] == 2
    assert run("verify", document, "--directory", folder, "--key", "nonsense")[0] == 2
    other = Signer.generate("gk.yunxi.example/tlog").verifier
    status, words = run("verify", document, "--directory", folder, "--key", other)
    assert status == 1
    assert "日志不可信" in words
    bundle = folder / "tile/entries/001.p/45"
    bundle.write_bytes(bundle.read_bytes().replace(digest.encode(), b"b" * 64))
    status, words = run("verify", document, "--directory", folder, "--key", key)
    assert status == 1
    assert "日志不可信" in words


def test_consistency_from_an_old_checkpoint(run, many, sequence, log, tmp_path, copied):
    many(5)
    sequence()
    kept = tmp_path / "kept.txt"
    kept.write_bytes((log / "checkpoint").read_bytes())
    many(700, "later")
    sequence()
    status, words = run("verify", "--checkpoint", kept)
    assert status == 0
    assert "从以前的检查点（5条）到现在，日志只有增加" in words
    # A log that was rewritten and signed anew with the right key.
    forged = _forged(tmp_path / "forged", 705)
    status, words = run("verify", "--directory", forged, "--key", keys.verifier(), "--checkpoint", kept)
    assert status == 1
    assert "日志不可信" in words
    assert run("verify", "--checkpoint", tmp_path / "missing")[0] == 1


def _forged(folder: Path, size: int) -> Path:
    """Another history under the same key."""
    entries = [LogEntry.objects.get(position=0).leaf.replace("M-0", f"F-{n}").encode() for n in range(size)]
    store = Store(folder)
    root = store.extend(0, size, lambda start, end: entries[start:end])
    from gongkai.proof.checkpoints import Checkpoint

    signer = keys.signer()
    text = Checkpoint(signer.name, size, root).text
    store.put("checkpoint", f"{text}\n{signer.sign(text)}".encode())
    return folder


@pytest.mark.django_db(transaction=True)
def test_against_the_site_over_the_network(run, publish, many, sequence, document, digest, live_server, settings):
    settings.GONGKAI_PUBLIC_ADDRESS = live_server.url
    many(10)
    publish(files=[("正文.pdf", digest)], address="/gongkai/1/")
    sequence()
    status, words = run("verify", document, "--log", f"{live_server.url}/tlog")
    assert status == 0, words
    assert "现行版本" in words
    assert "加 --scan" in words
    assert "公钥取自日志自己" in words
    status, words = run("verify", document, "--log", f"{live_server.url}/tlog", "--scan", "--key", keys.verifier())
    assert status == 0
    assert "11条逐条相符" in words
    assert "公钥取自" not in words
    # A page has no fixed bytes; its entries are found by its address.
    status, words = run("verify", f"{live_server.url}/proof/", "--log", f"{live_server.url}/tlog")
    assert status == 1
    assert run("verify", document, "--log", f"{live_server.url}/nowhere/tlog")[0] == 1
    assert run("verify", document, "--log", "nonsense")[0] == 2


def test_a_page_is_checked_by_its_words(run, publish, sequence, monkeypatch, log):
    """A page points to its words in canonical form; a page that does not is found by its address only."""
    from gongkai.commands import verify

    content = {"title": "通知", "body": "正文"}
    publish(content=content, address="/gongkai/1/")
    sequence()
    link = f'<link rel="alternate" type="{verify.CONTENT_TYPE}" href="/gongkai/1/content.json">'
    site = {
        "https://gk.yunxi.example/gongkai/1/": f"<!DOCTYPE html><html><head>{link}</head></html>".encode(),
        "https://gk.yunxi.example/gongkai/1/content.json": canonical_content(content),
        "https://other.example/gongkai/1/": b"<!DOCTYPE html><html></html>",
    }
    monkeypatch.setattr(verify, "fetch", site.__getitem__)
    status, words = run("verify", "https://gk.yunxi.example/gongkai/1/")
    assert (status, "现行版本" in words) == (0, True)
    status, words = run("verify", "https://other.example/gongkai/1/")
    assert (status, "共1次登记" in words, "现行版本" in words) == (0, True, False)
    site["https://gk.yunxi.example/gongkai/1/content.json"] = canonical_content({**content, "body": "别的"})
    status, words = run("verify", "https://gk.yunxi.example/gongkai/1/")
    assert (status, "不符" in words) == (1, True)


def test_a_witness_signs_what_only_grows(run, many, sequence, copied, tmp_path, log, settings):
    many(3)
    sequence()
    state = tmp_path / "witness"
    place = ("--directory", log, "--state", state)
    assert run("witness", *place, "--key", keys.verifier())[0] == 2  # a name is asked for
    status, words = run("witness", *place, "--key", keys.verifier(), "--name", "witness.example")
    assert status == 0
    assert "第一次见证" in words
    many(300, "later")
    sequence()
    status, words = run("witness", *place)
    assert status == 0
    assert "从3条到303条" in words
    # The office that is witnessed takes the line over and shows it.
    own = Signer.parse((state / "witness-key").read_text()).verifier
    assert own.kind == COSIGNATURE
    status, words = run("log", "cosign", state / "checkpoint")
    assert status == 1
    settings.GONGKAI_LOG_WITNESSES = [str(own)]
    status, words = run("log", "cosign", state / "checkpoint")
    assert status == 0
    assert LogCosignature.objects.get().checkpoint.size == 303
    assert run("log", "cosign", tmp_path / "missing")[0] == 1


def test_a_witness_refuses_a_rewritten_log(run, many, sequence, tmp_path, log):
    many(5)
    sequence()
    state = tmp_path / "witness"
    key = keys.verifier()
    assert run("witness", "--directory", log, "--key", key, "--state", state, "--name", "w.example")[0] == 0
    signed = (state / "checkpoint").read_text()
    for size in (4, 5, 9):
        forged = _forged(tmp_path / f"forged-{size}", size)
        status, words = run("witness", "--directory", forged, "--state", state)
        assert status == 1
        assert "前后矛盾" in words
    assert (state / "checkpoint").read_text() == signed
    assert list(state.glob("evidence-*.json"))
    # Another key is no contradiction in the tree, but nothing to sign either.
    other = Signer.generate("other.example").verifier
    assert run("witness", "--directory", log, "--state", state, "--key", other)[0] == 1


def test_a_witness_goes_on_when_the_log_is_away_for_a_moment(run, many, sequence, tmp_path, log, monkeypatch):
    many(2)
    sequence()
    state, key = tmp_path / "witness", keys.verifier()
    assert run("witness", "--directory", log, "--key", key, "--state", state, "--name", "w.example")[0] == 0
    shown = log / "checkpoint"
    kept, looks = shown.read_bytes(), []
    shown.unlink()
    assert run("witness", "--directory", log, "--state", state)[0] == 1

    def later(seconds: int) -> None:
        looks.append(seconds)
        shown.write_bytes(kept)
        if len(looks) == 2:
            _forged(log, 1)

    monkeypatch.setattr(witnessing.time, "sleep", later)
    status, words = run("witness", "--directory", log, "--state", state, "--every", 5)
    assert (status, looks) == (1, [5, 5])
    assert words.index("不完整") < words.index("从2条到2条") < words.index("前后矛盾")


def test_the_audit_chain_is_checked_against_its_anchors(run, bureau, sequence):
    from gongkai.core import audit
    from gongkai.core.models import AuditLink, Event

    events = [audit.note("test.note", "记录", None, summary=words) for words in "一二三"]
    audit.seal()
    anchors.anchor(NOON)
    sequence()
    assert run("audit", "verify")[0] == 0
    Event.objects.filter(pk=events[1].pk).update(summary="改")
    status, words = run("audit", "verify")
    assert (status, f"第{events[1].pk}号留痕" in words) == (1, True)
    # The whole chain written anew fits itself, but not the public log.
    chain = audit.START
    for event in Event.objects.order_by("id"):
        digest = audit.digest(event)
        chain = audit.chained(chain, digest)
        Event.objects.filter(pk=event.pk).update(digest=digest)
        AuditLink.objects.filter(event=event).update(digest=digest, chain=chain)
    status, words = run("audit", "verify")
    assert (status, "整体改写" in words) == (1, True)


def test_a_witness_shows_its_signature(many, sequence, tmp_path, log):
    state = witnessing.State(tmp_path / "witness")
    signer = state.signer("w.example")
    state.write("cosignature", "— w.example AAAAAAA=\n")
    from gongkai.commands.witness import _serve

    before = threading.active_count()
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    _serve(f"127.0.0.1:{port}", state)
    assert threading.active_count() == before + 1
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/key", timeout=5) as answer:
        assert Verifier.parse(answer.read().decode()) == signer.verifier
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/cosignature", timeout=5) as answer:
        assert answer.read().decode().startswith("— w.example")
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(f"http://127.0.0.1:{port}/witness-key", timeout=5)


def test_checking_names_the_first_altered_entry(run, many, publish, sequence, digest):
    many(4)
    publish(files=[("正文.pdf", digest)])
    sequence()
    assert run("log", "check")[0] == 0
    # A column by which the entry is found, not the leaf itself.
    LogFile.objects.update(sha256="e" * 64)
    status, words = run("log", "check")
    assert (status, "第4号存证" in words) == (1, True)
    LogFile.objects.update(sha256=digest)
    LogEntry.objects.filter(position=2).update(subject="elsewhere")
    assert checking.check().faults == ["第2号存证在数据库里被改过。"]


def test_lost_files_are_rebuilt(run, many, sequence, log):
    many(600)
    sequence()
    before = {path: path.read_bytes() for path in log.rglob("*") if path.is_file() and path.name != ".lock"}
    for path in before:
        path.unlink()
    assert run("log", "check")[0] == 1
    assert run("log", "rebuild")[0] == 0
    assert {path: path.read_bytes() for path in before} == before
    assert run("log", "check")[0] == 0
    row = LogEntry.objects.get(position=3)
    LogEntry.objects.filter(pk=row.pk).update(leaf=row.leaf.replace("M-3", "M-x"))
    status, words = run("log", "rebuild")
    assert (status, "改动过" in words) == (1, True)


def test_entries_come_back_after_an_older_backup(run, many, publish, sequence, digest):
    many(3)
    sequence()
    publish(files=[("正文.pdf", digest)])
    many(2, "later")
    sequence()
    whole = list(LogEntry.objects.order_by("position").values_list("position", "leaf", "subject", "act", "unit"))
    # The backup knew three entries, and the fourth was waiting.
    LogCheckpoint.objects.filter(size__gt=3).delete()
    LogFile.objects.filter(entry__position__gt=3).delete()
    LogEntry.objects.filter(position__gt=3)._raw_delete("default")
    LogEntry.objects.filter(position=3).update(position=None)
    with pytest.raises(sequencer.LogFault, match="recover"):
        sequence()
    LogEntry.objects.filter(position=3).update(position=None)
    status, words = run("log", "recover")
    assert (status, "找回" in words) == (0, True)
    found = list(LogEntry.objects.order_by("position").values_list("position", "leaf", "subject", "act", "unit"))
    assert found == whole
    assert run("log", "check")[0] == 0
    many(1, "after")
    assert sequence() == 1


def test_the_key_is_shown(run, log):
    status, words = run("log", "key")
    assert Verifier.parse(words).name == "gk.yunxi.example/tlog"
    assert status == 0
    assert run("log", "sign")[0] == 0
    assert merkle.EMPTY.hex() == LogCheckpoint.objects.get().root
