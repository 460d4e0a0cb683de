"""Numbers that belong to a person: identity, mobile, landline, bank card, credit code of a one-person business.

A run of digits may be broken by blanks, hyphens or zero-width signs. Whole groups are judged first; groups are put
together only in shapes in which people write such numbers, or where a check digit proves them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from gongkai.law.identifiers import is_credit_code, is_identity_number
from gongkai.screening.folding import Joined
from gongkai.screening.hits import Finding, Severity
from gongkai.screening.masking import mask_card, mask_identity, mask_landline, mask_mobile

_BLANKS = " \t\u00a0\u00ad\u180e\u2000-\u200f\u202a-\u202f\u205f-\u2064\ufeff"
_BREAK = rf"[{_BLANKS}\n.\-]{{0,3}}"
_RUN = re.compile(rf"[0-9](?:{_BREAK}[0-9])*(?:[{_BLANKS}\-]?[Xx](?![0-9A-Za-z]))?")
_LONG = re.compile(rf"(?<![0-9])[0-9](?:{_BREAK}[0-9]){{10}}")
_GROUP = re.compile(r"[0-9]+[Xx]?|[Xx]")
_ZERO_WIDTH = re.compile("[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]+")

_REGIONS = frozenset(
    [
        "11",
        "12",
        "13",
        "14",
        "15",
        "21",
        "22",
        "23",
        "31",
        "32",
        "33",
        "34",
        "35",
        "36",
        "37",
        "41",
        "42",
        "43",
        "44",
        "45",
        "46",
        "50",
        "51",
        "52",
        "53",
        "54",
        "61",
        "62",
        "63",
        "64",
        "65",
        "71",
        "81",
        "82",
        "83",
        "91",
    ]
)
_MOBILE_SHAPES = frozenset(((3, 4, 4), (3, 8), (3, 3, 5), (4, 3, 4), (7, 4), (5, 6), (3, 5, 3)))
_CODE_CUE = re.compile(
    r"(?:编号|编码|代码|索引号|文号|单号|票号|批号|序号|流水号|案号|许可证号?|注册号|登记号|证书号|备案号|标识码|条码|合同号|项目号"
    r"|工程号|图号|件号|统计用区划|区划)[:是为)\s]{0,3}[A-Za-z]{0,6}[-/]?$"
)
_PERSON_CUE = re.compile(r"身份|证件|公民")
_BANK_CUE = re.compile(r"卡号|账号|帐号|账户|帐户|银行|开户|借记卡|储蓄|社保卡|一卡通|存折|户名")
_PHONE_CUE = re.compile(r"(?:电话|手机|联系方式|联系人|热线|传真|tel|phone|mobile|手机号码?|[tm])[^0-9]{0,8}$", re.I)
_AMOUNT = re.compile(r"\s?(?:[.][0-9]|%|[万亿]?元|美元|平方|立方|公里|千瓦|吨|人次|人\b|户|亩|株|件|米|度)")
_LANDLINE = re.compile(
    r"(?<![0-9A-Za-z\-/.])(0(?:10|2[0-9]|[3-9][0-9]{2}))([\s)]?[- ]?\s?)([2-8][0-9]{6,7})(?![0-9A-Za-z]|-[0-9]{5}|[.][0-9])"
)
_LOCAL = re.compile(r"(?<![0-9A-Za-z\-/.])[2-8][0-9]{6,7}(?![0-9A-Za-z]|[.-][0-9])")
_LOCAL_CUE = re.compile(r"(?:家庭电话|住宅电话|座机|固定电话|宅电)[:\s]{0,3}$")
_CREDIT = re.compile(r"(?<![0-9A-Za-z])92[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}(?![0-9A-Za-z])")
_PASSPORT = re.compile(r"护照[^0-9A-Za-z\x1e\x1f]{0,8}((?:[EG][0-9]{8}|E[A-HJ-NP-Z][0-9]{7}))(?![0-9A-Za-z])")
_ACCOUNT = re.compile(r"(?:账号|帐号|卡号|银行账户|银行帐户)[:为是\s)]{1,4}([0-9][0-9 \-]{7,34}[0-9])(?![0-9A-Za-z])")
_ACCOUNT_HEADING = re.compile(r"账号|帐号|卡号|银行账户|银行帐户|存折")


def luhn(number: str) -> bool:
    """Whether a number passes the Luhn check of bank cards."""
    total = 0
    for place, digit in enumerate(reversed(number)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


@lru_cache(maxsize=4096)
def _born(text: str) -> date | None:
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


def birthday(identity: str) -> date | None:
    """The date of birth in an identity number of 18 or 15 characters; None where no such day exists."""
    return _born(identity[6:14] if len(identity) == 18 else "19" + identity[6:12])


def age_on(born: date, today: date) -> int:
    """Full years on a day."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


