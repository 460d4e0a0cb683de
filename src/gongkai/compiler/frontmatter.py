"""What a notice says of itself: title, issuer, number, dates, recipients and the documents it carries out."""

from __future__ import annotations

import re

from gongkai.compiler.characters import Source
from gongkai.compiler.citations import NUMBER, cited_in, damaged_number, document_number
from gongkai.compiler.lines import Line
from gongkai.compiler.notice import Citation, Diagnostic, Frontmatter, Span
from gongkai.compiler.numbering import parse_number
from gongkai.compiler.numerals import DIGITS, to_int
from gongkai.compiler.units import split_top_level

_DOCUMENT = re.compile(
    r"(?:通知|要点|方案|意见|计划|分工|任务|清单|分解表|(?:任务|责任|工作)分解|安排|办法|规定|报告|细则|责任表|一览表|台账|提示单|推进表|日历|工作安排|分工安排|重点任务|重点工作|工作任务|任务书|决定|批复|函|措施|制度|表)(?:\([^()]{1,16}\))?$"
)
_LABELS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("title", re.compile(r"^(?:标题|名称|信息名称|文件名称|公文名称|文件标题)$")),
    ("issuer", re.compile(r"^(?:发布机构|发文机关|发布机关|发文单位|制发机关|发布单位|机构名称|发文机构|公开主体|信息来源单位|生成机构|制发单位)$")),
    ("doc_number", re.compile(r"^(?:发文字号|文号|发文文号|文件编号|文件字号|公文编号|发文号|公文文号)$")),
    ("issued_on", re.compile(r"^(?:成文日期|发文日期|生成日期|成文时间|发文时间|生成时间|签发日期|制发日期)$")),
    ("published_on", re.compile(r"^(?:发布日期|发布时间|公开日期|公开时间|发布于|时间|日期|更新时间|更新日期|信息发布日期|公布日期)$")),
    ("disclosure_category", re.compile(r"^(?:公开类别|公开方式|公开属性|公开形式|信息公开类别|公开类型)$")),
    ("index_number", re.compile(r"^(?:索引号|索引|信息索引号|索取号)$")),
    ("validity", re.compile(r"^(?:有效性|是否有效|效力状态|时效性|有效状态|文件状态|时效|文件有效性)$")),
)  # fmt: skip
_PAIR = re.compile(
    r"(?P<label>[\u4e00-\u9fff][\u4e00-\u9fff \u3000\xa0]{0,14}?)\s{0,3}(?::\s{0,3}\|?|\|)\s{0,3}(?P<value>[^:|\n]{0,80}?)(?=\s{2,}|\t|\||\n|$|[\s】][\u4e00-\u9fff ]{2,12}?:|\s[\u4e00-\u9fff]{4}\s\d)"
)
_DATE = re.compile(r"(?P<y>(?:19|20)\d{2})\s{0,2}[-年./]\s{0,2}(?P<m>\d{1,2})\s{0,2}[-月./]\s{0,2}(?P<d>\d{1,2})")
_DATE_CHINESE = re.compile(
    r"(?P<y>[二一][〇○零九0][〇○零一二三四五六七八九0]{2})\s{0,2}年\s{0,2}(?P<m>[一二三四五六七八九十]{1,2})月(?P<d>[一二三四五六七八九十]{1,3})日"
)
_PUBLISHED = re.compile(
    r"(?:发布(?:日期|时间)?|公开日期|更新(?:日期|时间)|时间|日期|发表时间)\s{0,3}[:]?\s{0,3}(?=(?:19|20)\d{2}\s{0,2}[-年./])"
)
_ISSUER = re.compile(
    r"^(?P<issuer>(?:中共)?[\u4e00-\u9fff()]{2,40}?)(?:关于|印发)"
    r"|^(?P<bureau>[\u4e00-\u9fff()]{3,30}(?:局|委员会|办公室|办公厅|厅|中心|管委会|街道办事处|医院|大学|学院|馆))(?=20\d{2}年)"
)
_SITE = re.compile(r"[_\-—|](?:[^_|]{2,30}(?:网|文件|门户|平台|政府|公开))+$|^【[^】]{1,12}】|【[^】]{1,12}】$")
_RECIPIENTS = re.compile(
    r"^(?:各|区|市|县|省|局|委|镇|乡|有关|机关|全|直属|驻|本|厅|开发|高新|经|处|院|校)[^。!?《》\n]{2,260}:$"
)
_OFFICE = re.compile(
    r"(?:人民政府|政府|办公室|办公厅|委员会|局|厅|委|办|中心|部|院|管委会|处|领导小组|街道办事处|乡|镇|会|公司)$"
)
_YEAR = re.compile(r"(?P<year>20\d{2})\s{0,2}(?:[-—~至]\s{0,2}20\d{2})?\s{0,2}年")
_BASIS_SENTENCE = re.compile(r"根据|按照|贯彻|落实|依据|为|要求|精神")


