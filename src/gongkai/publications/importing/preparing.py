"""From what a sheet or page says to a row of the dry run: matched, checked, screened; nothing is published here."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from typing import Any

from django.utils import timezone

from gongkai import screening
from gongkai.core import attachments
from gongkai.core.days import day_words
from gongkai.core.models import Unit, UnitAlias, User
from gongkai.core.roles import STAFF, Role
from gongkai.law import documents
from gongkai.publications import body, screen, trade
from gongkai.publications.acts import afterwards
from gongkai.publications.importing import saved_pages, words
from gongkai.publications.importing.folder import BadFiles, Entry, Folder
from gongkai.publications.importing.models import Import, ImportRow
from gongkai.publications.importing.sheet import Line
from gongkai.publications.models import CatalogColumn, Publication
from gongkai.reading import ReadingError

BODY_LIMIT = 2_000_000
_MARKUP = re.compile(r"<(?:p|div|br|table|span|font|h[1-6]|section|article)\b[^>]*>", re.I)
_WORD = (".docx", ".doc", ".wps", ".rtf", ".odt")
_DEFAULT_HOUR = dt.time(9)
# The files of an import are read into memory one by one; a larger one is refused with what to do.
_TEXT_KEPT = 2_000_000


class Refused(ValueError):
    """One row cannot be taken over; the message says why and what to do."""


def allowed_units(user: User | None) -> set[int] | None:
    """Units for which a person may import; None stands for all (the system administrator at the terminal)."""
    if user is None:
        return None
    own = {unit for unit, roles in user.roles_by_unit.items() if roles & set(STAFF)}
    offices = Unit.objects.filter(pk__in=[unit for unit, roles in user.roles_by_unit.items() if Role.OFFICE in roles])
    for office in offices.select_related("parent"):
        root = office.parent or office
        own |= set(Unit.objects.filter(path__startswith=root.path).values_list("pk", flat=True))
    return own


def _squeezed(name: str) -> str:
    return "".join(name.split())


class Preparer:
    """Makes rows of one import. Everything that all rows need is read once."""

    def __init__(self, run: Import, folder: Folder) -> None:
        self.run, self.folder = run, folder
        self.today = timezone.localdate()
        self.units: dict[int, Unit] = {unit.pk: unit for unit in Unit.objects.all()}
        self.unit_names = self._names()
        self.allowed = allowed_units(run.handler)
        self.columns = self._columns()
        self.wordings, self.passed = screen.wordings(), screen.allowed()
        self.seen_keys: dict[str, str] = {}
        self.seen_numbers: dict[str, str] = {}
        self.seen_titles: dict[tuple[str, str, str], str] = {}
        self.ordinal = 0

    def _names(self) -> dict[str, int]:
        """Every name of a unit; one that belongs to several names nobody. Merged units stand for their successor."""
        found: dict[str, set[int]] = {}

        def learn(name: str, unit: int) -> None:
            if name:
                found.setdefault(_squeezed(name), set()).add(unit)

        for unit in self.units.values():
            target = self._living(unit)
            for name in (unit.name, unit.short_name, unit.code, unit.credit_code):
                learn(name, target)
        for name, unit_id in UnitAlias.objects.filter(unit__isnull=False).values_list("name", "unit"):
            learn(name, self._living(self.units[unit_id]))
        return {name: next(iter(units)) for name, units in found.items() if len(units) == 1}

    def _living(self, unit: Unit) -> int:
        seen: set[int] = set()
        while unit.merged_into_id and unit.pk not in seen:
            seen.add(unit.pk)
            unit = self.units[unit.merged_into_id]
        return unit.pk

    def _columns(self) -> dict[str, list[CatalogColumn]]:
        found: dict[str, list[CatalogColumn]] = {}
        for column in CatalogColumn.objects.filter(active=True):
            for name in {_squeezed(column.title), column.code}:
                found.setdefault(name, []).append(column)
        return found

    # --- a row --------------------------------------------------------------------------------------------------------

    def of_line(self, line: Line, base: str = "") -> ImportRow:
        """The row of a line of a sheet."""
        cells = {
            name: words.lines(value) if name in ("body", "files") else words.tidy(value)
            for name, value in line.cells.items()
        }
        return self._row(line.place, cells, lambda row: self._line_content(row, cells, base))

    def of_page(self, entry: Entry) -> ImportRow:
        """The row of a saved page."""
        place = entry.path[-200:]
        try:
            page = saved_pages.read(entry, self.folder)
        except (ReadingError, BadFiles) as problem:
            said = problem.message if isinstance(problem, ReadingError) else str(problem)
            return self._refused(place, {"title": PurePosixPath(entry.path).stem}, said)
        cells = {name: words.tidy(value) for name, value in page.cells.items()}
        cells["key"] = entry.path
        return self._row(place, cells, lambda row: self._page_content(row, cells, page))

    def _refused(self, place: str, cells: dict[str, str], problem: str) -> ImportRow:
        self.ordinal += 1
        return ImportRow(
            run=self.run,
            ordinal=self.ordinal,
            place=place,
            title=cells.get("title", "")[:300],
            outcome=ImportRow.Outcome.REFUSED,
            problems=[problem],
        )

    def _row(self, place: str, cells: dict[str, str], content: Any) -> ImportRow:
        if words.classified(cells.get("secrecy", "")):
            # Nothing of it is kept: neither title nor text.
            return self._refused(place, {}, "标有密级，不得导入本系统。请从文件中删除这一条，并按保密规定处理。")
        self.ordinal += 1
        row = ImportRow(
            run=self.run,
            ordinal=self.ordinal,
            place=place[:200],
            title=cells.get("title", "")[:300],
            outcome=ImportRow.Outcome.NEW,
            problems=[],
            warnings=[],
        )
        values: dict[str, Any] = {}
        for step in (self._named, self._attributed, self._dated, self._described, self._validity):
            try:
                step(row, cells, values)
            except Refused as problem:
                row.problems.append(str(problem))
        row.values = values
        try:
            content(row)
        except (ReadingError, BadFiles, attachments.Refused, screening.Unreadable) as problem:
            row.problems.append(_sentence(problem))
        except Refused as problem:
            row.problems.append(str(problem))
        self._keyed(row, cells)
        if not row.problems:
            self._screen(row)
        row.digest = _digest(row, cells)
        if row.problems:
            row.outcome = ImportRow.Outcome.REFUSED
        return row

    def _named(self, row: ImportRow, cells: dict[str, str], values: dict[str, Any]) -> None:
        """Title, unit and column."""
        title = cells.get("title", "")
        said = cells.get("unit") or cells.get("issuer") or ""
        row.unit_name = said[:120]
        unit = self._unit(said)
        values["title"] = title
        if unit is not None:
            values["unit"] = unit.pk
            row.unit_name = str(unit)[:120]
            values["issuer"] = (cells.get("issuer") or said or unit.name)[:200]
            values["column"] = self._column(row, cells.get("column", ""), unit)
        if not title:
            raise Refused("没有标题。请补上标题。")
        if len(title) > 300:
            raise Refused("标题超过300字。请检查是不是把正文填进了标题。")
        if unit is None:
            if not said:
                raise Refused("没有写明发布机构。请补上，或在导入时选一个“没有写明单位的”单位。")
            raise Refused(
                f"没有找到单位“{said[:60]}”。请在单位资料里登记这个别名后重新读取，或在文件里改成本系统的单位名称。"
            )
        if self.allowed is not None and unit.pk not in self.allowed:
            raise Refused(f"你不能为“{unit}”导入信息。请由该单位或政务公开主管单位导入。")
        if not unit.active:
            raise Refused(f"“{unit}”已停用。请在单位资料里登记它并入哪个单位。")

    def _unit(self, said: str) -> Unit | None:
        if not said:
            return self.run.fallback_unit
        for name in (said, *re.split(r"[、，,；;\s]+", said)):
            found = self.unit_names.get(_squeezed(name))
            if found is not None:
                return self.units[found]
        return None

    def _column(self, row: ImportRow, said: str, unit: Unit) -> int | None:
        if said:
            named = self.columns.get(_squeezed(said), [])
            fitting = [column for column in named if column.unit_id in (None, unit.pk)]
            if fitting:
                return max(fitting, key=lambda column: column.unit_id or 0).pk
            row.warnings.append(f"没有找到栏目“{said[:40]}”，按导入时选的栏目处理。")
        column = self.run.fallback_column
        return column.pk if column is not None and column.unit_id in (None, unit.pk) else None

    def _attributed(self, row: ImportRow, cells: dict[str, str], values: dict[str, Any]) -> None:
        """The attribute: as said, else by the setting of the run."""
        said = cells.get("attribute", "")
        found = words.attribute(said)
        if found is None:
            raise Refused(f"公开属性“{said[:20]}”不认识。请写主动公开、依申请公开或不予公开。")
        reason = cells.get("reason", "")[:500]
        if not found:
            found = self.run.missing_attribute
            if found == Import.Missing.REFUSE:
                raise Refused("没有公开属性。请补上，或在导入时选定没有属性的怎样处理。")
            if found == "on_request":
                reason = reason or "原网站没有标明公开属性，待复查。"
            else:
                row.warnings.append("没有公开属性，按主动公开处理。")
        values["attribute"] = found
        if found != documents.Attribute.PROACTIVE:
            values["reason"] = reason or f"原网站标为“{said}”，没有写明理由，待复查。"
            values["ground"] = words.ground(reason) if found == documents.Attribute.WITHHELD else ""
            if not cells.get("reason"):
                row.warnings.append("没有写明不主动公开的理由，归档后列入属性复查。")

    def _dated(self, row: ImportRow, cells: dict[str, str], values: dict[str, Any]) -> None:
        """Days as they are said; one that cannot be read is not guessed."""
        labels = {
            "made_on": "成文日期",
            "effective_on": "施行日期",
            "expires_on": "有效期至",
            "repealed_on": "废止日期",
            "published_at": "发布日期",
        }
        moments: dict[str, dt.datetime] = {}
        for name, label in labels.items():
            said = cells.get(name, "")
            if not said or said in ("-", "—", "无", "长期", "长期有效"):
                continue
            found = words.moment(said)
            if found is None:
                raise Refused(f"{label}“{said[:30]}”看不懂。请写成2021-06-28这样的形式。")
            moments[name] = found
        for name in ("made_on", "effective_on", "expires_on", "repealed_on"):
            values[name] = moments[name].date().isoformat() if name in moments else None
        published = moments.get("published_at") or moments.get("made_on")
        if published is None:
            raise Refused("没有发布日期，也没有成文日期。请至少补上一个。")
        if published.time() == dt.time():
            published = dt.datetime.combine(published.date(), _DEFAULT_HOUR)
        at = timezone.make_aware(published)
        if at > timezone.now():
            at = timezone.make_aware(dt.datetime.combine(published.date(), dt.time()))
        if at > timezone.now():
            raise Refused(f"发布日期{published:%Y年%-m月%-d日}还没有到。历史信息应当是已经公开过的。")
        values["published_at"] = at.isoformat()
        made, effective, until = (
            moments[name].date() if name in moments else None for name in ("made_on", "effective_on", "expires_on")
        )
        for fault in documents.date_faults(made, None, effective, until):
            raise Refused(fault.words)
        if "published_at" not in moments:
            row.warnings.append("没有发布日期，按成文日期登记。")
        elif made is not None and published.date() < made:
            row.warnings.append("发布日期早于成文日期，按原样保留，请核对。")

    def _described(self, row: ImportRow, cells: dict[str, str], values: dict[str, Any]) -> None:
        """Numbers, subject, kind and words of the metadata."""
        number, regular = words.document_number(cells.get("document_number", ""))
        if not regular:
            row.warnings.append(f"发文字号“{number}”不合规范写法，按原样保留。")
        subject, known = words.subject(cells.get("subject", ""))
        if not known:
            row.warnings.append(f"主题分类“{subject}”不在分类表里，按原样保留。")
        kind, understood = words.document_kind(cells.get("document_kind", ""), cells.get("title", ""))
        if not understood:
            row.warnings.append(f"体裁“{cells['document_kind'][:20]}”不认识，登记为“{kind}”。")
        values |= {
            "document_number": number,
            "subject": subject,
            "document_kind": kind,
            "index_number": cells.get("index_number", ""),
            "normative": words.yes(cells.get("normative", "")),
        }
        for name, label, most in (
            ("keywords", "关键词", 200),
            ("summary", "内容概述", 1500),
            ("source", "信息来源", 120),
        ):
            said = cells.get(name, "")
            values[name] = said[:most]
            if len(said) > most:
                row.warnings.append(f"{label}超过{most}字，截去了后面的。")
        if len(values["index_number"]) > 60:
            raise Refused("索引号超过60个字符。请核对。")

    def _validity(self, row: ImportRow, cells: dict[str, str], values: dict[str, Any]) -> None:
        """What the site said of its validity, as days from which the law's rule works it out."""
        said = cells.get("validity", "")
        found = words.validity(said)
        if found is None:
            row.warnings.append(f"有效性“{said[:20]}”不认识，按日期推算。")
        values["amended"] = found == "amended"
        if values.get("normative") and not (values.get("made_on") or values.get("effective_on")):
            raise Refused("行政规范性文件要有成文日期或施行日期，才能计算有效期。请补上一个。")
        if found == "repealed" and not values.get("repealed_on"):
            values["repealed_on"] = self.today.isoformat()
            row.warnings.append("标为废止但没有废止日期，按今天登记。")
        elif found == "lapsed":
            self._lapsed(row, values)
        elif found == "valid" and values.get("normative") and not values.get("expires_on"):
            end = self._term(values)
            if end is not None and end < self.today:
                row.warnings.append(
                    f"按规定年限有效期已于{day_words(end)}届满，将标为失效。仍然有效的，请填写“有效期至”。"
                )

    def _lapsed(self, row: ImportRow, values: dict[str, Any]) -> None:
        until = values.get("expires_on")
        if until and dt.date.fromisoformat(until) < self.today:
            return
        end = self._term(values) if values.get("normative") else None
        if end is None or end >= self.today:
            end = self.today - dt.timedelta(days=1)
            row.warnings.append("标为失效但没有失效日期，按昨天登记。")
        values["expires_on"] = end.isoformat()

    def _term(self, values: dict[str, Any]) -> dt.date | None:
        days = {name: _day(values.get(name)) for name in ("effective_on", "made_on")}
        return afterwards.term_end(Publication(title=values["title"], **days))

    # --- text and files -----------------------------------------------------------------------------------------------

    def _line_content(self, row: ImportRow, cells: dict[str, str], base: str) -> None:
        text = cells.get("body", "")
        read: body.Body | None = None
        named = cells.get("body_file", "")
        if named:
            entry = self.folder.find(named, base)
            if entry is None:
                raise Refused(f"没有找到正文文件“{named[:60]}”。请把它放进压缩包，或核对文件名。")
            read = _body_of(entry, self.folder)
        elif text:
            if len(text) > BODY_LIMIT:
                raise Refused("正文太长。请改存成 Word 或网页文件，在“正文文件”里填文件名。")
            read = body.from_html(text) if _MARKUP.search(text) else body.from_text(text)
        if read is not None:
            self._take_body(row, read)
        entries: list[tuple[str, Entry]] = []
        for name in words.names(cells.get("files", "")):
            entry = self.folder.find(name, base)
            if entry is None:
                raise Refused(f"没有找到附件“{name[:60]}”。请把它放进压缩包，或核对文件名。")
            entries.append((entry.name, entry))
        self._take_files(row, entries)
        self._require_content(row)

    def _page_content(self, row: ImportRow, cells: dict[str, str], page: saved_pages.Page) -> None:
        self._take_body(row, page.read)
        row.body = saved_pages.without_site_title(row.body, row.title)
        self._take_files(row, page.attached)
        for name in page.missing:
            row.warnings.append(f"网页里的附件“{name}”没有随网页保存，没有读入。")
        self._require_content(row)

    def _require_content(self, row: ImportRow) -> None:
        if row.values.get("attribute") == "proactive" and not row.body and not row.files:
            raise Refused("没有正文，也没有附件。请补上正文、正文文件或附件。")

    def _take_body(self, row: ImportRow, read: body.Body) -> None:
        values = row.values
        row.warnings.extend(read.warnings)
        row.body = body.without_head(
            read.html, values.get("title", ""), values.get("document_number", ""), values.get("issuer", "")
        )
        if len(row.body) > BODY_LIMIT:
            row.body = ""
            raise Refused("正文太长。请把附表另存为附件。")
        for image in read.images:
            self._take_file(row, image.name + _ENDINGS.get(image.kind, ".png"), image.data, inline=True)

    def _take_files(self, row: ImportRow, entries: Iterable[tuple[str, Entry]]) -> None:
        for name, entry in entries:
            self._take_file(row, name, entry.load(), inline=False)

    def _take_file(self, row: ImportRow, name: str, data: bytes, *, inline: bool) -> None:
        """Keep the original, make the public copy and screen it. Raises for a file that may not be taken."""
        name = attachments.clean_name(name)
        content_type = attachments.check(name, data)
        parts = screening.extract(data, name)
        cleaned = screening.clean_copy(data, name)
        original, public = attachments.keep(data), attachments.keep(cleaned.data)
        number = len(row.files)
        row.files.append(
            {
                "name": name,
                "original": original.digest,
                "original_size": original.size,
                "content_type": content_type,
                "inline": inline,
                "digest": public.digest,
                "size": public.size,
                "removed": list(cleaned.removed)[:50],
                "text": "\n".join(part.text for part in parts if not part.unseen)[:_TEXT_KEPT],
            }
        )
        found = screening.screen(parts, wordings=self.wordings, allow=self.passed)
        self._found(row, [*found, *trade.found(parts)], file=number)

    # --- screening ----------------------------------------------------------------------------------------------------

    def _screen(self, row: ImportRow) -> None:
        """Personal data, secrecy marks and wording in the words of the row."""
        shown = Publication(body=row.body, **{name: row.values.get(name, "") for name, _ in screen.WORDS})
        parts = screen.parts_of(shown)
        found = screening.screen(parts, wordings=self.wordings, allow=self.passed)
        self._found(row, [*found, *trade.found(parts)])
        secret = [hit for hit in row.hits if hit["blocking"] and hit["kind"].startswith("secrecy")]
        row.blocked = row.values.get("attribute") == "proactive" and any(hit["blocking"] for hit in row.hits)
        if secret:
            row.problems.append(
                f"{secret[0]['place']}有涉密标志“{secret[0]['found']}”，不能导入。确实可以公开的，请单独拟稿，由保密审查员认定。"
            )

    def _found(self, row: ImportRow, hits: Iterable[screening.Hit], file: int | None = None) -> None:
        for hit in hits:
            row.hits.append(
                {
                    "file": file,
                    "kind": hit.kind[:30],
                    "label": screen.OWN_LABELS.get(hit.kind, hit.label)[:40],
                    "place": hit.place[:200],
                    "found": hit.found[:300],
                    "excerpt": hit.excerpt[:400],
                    "explanation": hit.explanation[:400],
                    "mask": (hit.mask or "")[:300],
                    "blocking": hit.severity in ("block", "must"),
                }
            )

    # --- who is who ---------------------------------------------------------------------------------------------------

    def _keyed(self, row: ImportRow, cells: dict[str, str]) -> None:
        """By what the document is known again, and whether the file names it twice."""
        values = row.values
        same = (values.get("title", ""), values.get("document_number", ""), str(values.get("made_on") or ""))
        key = (
            cells.get("key") or values.get("index_number") or _sha("\n".join((*same, str(values.get("unit", "")))))[:40]
        )
        row.source_key = key if len(key) <= 120 else _sha(key)
        first = self.seen_keys.setdefault(row.source_key, row.place)
        if first != row.place:
            row.problems.append(f"与{first}的编号相同。请核对是不是重复，不重复的改用不同的编号。")
        elif same[0]:
            again = self.seen_titles.setdefault(same, row.place)
            if again != row.place:
                row.problems.append(f"与{again}的标题、文号和成文日期都相同。请删去重复的一条。")
        number = values.get("index_number")
        if number and first == row.place:
            taken = self.seen_numbers.setdefault(number, row.place)
            if taken != row.place:
                row.problems.append(f"索引号与{taken}相同。请核对索引号。")