class _Run:
    """One run of digits: its groups, and judging of a group or of several together."""

    def __init__(self, joined: Joined, start: int, end: int, today: date) -> None:
        self.joined = joined
        self.today = today
        self.start = start
        words = joined.folded[start:end]
        groups = [(match.start() + start, match.end() + start, match.group()) for match in _GROUP.finditer(words)]
        if len(groups) > 1 and groups[-1][2] in "Xx":
            left = groups.pop(-2)
            last = groups.pop()
            groups.append((left[0], last[1], left[2] + last[2]))
        # Signs that nobody sees do not part groups.
        self.groups: list[tuple[int, int, str]] = []
        for group in groups:
            if self.groups and _ZERO_WIDTH.fullmatch(joined.folded, self.groups[-1][1], group[0]):
                left = self.groups.pop()
                group = (left[0], group[1], left[2] + group[2])
            self.groups.append(group)

    def findings(self) -> Iterator[Finding]:
        index = 0
        alone = len(self.groups) > 8 and all(len(group[2]) == 1 for group in self.groups[:-1])
        if alone and 11 <= len(self.groups) <= 19:
            found = self._together(0, len(self.groups) - 1, single=True)
            if found:
                yield found
            return
        while index < len(self.groups):
            found, index = self._from(index)
            if found:
                yield found

    def _from(self, first: int) -> tuple[Finding | None, int]:
        """A finding that begins with a group, and the group to go on with."""
        found = self._alone(first)
        if found:
            return found, first + 1
        length = len(self.groups[first][2])
        last = first
        longest, following = None, first + 1
        while length < 19 and last + 1 < len(self.groups) and last - first < 5:
            last += 1
            length += len(self.groups[last][2])
            if 11 <= length <= 19 and (found := self._together(first, last)):
                longest, following = found, last + 1
        return longest, following

    def _alone(self, index: int) -> Finding | None:
        start, end, number = self.groups[index]
        length = len(number)
        if length < 11 or length > 19:
            return None
        folded = self.joined.folded
        before, after = folded[start - 1 : start], folded[end : end + 1]
        if (after.isascii() and after.isalpha()) or after == "@":
            return None
        if before.isascii() and before.isalpha() and not _PHONE_CUE.search(folded[max(0, start - 8) : start]):
            return None
        return self._judge(number.upper(), start, end)

    def _judge(self, number: str, start: int, end: int) -> Finding | None:
        if len(number) == 18:
            found = self._identity(number, start, end)
            if found:
                return found
        if "X" in number:
            return None
        if len(number) == 15 and (old := self._old_identity(number, start, end)):
            return old
        bare = re.sub(r"^(?:00)?86", "", number) if len(number) in (13, 15) else number
        if len(bare) == 11:
            return self._mobile(bare, start, end)
        return self._card(number, start, end) if len(number) >= 15 else None

    def _identity(self, number: str, start: int, end: int) -> Finding | None:
        born = birthday(number)
        if born is None or number[:2] not in _REGIONS or born > self.today or born.year < 1890 or number[0] == "0":
            return None
        before = self.joined.before(start)
        coded = bool(_CODE_CUE.search(before)) and not _PERSON_CUE.search(before)
        if not is_identity_number(number):
            if coded or is_credit_code(number):
                return None
            return Finding(
                "identity_suspect",
                start,
                end,
                "像是身份证号，但校验位不对，可能是笔误。请核对；若是身份证号，请删除或遮盖。",
                "check",
                mask_identity(number),
            )
        if age_on(born, self.today) < 18:
            return Finding(
                "minor",
                start,
                end,
                "这个身份证号的本人不满18周岁。未成年人的信息不得公开，请删除。",
                "check" if coded else "must",
                "*" * 18,
            )
        severity: Severity = "check" if coded else "must"
        explanation = "身份证号属于个人隐私，公开前应当删除；确需区分同名的人时，只留前6位和后4位。"
        return Finding("identity", start, end, explanation, severity, mask_identity(number))

    def _old_identity(self, number: str, start: int, end: int) -> Finding | None:
        if number[:2] not in _REGIONS or birthday(number) is None or (luhn(number) and number[:2] in ("34", "37")):
            return None
        before = self.joined.before(start)
        cued = bool(_PERSON_CUE.search(before))
        if not cued and (_CODE_CUE.search(before) or _BANK_CUE.search(before)):
            return None
        return Finding(
            "identity" if cued else "identity_suspect",
            start,
            end,
            "像是15位的旧身份证号。请核对；若是，请删除或遮盖。",
            "must" if cued else "check",
            mask_identity(number),
        )

    def _mobile(self, number: str, start: int, end: int) -> Finding | None:
        if number[0] != "1" or number[1] not in "3456789":
            return None
        before = self.joined.before(start)
        if _CODE_CUE.search(before) or _AMOUNT.match(self.joined.folded, end):
            return None
        explanation = "手机号是个人联系方式，公开前应当遮盖中间4位。若是本单位对外公布的号码，请加入放行名单。"
        return Finding("mobile", start, end, explanation, "must", mask_mobile(number))

    def _card(self, number: str, start: int, end: int) -> Finding | None:
        if number[0] not in "3456" or not luhn(number) or is_credit_code(number):
            return None
        before = self.joined.before(start, 24)
        cued = bool(_BANK_CUE.search(before))
        usual = (number.startswith("62") and len(number) >= 16) or (number[0] in "45" and len(number) == 16)
        if not cued and (not usual or _CODE_CUE.search(before) or _AMOUNT.match(self.joined.folded, end)):
            return None
        return _bank(number, start, end)

    def _together(self, first: int, last: int, *, single: bool = False) -> Finding | None:
        groups = self.groups[first : last + 1]
        start, end = groups[0][0], groups[-1][1]
        number = "".join(group[2] for group in groups).upper()
        if len(number) == 18:
            found = self._identity(number, start, end)
            if found and found.kind != "identity_suspect":
                return found
        between = self.joined.folded[start:end]
        if "\n" in between or "." in between or not number.isdigit():
            return None
        shape = tuple(len(group[2]) for group in groups)
        alone = single or self._stands_alone(first, last)
        if len(number) == 11 and (single or shape in _MOBILE_SHAPES):
            sure = alone or shape == (3, 4, 4) or _PHONE_CUE.search(self.joined.before(start))
            return self._mobile(number, start, end) if sure else None
        fours = shape[:4] == (4, 4, 4, 4) and len(shape) <= 5 and (len(shape) == 4 or shape[4] <= 3)
        sixes = shape[0] == 6 and len(shape) <= 4 and alone
        if len(number) >= 16 and (single or fours or sixes):
            return self._spaced_card(number, start, end)
        return None

    def _stands_alone(self, first: int, last: int) -> bool:
        """Whether no other number stands beside these groups: rows of amounts are no telephone numbers."""
        folded = self.joined.folded
        left = first == 0 or "\n" in folded[self.groups[first - 1][1] : self.groups[first][0]]
        beyond = last + 1 == len(self.groups)
        return left and (beyond or "\n" in folded[self.groups[last][1] : self.groups[last + 1][0]])

    def _spaced_card(self, number: str, start: int, end: int) -> Finding | None:
        cued = bool(_BANK_CUE.search(self.joined.before(start, 24)))
        if number[0] not in "3456" or not luhn(number) or not (cued or number.startswith("62")):
            return None
        return _bank(number, start, end)