def iso_date(folded: str, start: int, end: int) -> str | None:
    """The first full date between two offsets as ISO 8601."""
    for pattern in (_DATE, _DATE_CHINESE):
        found = pattern.search(folded, start, end)
        if found:
            text = found.group("y")
            year = (
                int(text)
                if text.isdigit() and text.isascii()
                else int("".join(str(DIGITS.get(one, one)) for one in text))
            )
            month, day = to_int(found.group("m")) or 0, to_int(found.group("d")) or 0
            if 1 <= month <= 12 and 1 <= day <= 31:
                return f"{year:04d}-{month:02d}-{day:02d}"
    return None


def year_of_text(folded: str) -> int | None:
    """The year that a text without title and date speaks of most as its own."""
    years = re.findall(r"(20\d{2})\s{0,2}年(?=底|度|年底|末|政务|工作|重点|任务|\d{1,2}月)", folded[:60000])
    return int(max(set(years), key=lambda year: (years.count(year), year))) if years else None


class _Reader:
    def __init__(self, source: Source, lines: list[Line]) -> None:
        self.source = source
        self.folded = source.folded
        self.all = [line for line in lines if line.role != "table"]
        self.lines = self.all[:140]
        self.values: dict[str, Span] = {}
        self.diagnostics: list[Diagnostic] = []

    def words(self, span: Span) -> str:
        return re.sub(r"\s+", " ", self.source.words(*span)).strip()

    # ---- labelled values

    def pairs(self) -> None:
        """Labelled values as site pages print them: on one line, on two, or several to a line."""
        for index, line in enumerate(self.lines[:70]):
            text = self.folded[line.start : line.end]
            if len(text) > 400:
                continue
            alone = self._kind(text.strip(" :*•·|"))
            if alone and index + 1 < len(self.lines):
                following = self.lines[index + 1]
                value = self.folded[following.start : following.end].strip()
                if not self._kind(value.strip(" :")) and len(value) <= 120:
                    self.values.setdefault(alone, (following.start, following.end))
                continue
            for found in _PAIR.finditer(text):
                kind = self._kind(found.group("label"))
                value = found.group("value").strip()
                if kind and value and not self._kind(value):
                    first, last = self.source.strip(
                        line.start + found.start("value"), line.start + found.end("value"), " \t\u3000\xa0|•"
                    )
                    self.values.setdefault(kind, (first, last))
            dated = _PUBLISHED.search(text)
            if (
                dated
                and "published_on" not in self.values
                and iso_date(text, dated.end(), min(len(text), dated.end() + 20))
            ):
                self.values["published_on"] = (line.start + dated.end(), min(line.end, line.start + dated.end() + 20))

    @staticmethod
    def _kind(label: str) -> str | None:
        plain = re.sub(r"[\s\u3000\xa0]", "", label)
        return next((name for name, pattern in _LABELS if pattern.match(plain)), None)

    # ---- title

    def title(self) -> Span | None:
        if "title" in self.values and self.values["title"][1] - self.values["title"][0] >= 6:
            return self.values["title"]
        options: list[tuple[int, int, Span]] = []
        for index, line in enumerate(self.lines[:40]):
            if parse_number(self.folded, line.start, line.end) or self._is_body(line):
                if options:
                    break
                continue
            span = self._candidate(index)
            if span:
                text = self.folded[span[0] : span[1]]
                score = (
                    4 * (("关于" in text and "通知" in text[-6:]) or "印发" in text)
                    + 2 * ("关于" in text)
                    + bool(_YEAR.search(text))
                )
                options.append((-score, index, span))
        return self._clean(min(options)[2]) if options else None

    def _is_body(self, line: Line) -> bool:
        return line.end - line.start > 120 and "。" in self.folded[line.start : line.end]

    def _candidate(self, index: int) -> Span | None:
        line = self.lines[index]
        text = self.folded[line.start : line.end]
        if (
            re.search(r"[。:;!?]$", text)
            or len(text) > 110
            or ":" in text[:8]
            or re.match(r"附|>|您", text)
            or ">" in text
        ):
            return None
        if _DOCUMENT.search(_SITE.sub("", text).strip()) and len(text) >= 6 and not text.startswith("《"):
            start, end = line.start, line.end
            for back in (1, 2):
                before = self.lines[index - back] if index >= back else None
                if before is None or self.folded[before.start : before.end].rstrip()[-1:] in (
                    "。",
                    ":",
                    ";",
                    "号",
                    "日",
                ):
                    break
                head = self.folded[before.start : before.end]
                if before.role == "text" and self._begins_title(head, text, self.folded[before.end : start]):
                    start, text = before.start, head + text
                else:
                    break
            return (start, end)
        return None

    @staticmethod
    def _begins_title(head: str, text: str, gap: str) -> bool:
        """Whether a line is the first part of a title that goes on in the next."""
        if len(head) > 50 or _DOCUMENT.search(head) or NUMBER.search(head) or re.search(r"[|>:]", head):
            return False
        if text.startswith(("关于", "印发", "的通知", "工作要点", "任务", "政务公开")) and "公开" not in head[-4:]:
            return True
        return gap.count("\n") == 1 and bool(re.search(r"关于|20\d{2}\s{0,2}年", head))

    def _clean(self, span: Span) -> Span:
        start, end = span
        text = self.folded[start:end]
        front = re.match(r"【[^】]{1,12}】\s{0,3}", text)
        if front:
            start += front.end()
        tail = re.search(r"[_|](?:[^_|]{2,40}(?:[_|]|$)){1,4}", self.folded[start:end])
        if tail:
            end = start + tail.start()
        return self.source.strip(start, end)

    # ---- issuer, number, dates, year

    def issuer(self, title: Span | None) -> str | None:
        if title:
            found = _ISSUER.match(re.sub(r"\s", "", self.folded[title[0] : title[1]]))
            if found and (found.group("bureau") or _OFFICE.search(found.group("issuer"))):
                return re.sub(r"\s", "", self.words(title))[: found.end(found.lastgroup or 0)]
        signed = self.signature()
        if signed:
            return signed
        return self.words(self.values["issuer"]) if "issuer" in self.values else None

    def signature(self) -> str | None:
        for index, line in enumerate(self.all):
            if line.role == "signature" and index and iso_date(self.folded, line.start, line.end):
                before = self.all[index - 1]
                text = self.folded[before.start : before.end]
                if len(text) <= 30 and _OFFICE.search(text.strip()) and before.role == "signature":
                    return re.sub(r"\s", "", self.words((before.start, before.end)))
        return None

    def doc_number(self, title: Span | None) -> str | None:
        if "doc_number" in self.values:
            start, end = self.values["doc_number"]
            number = document_number(self.folded, self.source.text, start, end)
            if number:
                self._report(number.damaged, (number.start, number.end))
                return re.sub(r"\s", "", number.text)
        for line in self.lines[:60]:
            text = self.folded[line.start : line.end]
            if len(text) <= 40 and NUMBER.search(text) and "《" not in text:
                found = NUMBER.search(self.folded, line.start, line.end)
                if found and found.start() - line.start <= 8 and line.end - found.end() <= 8:
                    number = document_number(self.folded, self.source.text, line.start, line.end)
                    if number:
                        self._report(number.damaged, (number.start, number.end))
                        return re.sub(r"\s", "", number.text)
        return None

    def _report(self, damaged: bool, span: Span) -> None:
        if damaged:
            raw = self.source.words(*span)
            message = f"文号“{raw}”缺少括号，已按通行写法补全，请核对。"
            self.diagnostics.append(
                Diagnostic("warning", "restored_doc_number", message, self.source.original_span(*span))
            )

    def issued_on(self) -> str | None:
        if "issued_on" in self.values:
            found = iso_date(self.folded, *self.values["issued_on"])
            if found:
                return found
        for line in self.all:
            dated = iso_date(self.folded, line.start, line.end) if line.role == "signature" else None
            if dated:
                return dated
        return None

    def year(self, title: Span | None, issued: str | None) -> int | None:
        if title:
            found = _YEAR.search(self.folded, *title)
            if found:
                span = len(re.findall(r"20\d{2}", found.group(0))) > 1  # a plan of several years
                return int(issued[:4] if span and issued else found.group("year"))
        for line in self.lines[:50]:
            text = self.folded[line.start : line.end]
            if len(text) <= 60 and _DOCUMENT.search(text.strip()) and (found := _YEAR.search(text)):
                return int(found.group("year"))
        if issued:
            return int(issued[:4])
        spoken = year_of_text(self.folded)
        if spoken or "published_on" not in self.values:
            return spoken
        published = iso_date(self.folded, *self.values["published_on"])
        return int(published[:4]) if published else None

    # ---- recipients and basis

    def recipients(self) -> tuple[str, ...]:
        for line in self.lines:
            text = self.folded[line.start : line.end].strip()
            if _RECIPIENTS.match(text) and "各" in text and not re.search(r"如下|以下|要求是", text):
                end = line.end - 1
                parts = split_top_level(self.folded, line.start, end, ",;")
                names = [self.words(self.source.strip(first, last, " :、\u3000")) for first, last, _ in parts]
                return tuple(name for name in names if name)
        return ()

    def basis(self) -> tuple[Citation, ...]:
        result: list[Citation] = []
        seen: set[str] = set()
        for line in self.lines:
            number = parse_number(self.folded, line.start, line.end)
            if number and not number.soft and number.kind != "point" and result:
                break
            text = self.folded[line.start : min(line.end, line.start + 3000)]
            if (
                number
                or "《" not in text
                or not _BASIS_SENTENCE.search(text)
                or re.search(r"已经[^。]{0,24}(?:同意|通过)|现(?:将|印发)", text)
            ):
                continue
            for cited in cited_in(self.folded, self.source.text, line.start, line.start + len(text)):
                title = self.source.words(*cited.title)
                if title in seen or re.match(r"中华人民共和国(?!政府信息)", title):
                    continue
                seen.add(title)
                if cited.number:
                    self._report(cited.number.damaged, (cited.number.start, cited.number.end))
                span = self.source.original_span(cited.start, cited.end)
                result.append(Citation(title, cited.number.text if cited.number else None, span))
        return tuple(result)