_ENDINGS = {"image/png": ".png", "image/jpeg": ".jpg", "image/gif": ".gif", "image/webp": ".webp"}


def settle(run: Import, rows: Sequence[ImportRow]) -> None:
    """Compare rows with what is in the system: new, changed, unchanged, or not to be taken."""
    open_rows = [row for row in rows if row.outcome in ImportRow.TAKEN]
    known = {
        case.source_key: case
        for case in Publication.objects.filter(
            source_system=run.source_system, source_key__in=[row.source_key for row in open_rows]
        )
        .select_related("origin")
        .defer("body")
    }
    numbers = dict(
        Publication.objects.filter(
            index_number__in=[row.values["index_number"] for row in open_rows if row.values.get("index_number")]
        ).values_list("index_number", "pk")
    )
    named: dict[tuple[str, str], str] = {}
    titles = [row.title for row in open_rows if row.values.get("document_number")]
    same = (
        Publication.objects.filter(title__in=titles).exclude(source_system=run.source_system).exclude(state="dropped")
    )
    for title, number, case_number in same.values_list("title", "document_number", "number"):
        named[title, number] = case_number
    for row in open_rows:
        problem = _compare(row, known.get(row.source_key), numbers, named)
        if problem:
            row.outcome, row.problems = ImportRow.Outcome.REFUSED, [*row.problems, problem]


