"""`gongkai verify`: was this file published, when, by whom, and is it still the current one?

It believes nothing but the log's key: entries and proofs are computed from the log's own files. Neither database nor
settings are needed for a log that is read over the network or from a directory.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from gongkai.commands.log_reading import Place, fetch, open_place
from gongkai.commands.terminal import Problem, print_json
from gongkai.proof.checkpoints import Checkpoint
from gongkai.proof.history import Entry, Standing, standing
from gongkai.proof.leaf import ACTS, DETAILS, WITHDRAWN, Leaf
from gongkai.proof.merkle import ProofError
from gongkai.proof.notes import NoteError
from gongkai.proof.tiles import TileError

# A page says here where its words stand in canonical form.
CONTENT_TYPE = "application/vnd.gongkai.content+json"
_CHINA = dt.timezone(dt.timedelta(hours=8))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to check, and against which log."""
    parser.add_argument("target", nargs="?", help="要核验的文件，或网址；只核验日志本身时不写")
    parser.add_argument("--log", metavar="网址", help="日志地址，例如 https://…/tlog；不写就用本机的日志")
    parser.add_argument("--directory", metavar="目录", help="日志文件所在的目录（整份下载的日志）")
    parser.add_argument("--key", metavar="公钥", help="日志的签名公钥；不写就取日志自己公布的")
    parser.add_argument("--checkpoint", metavar="文件", help="以前保存的检查点，核验日志此后没有改写")
    parser.add_argument("--scan", action="store_true", help="读完整个日志，不依靠网站的查询")
    parser.add_argument("--json", action="store_true", help="输出 JSON")


