"""`gongkai witness`: another office watches a log and signs that it was never rewritten.

It needs no database. It remembers the last checkpoint it has signed; a new one is signed only when it is proved to
continue that one. What contradicts is kept beside as evidence and told loudly.
"""

from __future__ import annotations

import argparse
import datetime as dt
import fcntl
import http.server
import json
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gongkai.commands.log_reading import Place, open_place
from gongkai.commands.terminal import Problem, print_json
from gongkai.proof.checkpoints import Checkpoint, open_checkpoint
from gongkai.proof.merkle import ProofError
from gongkai.proof.notes import COSIGNATURE, Note, NoteError, Signer
from gongkai.proof.tiles import TileError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which log, where to remember, how often."""
    parser.add_argument("--log", metavar="网址", help="日志地址，例如 https://…/tlog")
    parser.add_argument("--directory", metavar="目录", help="日志文件所在的目录")
    parser.add_argument("--key", metavar="公钥", help="日志的签名公钥；第一次见证后记住")
    parser.add_argument("--state", metavar="目录", default="witness", help="记住检查点和密钥的目录，默认 witness")
    parser.add_argument("--name", metavar="名称", help="见证方名称，例如 witness.example.gov.cn；第一次要写")
    parser.add_argument("--every", metavar="秒", type=int, help="每隔多少秒见证一次，不写就只做一次")
    parser.add_argument("--serve", metavar="地址:端口", help="在这里公布带见证签名的检查点")
    parser.add_argument("--json", action="store_true", help="输出 JSON")


def run(options: argparse.Namespace) -> int:
    """Witness once or for ever; the exit status is 1 when the log contradicts itself."""
    if not options.log and not options.directory:
        raise Problem("请用 --log 或 --directory 写明要见证的日志。", status=2)
    if options.every is not None and options.every < 1:
        raise Problem("--every 至少是1秒。", status=2)
    state = State(Path(options.state))
    signer = state.signer(options.name)
    options.key = options.key or state.key()
    place = open_place(options)
    state.remember_key(str(place.log.key))
    if options.serve:
        _serve(options.serve, state)
    while True:
        try:
            fine = _once(place, state, signer, as_json=options.json)
        except Contradiction as problem:
            # A log that contradicts itself is not witnessed any further: people have to look.
            words = f"日志前后矛盾，没有签名。技术细节：{problem}"
            _tell(options.json, words, "证据已保存在见证目录，请立即通知日志主办单位和上级。")
            return 1
        if options.every is None:
            return 0 if fine else 1
        time.sleep(options.every)


class Contradiction(Exception):
    """The log shows something that cannot be true together with what was signed before."""


class State:
    """What the witness remembers: its key, the log's key, and the last checkpoint it has signed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Problem(f"不能建立目录 {folder}。", "请用 --state 指定可写的目录。") from error

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Looking and signing are one step: two witnesses of one state would contradict each other."""
        descriptor = os.open(self.folder / ".lock", os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def write(self, name: str, words: str, mode: int = 0o644) -> None:
        """Write a file whole or not at all, and wait until it has reached the disk."""
        descriptor, aside = tempfile.mkstemp(dir=self.folder, prefix=".part-")
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(words)
            file.flush()
            os.fsync(file.fileno())
        Path(aside).chmod(mode)
        Path(aside).replace(self.folder / name)

    def read(self, name: str) -> str:
        """A remembered file; empty when there is none."""
        try:
            return (self.folder / name).read_text(encoding="utf-8")
        except FileNotFoundError:
            return ""

    def signer(self, name: str | None) -> Signer:
        """The witness's own key, made at the first use."""
        try:
            words = self.read("witness-key")
            if not words:
                if not name:
                    raise Problem("第一次见证请用 --name 写明见证方名称。", "例如 --name witness.example.gov.cn", 2)
                self.write("witness-key", Signer.generate(name, COSIGNATURE).write() + "\n", 0o600)
                words = self.read("witness-key")
            signer = Signer.parse(words)
        except NoteError as error:
            raise Problem(f"见证密钥或名称不对：{error}。", "名称不能有空格和加号；密钥损坏请从保管处恢复。") from error
        if name and name != signer.name:
            raise Problem(f"这个目录的见证方是 {signer.name}。", "换名称请另用一个 --state 目录。", 2)
        return signer

    def key(self) -> str | None:
        """The log's key, as it was first seen."""
        return self.read("log-key").strip() or None

    def remember_key(self, words: str) -> None:
        """Keep the log's key; another one later is refused."""
        known = self.key()
        if known and known != words:
            raise Problem(
                "日志的公钥与第一次见证时不同。", "请向日志主办单位核实；确认换了密钥再另用一个 --state 目录。"
            )
        if not known:
            self.write("log-key", words + "\n")