def _compare(
    row: ImportRow, case: Publication | None, numbers: dict[str, int], named: dict[tuple[str, str], str]
) -> str:
    """Set the outcome of one row; returns why it cannot be taken."""
    row.publication = case
    holder = numbers.get(row.values.get("index_number") or "")
    if holder is not None and (case is None or holder != case.pk):
        return f"索引号“{row.values['index_number']}”已用于另一条信息。请核对索引号。"
    if case is None:
        row.outcome = ImportRow.Outcome.NEW
        twin = named.get((row.title, row.values.get("document_number", "")))
        return f"系统里已有标题、文号相同的信息（{twin}），不再导入。" if twin else ""
    origin = getattr(case, "origin", None)
    if origin is None:
        return "这个编号的信息由别的系统报送，不能用导入来改。"
    if origin.digest == row.digest and not origin.undone:
        row.outcome = ImportRow.Outcome.UNCHANGED
        return ""
    row.outcome = ImportRow.Outcome.NEW if origin.undone else ImportRow.Outcome.CHANGED
    if case.state == "withdrawn" and not origin.undone:
        return "这条信息已经撤回，不会因为导入而重新公开。需要公开的，请用“修订”。"
    if case.state not in ("published", "filed", "withdrawn", "dropped"):
        return f"这条信息在系统里是“{case.state_label}”，有改动没有发布，不能更新。请先办完。"
    if case.state == "published" and row.values.get("attribute") != "proactive":
        return "这条信息已经公开，文件里标为不主动公开。请在系统里办理撤回。"
    return ""


def _body_of(entry: Entry, folder: Folder) -> body.Body:
    data = entry.load()
    if entry.ending in _WORD:
        return body.from_word(data, entry.name)
    if entry.ending == ".pdf":
        return body.from_pdf(data)
    if entry.ending in (".html", ".htm", ".mht", ".mhtml", ".txt"):
        return saved_pages.read(entry, folder).read
    raise Refused(f"正文文件“{entry.name[:60]}”的格式读不了。请用 Word、PDF、网页或文本。")


def _sentence(problem: Any) -> str:
    if isinstance(problem, ReadingError):
        return problem.message
    messages = getattr(problem, "messages", None)
    return " ".join(messages) if messages else str(problem)


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _digest(row: ImportRow, cells: dict[str, str]) -> str:
    """What the source says of the document. What only today makes of it does not count."""
    said = {name: value for name, value in cells.items() if name not in ("body", "files", "body_file")}
    settled = {name: row.values.get(name) for name in ("unit", "column", "attribute")}
    files = [[file["name"], file["original"], file["inline"]] for file in row.files]
    written = json.dumps([said, settled, row.body, files], ensure_ascii=False, sort_keys=True)
    return _sha(written)


def _day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None