def read_frontmatter(source: Source, lines: list[Line]) -> tuple[Frontmatter, list[Diagnostic]]:
    """The frontmatter and what was damaged in it."""
    reader = _Reader(source, lines)
    reader.pairs()
    title = reader.title()
    issued = reader.issued_on()
    values = reader.values
    published = iso_date(source.folded, *values["published_on"]) if "published_on" in values else None

    def value(name: str) -> str | None:
        return reader.words(values[name]) or None if name in values else None

    result = Frontmatter(
        title=re.sub(r"\s*\n\s*", "", source.words(*title)) if title else None,
        issuer=reader.issuer(title),
        doc_number=reader.doc_number(title),
        issued_on=issued,
        published_on=published,
        year=reader.year(title, issued),
        disclosure_category=value("disclosure_category"),
        index_number=value("index_number"),
        validity=value("validity"),
        recipients=reader.recipients(),
        basis=reader.basis(),
    )
    for line in reader.lines[:60]:
        lost = damaged_number(source.folded, line.start, line.end)
        if lost:
            message = f"文号“{source.words(*lost)}”残缺，无法补全，请对照原件核对。"
            reader.diagnostics.append(Diagnostic("warning", "damaged_doc_number", message, source.original_span(*lost)))
            break
    return result, reader.diagnostics
