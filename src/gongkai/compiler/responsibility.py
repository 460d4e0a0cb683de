"""Who is responsible: brackets, label lines and appended sentences become units with roles.

Everything works on folded text; spans are offsets into it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from gongkai.compiler.notice import Role, Span
from gongkai.compiler.units import CLOSING, is_unit, split_top_level, trim_unit

_BODY = r"(?:单位|部门|科室|处室|股室|站所|所站|科|处|室|机构|主体|机关|地区|领域|学校|方|者)"
_BODIES = (
    rf"{_BODY}(?:\s{{0,2}}[(/、及和或与]{{1,2}}\s{{0,2}}(?:单位|部门|科室|处室|股室|机构|人|个人|责任人){{1,2}}\)?)?"
)
_LEAD = r"(?:总?牵头|主办|主责|牵头责任|责任牵头|第一责任|首要责任|牵头负责|牵头\(责任\)|牵头组织|主要牵头|总?牵头落实)"
_COOPERATE = (
    r"(?:配合责任|责任配合|配合|协办|参加|参与|协助|协同|支持|配合落实|指导|协作|会办|共同配合|配合协助|参与配合)"
)
_RESPOND = (
    r"(?:主要)?(?:牵头(?:和|及|、|与)(?:责任|配合|参与|落实)|责任|落实|实施|负责|承办|承担|执行|完成|办理|具体责任|具体落实|具体负责|责任落实|责任实施|组织实施|落实责任|任务|"
    r"责任(?:和|及|、|\()配合\)?|配合(?:和|及|、|\()责任\)?|经办|分工)"
)
LABEL = re.compile(
    rf"(?P<responsible4>牵头(?:单位)?(?:和|及|、|与)(?:责任|配合|参与|落实){_BODY})|(?P<lead>{_LEAD}\s{{0,3}}{_BODIES})|(?P<cooperating>{_COOPERATE}\s{{0,3}}{_BODIES})"
    rf"|(?P<responsible>{_RESPOND}\s{{0,3}}{_BODIES})|(?P<responsible2>责任分工|职责分工|任务分工|责任主体)"
    r"|(?P<lead2>牵头(?=\s{0,2}:))|(?P<cooperating2>配合(?=\s{0,2}:))|(?P<responsible3>(?:责任|负责|落实)(?=\s{0,2}:))"
    r"|(?P<time>(?:完成|时间|工作|办结|推进|落实|整改|实施|任务完成|最终完成)?(?:时限|进度安排|时间进度|进度|期限|时间节点|时间要求|时限要求|时间安排|进度要求|完成时间|完成时限|时间)(?:要求|节点)?)"
    r"|(?P<person>(?:(?:责任|分管|牵头|主管|包抓|挂点|联系|包保)领导|(?:第一|直接|具体|主要)?责任人|负责人|联系人|联系电话|联络员|电话|监督电话))"
    r"|(?P<other>(?:备注|说明|督办单位|督导单位|监督单位|督查单位|考核单位|工作目标|目标|工作措施|成果形式|完成标志))"
)
_BOXES = frozenset("【〔[(")
_BOX_END = re.compile(r"\s{0,2}[】〕\])]\s{0,3}:?\s{0,3}")
_LABEL_SPACE = re.compile(r"[ \t\u3000\xa0|]{1,12}(?=[^\s|])")
# Who of the units listed leads is told in a remark behind the last of them.
_REMARK = re.compile(r"\([^()]{0,60}?(?:[列排]第一|排名第一|第一位|首位|第一责任|排在|为牵头|为汇总|下同)[^()]{0,60}\)")
_LABEL_END = re.compile(r"\s{0,3}(?:\([^()]{0,12}\)|〔[^〔〕]{0,12}〕)?\s{0,3}(?::|为(?=[^了]))\s{0,3}")
_DUTY = r"(?:结合[^,。;、()]{1,6}?)?(?:分别)?(?:(?:按照?|依据?|根据|依照)(?:各自|部门|单位|相关|有关|工作|法定)?(?:的)?(?:工作)?(?:职责|职能|责任)(?:任务)?(?:分工|范围|权限|要求)?|按分工|依分工|按任务分工|分工)?(?:分别|共同|各自|具体|各负其责|做好|抓好|联合|统筹)?"
_AFTER = r"(?:[等]?落实|负责|推进|实施|组织|组织实施|具体|完成|办理|统筹|协调|承办|牵头|工作|抓|开展|督促|执行|参与|配合|做好|相关|有关|此项|该项|本项|任务|责任|和|并|与|、|到位|卖力)"
VERB = re.compile(
    rf"(?P<scope>{_DUTY})"
    rf"(?:(?P<lead>(?:总|负责|具体|共同|联合|分别)?(?:牵头|主办|为主|总负责|主抓){_AFTER}{{0,4}}(?:,?会同)?)"
    rf"|(?P<cooperating>(?:积极|密切|共同|负责|予以|做好|协同|协助)?(?:配合|参与|参加|协助|协办|协同|支持){_AFTER}{{0,4}})"
    rf"|(?P<responsible>(?:等)?(?:负责|卖力|落实|组织实施|实施|承办|推进|完成|各负其责|执行|抓落实|组织落实|主管|组织推进|办理|承担|做好落实|贯彻落实|分头落实|分头办理|组织开展|统筹推进|推进落实|抓好落实|为责任单位){_AFTER}{{0,4}}))"
    r"[\s。.;,]{0,3}$"
)
_PARTIAL = re.compile(
    r"(?P<scope>)(?:(?P<lead>牵头[\u4e00-\u9fff]{1,10})|(?P<cooperating>(?:协助|配合|参与)[\u4e00-\u9fff]{1,10})"
    r"|(?P<responsible>(?:具体)?(?:负责(?!人)|承担|落实|指导|分头)[\u4e00-\u9fff“”]{1,12}))$"
)
_MARK = re.compile(
    r"[(〔\[](?P<lead>总?牵头(?:单位|部门|负责)?|主办)[)〕\]]$|[(〔\[](?P<cooperating>配合(?:单位|部门)?|协办)[)〕\]]$"
)
_WITH = re.compile(r"(?P<lead>牵头)?[,、]?(?:会同|会商|联合|协同)(?=[^\s,、]{2})")
_TIME_CHUNK = re.compile(
    r"(?:时限|期限|完成时间)|\d{1,4}年|\d{1,2}月|年底|年内|季度|每年|每月|每日|每周|工作日|半年|持续|长期|全年|常态|适时|定期|\d小时|即时"
)
_CONTENTLESS = re.compile(r"^(?:[\s,;。.、:-]|完成|前)*$")
# What names nobody: an empty cell, or the unit of a measure (亿元) in a column that is only headed 单位.
_NOBODY = re.compile(
    r"^(?:无|略|暂无|同上|详见.{0,12}|见.{0,6}|/+|\\+|[-—–]+|×|√|[\d.%‰]+"
    r"|[亿万百千]{0,2}(?:元|美元|人|人次|吨|户|亩|公顷|公里|千米|米|平方公里|平方米|立方米|千瓦时|个|家|件|次|套|辆|册|所|张|%)(?:/.{1,4})?)$"
)
_ROLES: dict[str, Role] = {"lead": "lead", "cooperating": "cooperating", "responsible": "responsible"}


@dataclass(frozen=True, slots=True)
class Claim:
    """One unit with its role; offsets into the folded text."""

    start: int
    end: int
    role: Role
    scope: Span | None = None


@dataclass(slots=True)
class Responsibility:
    """What one bracket, label block, sentence or cell says; `start:end` covers all of it."""

    start: int
    end: int
    claims: list[Claim] = field(default_factory=list)
    times: list[Span] = field(default_factory=list)
    kind: str = "bracket"

    def absorb(self, other: Responsibility) -> None:
        """Take in a neighbour that speaks of the same requirement."""
        self.start, self.end = min(self.start, other.start), max(self.end, other.end)
        self.claims.extend(other.claims)
        self.times.extend(other.times)


def label_at(folded: str, position: int, end: int, *, fresh: bool = False) -> tuple[str, int] | None:
    """The label that begins at `position` and where its value begins: (kind, offset).

    A label ends with a colon or stands in brackets of its own (【责任单位】); where it begins a line (`fresh`)
    a space is enough, if what follows is a value.
    """
    boxed = position < end and folded[position] in _BOXES
    first = position + boxed
    found = LABEL.match(folded, first, min(end, first + 24))
    if not found:
        return None
    kind = (found.lastgroup or "").rstrip("234")
    if boxed:
        shut = _BOX_END.match(folded, found.end(), min(end, found.end() + 12))
        return (kind, shut.end()) if shut and shut.end() < end else None
    close = _LABEL_END.match(folded, found.end(), min(end, found.end() + 24))
    if not close and fresh:
        close = _LABEL_SPACE.match(folded, found.end(), min(end, found.end() + 24))
        if close and not _is_value(kind, folded[close.end() : min(end, close.end() + 60)]):
            return None
    return (kind, close.end()) if close else None


def _is_value(kind: str, text: str) -> bool:
    """Whether the words behind a label without a colon are what the label announces."""
    if kind in _ROLES:
        name = re.split(r"[、,;。\s]", text, maxsplit=1)[0]
        verb = _Parser.verb(name)
        name = name[: verb.start()] if verb else name
        return len(name) > 1 and is_unit(name) and not LABEL.match(name)
    return kind == "time" and bool(_TIME_CHUNK.search(text[:20]))


_LABEL_START = re.compile(
    r"[【〔\[(总牵主第首配协参支指会共责落实负承执完办具组任经分职时工推整最联电监直包挂备说督考成期进]"
)


def labels_in(folded: str, start: int, end: int) -> list[tuple[int, str, int]]:
    """All labels between two offsets: (offset, kind, offset of the value)."""
    result = []
    position = start
    while position < end:
        found = _LABEL_START.search(folded, position, end)
        if not found:
            break
        position = found.start()
        # A label begins the text, follows a mark or follows an opening bracket; never inside a word.
        before = folded[position - 1] if position > start else ";"
        label = (
            label_at(folded, position, end, fresh=position == start or before == "\n")
            if before in " \t\n;,、。.:([【〔{)]】〕}|/*○●■\u3000”"
            else None
        )
        if label:
            result.append((position, *label))
            position = label[1]
        else:
            position += 1
    return result


def _partial(text: str) -> re.Match[str] | None:
    """The verb of a duty in part, if a unit stands before it."""
    found = _PARTIAL.search(text)
    return found if found and is_unit(text[: found.start()]) else None


class _Parser:
    def __init__(self, folded: str, start: int, end: int, default: Role) -> None:
        self.folded = folded
        self.result = Responsibility(start, end)
        self.default: Role = default
        self.pending: list[tuple[int, int]] = []
        self.partial = False  # whether duties in part (X负责解读) count
        self.led = False  # whether a clause has named the lead
        self.comma = 0  # how many pending units stand before the last top-level comma

    def flush(self, role: Role, scope: Span | None = None, keep: int = 0) -> None:
        kept, rest = self.pending[:keep], self.pending[keep:]
        self.result.claims.extend(Claim(*span, self.default) for span in kept)
        self.result.claims.extend(Claim(*span, role, scope) for span in rest)
        self.pending, self.comma = [], 0

    def add(self, start: int, end: int) -> None:
        start, end = trim_unit(self.folded, start, end)
        if end > start and not _CONTENTLESS.match(self.folded[start:end]) and not _NOBODY.match(self.folded[start:end]):
            self.pending.append((start, end))

    def chunk(self, start: int, end: int) -> None:
        """One part between separators: a unit, with or without a role verb, or a time."""
        folded = self.folded
        text = folded[start:end]
        if _TIME_CHUNK.search(text) and not is_unit(text.strip()):
            verb = VERB.search(text)
            if not (verb and is_unit(text[: verb.start()].strip())):
                gap = re.search(r"\s(?=\S+\s*$)", text)
                if gap and is_unit(text[: gap.start()].strip()):
                    self.chunk(start, start + gap.start())
                    start += gap.end()
                self.result.times.append((start, end))
                return
        mark = _MARK.search(text)
        if mark:
            self.flush(self.default)
            self.add(start, start + mark.start())
            self.flush(_ROLES[mark.lastgroup or "responsible"])
            return
        joined = _WITH.search(text)
        if joined and joined.start() >= 2:
            self.add(start, start + joined.start())
            self.flush("lead" if joined.group("lead") else self.default)
            start, text = start + joined.end(), text[joined.end() :]
        verb = self.verb(text)
        if not verb and self.partial:
            verb = _partial(text)
        if not verb:
            self.add(start, end)
            return
        self.add(start, start + verb.start())
        role = _ROLES[self.role_of(verb)]
        scope = None
        if verb.group("scope") and re.search("职|责|分工", verb.group("scope")):
            scope = (start + verb.start(), start + len(text.rstrip(" 。.;,\n")))
        self.flush(role, scope, self.comma if role == "cooperating" and not self.led else 0)
        self.led = self.led or role == "lead"

    @staticmethod
    def role_of(verb: re.Match[str]) -> str:
        return next(name for name in ("lead", "cooperating", "responsible") if verb.group(name))

    @staticmethod
    def verb(text: str) -> re.Match[str] | None:
        """The role verb at the end of a part; the longest that leaves a unit before it."""
        best = None
        for found in re.finditer(
            r"结合|分别|按|依|根据|分工|总|负责|卖力|牵头|主|共同|联合|具体|配合|参与|参加|协|支持|落实|组织|实施|承|推进|完成|各负|执行|抓|办理|做好|贯彻|分头|统筹|积极|密切|予以|等|为责",
            text,
        ):
            verb = VERB.match(text, found.start())
            if verb:
                best = verb
                break
        return best

    def value(self, start: int, end: int) -> None:
        for first, last, separator in split_top_level(self.folded, start, end, "、,;。\t|"):
            self.chunk(first, last)
            if separator == ",":
                self.comma = len(self.pending)
            elif separator and separator in ";。|":
                self.flush(self.default)
        self.flush(self.default)


def parse(folded: str, start: int, end: int, default: Role = "responsible", *, partial: bool = False) -> Responsibility:
    """Read the inside of a bracket, a cell or a label line as units with roles.

    Labels set the role of what follows them; verbs at the end of a clause override it.
    Spaces and line ends separate units only where both sides are units. `partial` reads duties in part too
    (X负责解读，Y负责发布).
    """
    local = _REMARK.sub(lambda found: " " * len(found.group(0)), _with_separators(folded[start:end]))
    result = _parse(local, default, partial=partial)
    result.claims = [
        Claim(one.start + start, one.end + start, one.role, one.scope and (one.scope[0] + start, one.scope[1] + start))
        for one in result.claims
    ]
    result.times = [(first + start, last + start) for first, last in result.times]
    result.start, result.end = start, end
    return result


def _parse(folded: str, default: Role, *, partial: bool = False) -> Responsibility:
    end = len(folded)
    parser = _Parser(folded, 0, end, default)
    parser.partial = partial
    labels = labels_in(folded, 0, end)
    first = labels[0][0] if labels else end
    if first > 0:
        parser.value(0, first)
    for index, (_, kind, value) in enumerate(labels):
        stop = labels[index + 1][0] if index + 1 < len(labels) else end
        if kind in _ROLES:
            parser.default = _ROLES[kind]
            parser.value(value, stop)
        elif kind == "time":
            parser.result.times.append((value, stop))
    return parser.result


def parse_cell(folded: str, start: int, end: int, default: Role = "responsible") -> Responsibility:
    """Like `parse`, for the cell of a table."""
    result = parse(folded, start, end, default)
    result.kind = "cell"
    return result


def _with_separators(cell: str) -> str:
    """The cell with one separator in place of white space that stands between two units (same length)."""
    if not re.search(r"[ \n\t]", cell):
        return cell
    characters = list(cell)
    for found in re.finditer(r"[ \n\t]{1,60}", cell):
        left = re.split(r"[、,;:\s]", cell[max(0, found.start() - 60) : found.start()])[-1]
        right = re.split(r"[、,;\s]", cell[found.end() : found.end() + 60])[0]
        if len(left) > 1 and len(right) > 1:
            if LABEL.fullmatch(left) or ("、" in cell and min(len(left), len(right)) < 3):
                continue
            if is_unit(left) and is_unit(right):
                characters[found.start()] = "、"
            elif VERB.search(left):
                characters[found.start()] = ","
    return "".join(characters)


def brackets_in(folded: str, start: int, end: int) -> list[Span]:
    """Outermost bracket pairs (offsets of both brackets included), in linear time; an unclosed one runs to the end."""
    pairs: list[Span] = []
    stack: list[tuple[str, int]] = []
    for position in range(start, end):
        character = folded[position]
        if character in "([【〔{":
            stack.append((character, position))
        elif character in ")]】〕}" and stack:
            opened = CLOSING[character]
            index = next((i for i in range(len(stack) - 1, max(-1, len(stack) - 6), -1) if stack[i][0] == opened), None)
            if index is None:
                index = 0 if len(stack) == 1 and label_at(folded, stack[0][1] + 1, end) else None
            if index is None:
                continue
            first = stack[index][1]
            del stack[index:]
            if not stack:
                pairs.append((first, position + 1))
            else:
                pairs.append((first, position + 1))
    pairs.extend((first, end) for _, first in stack if label_at(folded, first + 1, end))
    pairs.sort(key=lambda pair: (pair[0], -pair[1]))
    outer: list[Span] = []
    for pair in pairs:
        if not outer or pair[0] >= outer[-1][1]:
            outer.append(pair)
    return outer


_RANKING = re.compile(r"第一位|首位|排在|排名|排序|列第一|为牵头单位|注明|下同$")
_EXCLUDED = re.compile(r"\s{0,2}(?:以下简称|含|包括|即|如|详见|见|附件|注|不含|试行|以下统称|下同|联系|此件|征求|依据)")
_SENTENCE = re.compile(
    r"(?:^|(?<=[。;!?)\]】〕\s”]))(?P<body>(?:由)?[^。;!?:《》\n]{2,160}(?:[;,][^。!?:《》\n]{2,160}){0,2})[。;\s]{0,3}$"
)


def in_bracket(folded: str, pair: Span, bare: bool) -> Responsibility | None:
    """The responsibility that a bracket pair states, or None. `bare` lists of units need their place to speak for them."""
    start, end = pair
    inner_end = end - 1 if folded[end - 1] in CLOSING and folded[end - 1] != "”" else end
    first = start + 1
    while first < inner_end and folded[first] in " \n\t":
        first += 1
    if first >= inner_end or _EXCLUDED.match(folded, first, inner_end):
        return None
    remark = _RANKING.search(folded, first, inner_end)
    if remark:
        cut = max(folded.rfind(mark, first, remark.start()) for mark in ",;。")
        if cut <= first:
            return None
        inner_end = cut
    found: Responsibility | None = None
    if LABEL.fullmatch(folded, first, inner_end):
        return None
    label = next(iter(labels_in(folded, first, inner_end)), None)
    if label and label[0] == first:
        found = parse(folded, first, inner_end)
    elif inner_end - first <= 1500:
        tail = folded[max(first, inner_end - 60) : inner_end]
        verb = _Parser.verb(tail) or _partial(re.split(r"[,;。]", tail)[-1])
        parsed = parse(folded, first, inner_end, partial=True) if verb or label or bare else None
        if parsed and parsed.claims:
            names = [folded[claim.start : claim.end] for claim in parsed.claims]
            share = sum(map(is_unit, names)) / len(names)
            if share >= (0.7 if verb or label else 1.0) and max(map(len, names)) <= 45:
                found = parsed
                found.kind = "bracket" if verb or label else "list"
    if found is None or not (found.claims or found.times):
        return None
    found.start, found.end = start, end
    return found


_ABOVE = re.compile(
    r"(?:以上|上述|此|该|本|前述|这|各|前款)(?:几|各|些)?(?:项|条)?(?:任务|工作|事项|要求|措施|内容|各项)?,?(?:均|都|分别)?(?=由)"
)


_LAST_LIMIT = re.compile(
    r"[。;](?P<limit>[^。;:!?,]{2,14}(?:前|内|底)(?:全部|基本)?(?:完成|落实|到位|办结)?|(?:持续|长期)(?:推进|坚持|落实|实施))[。;]?\s{0,4}$"
)


def in_sentence(
    folded: str, start: int, end: int, *, whole_line: bool = False, limited: bool = True
) -> Responsibility | None:
    """A last sentence that only says who does it: 由X牵头，Y配合。 With `limited` a time limit may follow it."""
    limit = _LAST_LIMIT.search(folded, max(start, end - 40), end) if limited else None
    if limit and limit.start() > start:
        said = in_sentence(folded, start, limit.start() + 1, whole_line=whole_line, limited=False)
        if said is not None:
            said.times.append(limit.span("limit"))
            said.end = end
            return said
    window = max(start, end - 330)
    tail = folded[window:end]
    cut = max(tail.rstrip("。; \n").rfind(mark) for mark in "。!?")
    first = window + cut + 1
    if cut < 0 and window > start:
        return None
    first = first + (len(folded[first:end]) - len(folded[first:end].lstrip()))
    body_end = first + len(folded[first:end].rstrip("。; \n"))
    if body_end - first < 4 or body_end - first > 320 or (first == start and cut < 0 and not whole_line):
        return None
    if re.search(r"[《》?!“”]|解释", folded[first:body_end]):
        return None
    above = _ABOVE.match(folded, first, body_end)
    begin = above.end() if above else first
    clauses = split_top_level(folded, begin, body_end, ",;")
    if not VERB.search(folded[max(first, body_end - 60) : body_end]) or len(clauses) > 12:
        return None
    parsed = parse(folded, begin, body_end)
    if not parsed.claims or any(last - one > 18 or "已" in folded[one:last] for one, last in parsed.times):
        return None
    if not all(is_unit(folded[claim.start : claim.end]) for claim in parsed.claims):
        return None
    parsed.start, parsed.end, parsed.kind = first, end, "above" if above else "sentence"
    return parsed


def in_clause(folded: str, start: int, end: int) -> Responsibility | None:
    """The last clauses of a sentence that say who does it: …，由X牵头，Y配合，年底前完成。"""
    body_end = end
    while body_end > start and folded[body_end - 1] in "。; \n":
        body_end -= 1
    window = max(start, body_end - 160)
    sentence = max(window, max(folded.rfind(mark, window, body_end) for mark in "。;!?") + 1)
    comma = folded.find(",由", sentence, body_end)
    if comma < 0 or re.search(r"成立|了|已|解释|曾", folded[sentence:body_end]):
        return None
    said = parse(folded, comma + 1, body_end)
    names = [folded[claim.start : claim.end] for claim in said.claims]
    if not names or not all(map(is_unit, names)) or any(last - first > 18 for first, last in said.times):
        return None
    clauses = re.split(",", folded[comma + 1 : body_end])
    if not any(_Parser.verb(clause) for clause in clauses):
        return None
    said.start, said.end, said.kind = comma, end, "sentence"
    return said


_NAMED = re.compile(r"(?P<units>[^。;:!?\n]{2,60}?)(?P<mark>:)\s{0,3}(?=\S{4})")
_ACTS = re.compile(
    r"(?P<units>[^。;:!?\n]{2,60}?)(?:具体)?(?P<verb>总?牵头|负责|承担|承办|主办)(?!人)(?=[\u4e00-\u9fff“《]{2})"
)


def as_subject(folded: str, start: int, end: int) -> Responsibility | None:
    """A sentence that begins with who does it: 区司法局牵头，各街道配合，清理… / 区财政局负责公开… / 财政所：公开…

    `start` of the answer is where the requirement begins: behind a colon, else with the units.
    """
    body = next((at for at in range(start, end) if folded[at] in "。;!?"), end)
    last = start
    for first, stop, mark in split_top_level(folded, start, body, ","):
        clause = folded[first:stop]
        if not mark or not (_Parser.verb(clause) or _WITH.search(clause)) or not _only_units(folded, first, stop):
            break
        last = stop
    if last > start:
        return _subject(parse(folded, start, last), start, end)
    named = _NAMED.match(folded, start, body)
    if named and not LABEL.search(named.group("units")) and _only_units(folded, start, named.end("units")):
        return _subject(parse(folded, start, named.end("units")), named.end(), end)
    acts = _ACTS.match(folded, start, body)
    if acts is None or not _only_units(folded, start, acts.end("units")):
        return None
    said = parse(folded, start, acts.end("verb"))
    for first, stop, _ in split_top_level(folded, acts.end(), body, ",")[1:]:
        if _Parser.verb(folded[first:stop]) and _only_units(folded, first, stop):
            said.claims.extend(parse(folded, first, stop).claims)
    return _subject(said, start, end)


def _only_units(folded: str, start: int, end: int) -> bool:
    """Whether a clause holds units, with or without their roles, and nothing else."""
    claims = parse(folded, start, end).claims
    return bool(claims) and all(is_unit(folded[one.start : one.end]) for one in claims)


def _subject(said: Responsibility, start: int, end: int) -> Responsibility:
    said.start, said.end, said.kind = start, end, "subject"
    return said