def _once(place: Place, state: State, signer: Signer, *, as_json: bool) -> bool:
    """Look and sign once; False when the log could not be read or does not hold together."""
    try:
        with state.locked():
            checkpoint, before = witness(place, state, signer)
    except (ProofError, TileError, NoteError, FileNotFoundError) as problem:
        words = f"日志不完整或签名不对，没有签名。技术细节：{problem}"
        _tell(as_json, words, "请稍后再试；一直这样请通知日志主办单位。")
        return False
    except Problem as problem:
        _tell(as_json, f"没有签名：{problem.words}", problem.mend)
        return False
    if as_json:
        print_json({"ok": True, "origin": checkpoint.origin, "size": checkpoint.size, "before": before})
    else:
        since = f"从{before}条到{checkpoint.size}条，只有增加，没有改写" if before is not None else "第一次见证"
        print(f"已见证 {checkpoint.origin}：{since}。签名：{state.folder / 'cosignature'}", flush=True)
    return True


def _tell(as_json: bool, words: str, mend: str) -> None:
    if as_json:
        print_json({"ok": False, "error": words, "mend": mend})
    else:
        print(f"!!! {words}\n{mend}", flush=True)


def witness(place: Place, state: State, signer: Signer) -> tuple[Checkpoint, int | None]:
    """Look at the log and sign its newest checkpoint; returns it and the size signed before.

    Raises:
        Contradiction: the log was rewritten or has shrunk.
        NoteError, ProofError, TileError, FileNotFoundError: what the log shows does not fit together.
    """
    checkpoint, note = place.log.checkpoint()
    known = state.read("checkpoint")
    before = None
    if known:
        old, _ = open_checkpoint(known, place.log.key)
        _continues(place, state, old, checkpoint, note)
        before = old.size
    line = signer.sign(note.text, time=int(dt.datetime.now(dt.UTC).timestamp()))
    own = [signature for signature in note.signatures if signature.name == place.log.key.name]
    # Remembered first: what is signed is never more than what is known.
    state.write("checkpoint", str(Note(note.text, (*own, line))))
    state.write("cosignature", str(line))
    return checkpoint, before


def _continues(place: Place, state: State, old: Checkpoint, new: Checkpoint, note: Note) -> None:
    try:
        if old.origin != new.origin or old.size > new.size or (old.size == new.size and old.root != new.root):
            raise ProofError(f"原来{old.size}条，现在{new.size}条")
        place.log.prove_consistency(old, new)
    except ProofError as problem:
        stamp = dt.datetime.now(dt.UTC).strftime("%Y%m%d-%H%M%S")
        evidence = {"before": state.read("checkpoint"), "now": str(note), "problem": str(problem)}
        state.write(f"evidence-{stamp}.json", json.dumps(evidence, ensure_ascii=False, indent=1))
        raise Contradiction(str(problem)) from problem


def _serve(address: str, state: State) -> None:
    """Show the cosigned checkpoint to everybody, in a thread of its own."""
    host, _, port = address.rpartition(":")
    if not port.isdecimal():
        raise Problem(f"地址 {address} 不对。", "例如 127.0.0.1:8100。", 2)

    class Answer(http.server.BaseHTTPRequestHandler):
        """Three files: the cosigned checkpoint, the line alone, and the witness's key."""

        def do_GET(self) -> None:
            """Answer one request."""
            words = ""
            if self.path in ("/checkpoint", "/cosignature"):
                words = state.read(self.path[1:])
            elif self.path == "/key":
                words = f"{state.signer(None).verifier}\n"
            data = words.encode()
            self.send_response(200 if words else 404)
            self.send_header("Content-Type", "text/plain; charset=utf-8")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *arguments: object) -> None:
            """Keep the terminal for what matters."""

    try:
        server = http.server.ThreadingHTTPServer((host or "127.0.0.1", int(port)), Answer)
    except OSError as error:
        raise Problem(f"不能在 {address} 公布：{error}", "请换一个端口。") from error
    threading.Thread(target=server.serve_forever, daemon=True).start()