@dataclass
class Report:
    """What was found out; `faults` are sentences about what does not fit. `words`: the words of a page were checked."""

    digest: str = ""
    checkpoint: Checkpoint | None = None
    witnesses: list[str] = field(default_factory=list)
    key_from_log: bool = False
    consistent_from: int | None = None
    complete: bool = False
    found: list[tuple[str, Standing, list[Entry]]] = field(default_factory=list)
    page: list[tuple[str, list[Entry]]] = field(default_factory=list)
    steps: dict[int, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    asked: bool = False
    words: bool = False

    @property
    def ok(self) -> bool:
        """Nothing contradicts the log, and what was asked for is in it."""
        return not self.faults and (bool(self.found or self.page) or not self.asked)


def run(options: argparse.Namespace) -> int:
    """Check; the exit status is 0 only when everything fits and the file is in the log."""
    place = open_place(options)
    report = Report(key_from_log=place.key_from_log, asked=bool(options.target))
    try:
        _check(options, place, report)
    except (ProofError, TileError, NoteError) as error:
        report.faults.append(f"日志不可信，证明或签名不成立。技术细节：{error}")
    except FileNotFoundError as error:
        report.faults.append(f"日志缺文件，无法核验：{error}")
    if options.json:
        print_json(_plain(report))
    else:
        print("\n".join(_words(report)))
    return 0 if report.ok else 1


def _check(options: argparse.Namespace, place: Place, report: Report) -> None:
    checkpoint, note = place.log.checkpoint()
    report.checkpoint = checkpoint
    report.witnesses = [
        f"{signature.name}（{dt.datetime.fromtimestamp(signature.time, _CHINA):%Y-%m-%d %H:%M}）"
        for signature in note.verified
        if signature.name != place.log.key.name
    ]
    if options.checkpoint:
        _check_consistency(Path(options.checkpoint), place, checkpoint, report)
    if not options.target:
        if options.scan:
            report.complete = sum(1 for _ in place.log.entries(checkpoint)) == checkpoint.size
        return
    data, address = _read(options.target, report)
    report.digest = hashlib.sha256(data).hexdigest()
    histories = _histories(options, place, checkpoint, report, address)
    for subject, history in histories.items():
        state = standing(history, report.digest)
        if state is not None:
            report.found.append((subject, state, history))
    if not report.found and address:
        report.page = list(histories.items())
        if report.words and report.page:
            report.faults.append("网页上的内容与登记的不符，或刚刚改过还没有登记。")


def _check_consistency(file: Path, place: Place, checkpoint: Checkpoint, report: Report) -> None:
    try:
        old, _ = place.log.open(file.read_bytes())
    except OSError as error:
        raise Problem(f"读不了检查点 {file}。", "请核对文件名。") from error
    place.log.prove_consistency(old, checkpoint)
    report.consistent_from = old.size


def _read(target: str, report: Report) -> tuple[bytes, str]:
    """The bytes to check, and the path of the page they are from, if they are from a page."""
    if not target.startswith(("http://", "https://")):
        try:
            return Path(target).read_bytes(), ""
        except OSError as error:
            raise Problem(f"读不了文件 {target}。", "请核对文件名。") from error
    data = fetch(target)
    if not data.lstrip()[:200].lower().startswith((b"<!doctype html", b"<html")):
        return data, urlsplit(target).path
    content = _content_link(data.decode("utf-8", "replace"))
    if content:
        report.words = True
        return fetch(urljoin(target, content)), urlsplit(target).path
    report.remarks.append(
        "网页本身不逐字登记（页头、页脚会变）；下面按网址列出登记。要核验内容，请下载正文或附件再核验。"
    )
    return data, urlsplit(target).path


class _Links(HTMLParser):
    """Finds where a page keeps its words in canonical form."""

    address = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Look at links in the head."""
        said = dict(attributes)
        if tag == "link" and said.get("type") == CONTENT_TYPE and not self.address:
            self.address = said.get("href") or ""


def _content_link(page: str) -> str:
    links = _Links()
    links.feed(page)
    return links.address


def _histories(
    options: argparse.Namespace, place: Place, checkpoint: Checkpoint, report: Report, address: str
) -> dict[str, list[Entry]]:
    """The entries that may be about the file, by subject, oldest first, each proved to be in the log."""
    if options.scan or place.ask is None:
        report.complete = True
        return _scan(place, checkpoint, report)
    answers = place.ask("sha256", report.digest)
    if not answers and address:
        answers = place.ask("address", address)
    histories: dict[str, list[Entry]] = {}
    try:
        for answer in answers:
            entries = [_proved(row, place, checkpoint, report) for row in answer["entries"]]
            if any(entry.leaf.subject != answer["subject"] for entry in entries):
                raise ProofError(f"the answer about {answer['subject']} holds entries of something else")
            histories[answer["subject"]] = entries
    except (KeyError, TypeError, AttributeError) as error:
        raise ProofError("the site's answer cannot be understood") from error
    return histories


def _scan(place: Place, checkpoint: Checkpoint, report: Report) -> dict[str, list[Entry]]:
    wanted: set[str] = set()
    every: dict[str, list[Entry]] = defaultdict(list)
    mark = report.digest.encode()
    for index, raw in place.log.entries(checkpoint):
        leaf = Leaf.decode(raw)
        every[leaf.subject].append(Entry(index, leaf))
        if mark in raw:
            wanted.add(leaf.subject)
            report.steps[index] = len(place.log.prove_inclusion(index, raw, checkpoint))
    return {subject: every[subject] for subject in every if subject in wanted}


def _proved(row: dict[str, Any], place: Place, checkpoint: Checkpoint, report: Report) -> Entry:
    raw, index = str(row["leaf"]).encode(), row["index"]
    if index is None or index >= checkpoint.size:
        report.remarks.append("有一次登记刚刚写下，还没有签名；几秒后再核验可以得到完整的证明。")
        return Entry(None, Leaf.decode(raw))
    report.steps[index] = len(place.log.prove_inclusion(index, raw, checkpoint))
    return Entry(index, Leaf.decode(raw))


def _time(moment: dt.datetime) -> str:
    local = moment.astimezone(_CHINA)
    return f"{local.year}年{local.month}月{local.day}日{local:%H:%M}"


def _words(report: Report) -> Iterable[str]:
    """The report as sentences."""
    if report.digest:
        yield f"文件指纹（SHA-256）：{report.digest}"
    for subject, state, history in report.found:
        yield ""
        yield from _about(subject, state, history)
    for subject, history in report.page:
        yield ""
        yield f"{subject}：共{len(history)}次登记，最近一次是{_act(history[-1])}。"
    if report.asked and not report.found and not report.page and not report.faults:
        yield "没有查到这个文件：可能不是这里公开的，也可能下载后被修改、转换或另存过。"
    yield ""
    yield from _evidence(report)
    for remark in dict.fromkeys(report.remarks):
        yield f"注意：{remark}"
    for fault in report.faults:
        yield f"✗ {fault}"


def _about(subject: str, state: Standing, history: list[Entry]) -> Iterable[str]:
    leaf = state.found.leaf
    yield f"{leaf.unit}于{_time(leaf.time)}{ACTS[leaf.act]}，标识 {subject}，第{leaf.version}版。"
    if state.state == "current":
        yield f"文件是真的，是现行版本{f'，但{state.lost_force}' if state.lost_force else ''}。"
    elif state.state == "older":
        newest = state.newest.leaf
        yield f"文件是真的，但不是最新版本：{_time(newest.time)}已公开第{newest.version}版。"
    else:
        gone = next(entry for entry in reversed(history) if entry.leaf.act == WITHDRAWN)
        yield f"文件曾经公开，已于{_time(gone.leaf.time)}撤回。"


def _act(entry: Entry) -> str:
    detail = DETAILS[entry.leaf.detail]
    return f"{_time(entry.leaf.time)}{ACTS[entry.leaf.act]}{f'（{detail}）' if detail else ''}"


def _evidence(report: Report) -> Iterable[str]:
    checkpoint = report.checkpoint
    if checkpoint is None or report.faults:
        return
    yield f"✓ 检查点签名正确：{checkpoint.origin}，共{checkpoint.size}条。"
    for index, steps in sorted(report.steps.items()):
        yield f"✓ 第{index}号存证在日志里（{steps}步证明）。"
    if report.consistent_from is not None:
        yield f"✓ 从以前的检查点（{report.consistent_from}条）到现在，日志只有增加，没有改写。"
    if report.complete:
        yield f"✓ 已读完整个日志，{checkpoint.size}条逐条相符。"
    elif report.found:
        yield "后来有没有修改、撤回，依据的是网站的答复；加 --scan 可以读完整个日志自行核对。"
    for witness in report.witnesses:
        yield f"✓ 见证方签名正确：{witness}"
    if report.key_from_log:
        yield "公钥取自日志自己。请与公报等处公布的公钥核对，以后用 --key 指定。"


def _plain(report: Report) -> dict[str, Any]:
    """The report for programs."""
    checkpoint = report.checkpoint
    return {
        "ok": report.ok,
        "sha256": report.digest or None,
        "checkpoint": (
            {"origin": checkpoint.origin, "size": checkpoint.size, "root": checkpoint.root.hex()}
            if checkpoint
            else None
        ),
        "consistent_from": report.consistent_from,
        "complete": report.complete,
        "witnesses": report.witnesses,
        "found": [
            {
                "subject": subject,
                "state": state.state,
                "validity": state.validity or None,
                "index": state.found.index,
                "version": state.found.leaf.version,
                "newest_version": state.newest.leaf.version,
                "unit": state.found.leaf.unit,
                "time": state.found.leaf.time.isoformat(),
                "proof_steps": report.steps.get(state.found.index) if state.found.index is not None else None,
                "entries": [_plain_entry(entry) for entry in history],
            }
            for subject, state, history in report.found
        ],
        "page": [
            {"subject": subject, "entries": [_plain_entry(entry) for entry in history]}
            for subject, history in report.page
        ],
        "faults": report.faults,
        "remarks": list(dict.fromkeys(report.remarks)),
    }


def _plain_entry(entry: Entry) -> dict[str, Any]:
    leaf = entry.leaf
    return {"index": entry.index, "act": leaf.act, "detail": leaf.detail, "version": leaf.version, "time": leaf.time}