def _bank(number: str, start: int, end: int) -> Finding:
    explanation = "银行卡号、账号不得公开，请删除；确需保留时只留前6位和后4位。"
    return Finding("bank", start, end, explanation, "must", mask_card(number))


def find_numbers(joined: Joined, today: date) -> Iterator[Finding]:
    """All numbers of persons in the joined text."""
    last = 0
    for match in _LONG.finditer(joined.folded):
        if match.start() < last:
            continue
        run = _RUN.match(joined.folded, match.start())
        if run:
            last = run.end()
            yield from _Run(joined, run.start(), run.end(), today).findings()
    yield from _landlines(joined)
    yield from _accounts(joined)
    for match in _CREDIT.finditer(joined.folded):
        if is_credit_code(match.group()):
            yield Finding(
                "credit_code",
                match.start(),
                match.end(),
                "这是个体工商户的统一社会信用代码，可能指向个人。请核对是否必须公开。",
                "check",
                match.group()[:8] + "*" * 6 + match.group()[-4:],
            )
    for match in _PASSPORT.finditer(joined.folded):
        number = match.group(1)
        yield Finding(
            "passport",
            match.start(1),
            match.end(1),
            "护照号属于个人隐私，请删除或遮盖。",
            "must",
            number[:2] + "*****" + number[-2:],
        )


def _landlines(joined: Joined) -> Iterator[Finding]:
    explanation = "若是个人的固定电话，请删除；若是本单位公布的号码，请加入放行名单。"
    for match in _LANDLINE.finditer(joined.folded):
        before = joined.before(match.start())
        if _CODE_CUE.search(before) or (not match.group(2).strip(" \t") and not _PHONE_CUE.search(before)):
            continue
        if "\n" in match.group(2) or (match.group(2).isspace() and not _PHONE_CUE.search(before)):
            continue
        number = match.group(1) + match.group(3)
        yield Finding("landline", match.start(), match.end(), explanation, "check", mask_landline(number))
    for match in _LOCAL.finditer(joined.folded):
        if _LOCAL_CUE.search(joined.before(match.start())):
            yield Finding("landline", match.start(), match.end(), explanation, "check", "****" + match.group()[-4:])


def _accounts(joined: Joined) -> Iterator[Finding]:
    """Account numbers that say so themselves; they have no check digit."""
    for match in _ACCOUNT.finditer(joined.folded):
        number = re.sub(r"[ \-]", "", match.group(1))
        if len(number) >= 9 and not is_identity_number(number):
            yield _bank(number, match.start(1), match.end(1))
    for index, part in enumerate(joined.parts):
        if part.heading and 9 <= len(part.text) <= 36 and _ACCOUNT_HEADING.search(part.heading):
            start = joined.starts[index]
            words = joined.folded[start : start + len(part.text)]
            number = re.sub(r"[ \-]", "", words)
            if number.isdigit() and len(number) >= 9:
                yield _bank(number, start, start + len(words))
