"""The analysis of a period: requests and signals grouped together, counted against the period before, ranked."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from gongkai.core import audit, jurisdiction
from gongkai.core.acts import ActError
from gongkai.core.locks import writing
from gongkai.core.models import Unit, User
from gongkai.core.privacy import Fault
from gongkai.requests.appeals import anonymous
from gongkai.requests.conversion import settings
from gongkai.requests.conversion.clusters import Group, Grouping, Text
from gongkai.requests.conversion.models import Analysis, HotTopic, Signal, TopicMember, TopicProposal
from gongkai.requests.models import Request

# The newest of a period, when it has more.
MOST_TEXTS = 6000
MOST_TOPICS = 100
MOST_NAMED = 60
REQUEST = "request"


def words_of(request: Request) -> str:
    """What a request is compared by: its subject and the beginning of what it asks for."""
    return f"{request.subject} {request.content[:120]}".strip() if request.subject else request.content[:160]


def _requests(since: dt.date, until: dt.date) -> list[Request]:
    rows = Request.objects.filter(received_on__gte=since, received_on__lte=until).exclude(state="moved")
    # What was split off or moved here is asked once; what was merged was asked twice.
    rows = rows.filter(merged_into=None).only(
        "pk", "subject", "content", "area", "unit", "received_on", "applicant_label"
    )
    return list(rows.order_by("-received_on", "-pk")[:MOST_TEXTS])


def _signals(since: dt.date, until: dt.date) -> list[Signal]:
    return list(Signal.objects.filter(day__gte=since, day__lte=until).order_by("-day", "-pk")[:MOST_TEXTS])


def texts(since: dt.date, until: dt.date) -> list[Text]:
    """Everything that was asked between two days, in a fixed order: what weighs most first."""
    found = [Text((REQUEST, row), words_of(row), settings.area_of(row.area)) for row in _requests(since, until)]
    found += [
        Text((row.source, row), row.words, settings.area_of(row.area), row.number) for row in _signals(since, until)
    ]
    return sorted(found, key=lambda text: (-text.weight, text.key[0], text.key[1].pk))


def cut(text: str) -> Iterable[str]:
    """The words of a text."""
    import rjieba

    return rjieba.cut(text, False)


def period_before(day: dt.date) -> tuple[dt.date, dt.date]:
    """The last full period before a day: first and last day; periods are months from January on."""
    months = int(jurisdiction.value("conversion.period_months"))
    index = (day.year * 12 + day.month - 1) // months * months
    first = index - months
    return dt.date(first // 12, first % 12 + 1, 1), dt.date(index // 12, index % 12 + 1, 1) - dt.timedelta(days=1)


def analyse(since: dt.date, until: dt.date, user: User | None, now: dt.datetime) -> Analysis:
    """Group what was asked between two days (inclusive) and keep the ranking; an equal period before is compared.

    Raises ActError for a period that runs backwards, lies ahead or is longer than a year.
    """
    if since > until:
        raise ActError("结束日期早于开始日期。请核对。")
    if until > timezone.localdate(now) or (until - since).days > 366:
        raise ActError("请选择一年以内、已经过去的时间。")
    before = since - (until - since) - dt.timedelta(days=1)
    least, alike = int(jurisdiction.value("conversion.least")), int(jurisdiction.value("conversion.alike"))
    key_areas = settings.words_of("conversion.topic_areas")
    found = texts(since, until)
    grouping = Grouping(found, cut, alike / 100)
    earlier = grouping.counted(texts(before, since - dt.timedelta(days=1)))
    places = {id(group): place for place, group in enumerate(grouping.groups)}
    ranked = sorted(
        (group for group in grouping.groups if group.number >= least),
        key=lambda group: (-group.number, earlier.get(places[id(group)], 0), places[id(group)]),
    )[:MOST_TOPICS]
    with writing(), transaction.atomic():
        analysis = Analysis.objects.create(
            since=since, until=until, before=before, made_at=now, made_by=(user.who if user else "系统")[:120],
            requests=sum(1 for text in found if text.key[0] == REQUEST),
            signals=sum(text.weight for text in found if text.key[0] != REQUEST),
            rules={"least": least, "alike": alike, "areas": key_areas},
        )  # fmt: skip
        for rank, group in enumerate(ranked, 1):
            _keep(analysis, rank, group, earlier.get(places[id(group)], 0), key_areas)
        audit.note(
            "conversion.analyse",
            "分析热点",
            user,
            summary=f"{analysis}，{len(ranked)}个热点",
            data={"analysis": analysis.pk},
        )
    return analysis


def _keep(analysis: Analysis, rank: int, group: Group, earlier: int, key_areas: list[str]) -> None:
    by_source: Counter[str] = Counter()
    by_unit: Counter[int] = Counter()
    by_area: Counter[str] = Counter()
    for member in group.members:
        source, row = member.text.key
        by_source[source] += member.text.weight
        if row.unit_id:
            by_unit[row.unit_id] += member.text.weight
        if member.text.area:
            by_area[member.text.area] += member.text.weight
    known = _known(group)
    area = by_area.most_common(1)[0][0] if by_area else ""
    topic = HotTopic.objects.create(
        analysis=analysis, rank=rank, words=_fit(group.words, known), example=_example(group, known), area=area,
        key_area=area in key_areas, number=group.number, earlier=earlier, requests=by_source.get(REQUEST, 0),
        repeated=group.repeated, by_source=dict(by_source), by_unit=[list(pair) for pair in by_unit.most_common(8)],
    )  # fmt: skip
    TopicMember.objects.bulk_create(
        [
            TopicMember(
                topic=topic,
                request=row if source == REQUEST else None,
                signal=None if source == REQUEST else row,
                percent=member.percent,
                shared="、".join(_fit(list(member.shared), known))[:200],
            )
            for member, (source, row) in ((member, member.text.key) for member in group.members)
        ],
        batch_size=500,
    )


def _known(group: Group) -> dict[str, str]:
    """What is known of the people behind the requests of a group; of the first ones, where there are very many."""
    known: dict[str, str] = {}
    pks = [row.pk for source, row in (member.text.key for member in group.members) if source == REQUEST]
    for request in Request.objects.filter(pk__in=pks[:MOST_NAMED]):
        try:
            known |= anonymous.known_of(request)
        except Fault:
            # Nobody may be named where it cannot be told who asked.
            known |= {request.subject: "", request.content: ""}
    return known


def _fit(words: list[str], known: dict[str, str]) -> list[str]:
    """Words without those that stand in anybody's data."""
    return [word for word in words if not any(word in value for value in known) and anonymous.cleaned(word, {}) == word]


def _example(group: Group, known: dict[str, str]) -> str:
    source, row = group.example.key
    text = row.wanted if source == REQUEST else row.words
    return anonymous.cleaned(text, known)[:300]


def latest() -> Analysis | None:
    """The analysis of the latest period."""
    return Analysis.objects.order_by("-until", "-pk").first()


# --- what came of a proposal ------------------------------------------------------------------------------------------


def _asked(proposal: TopicProposal, since: dt.date, until: dt.date) -> int:
    """How many requests asked for the matter of a proposal between two days (inclusive)."""
    example = proposal.example or proposal.title
    words = [word for word in proposal.words if len(word) > 1]
    rows = Request.objects.filter(received_on__gte=since, received_on__lte=until).exclude(state="moved")
    if words:
        near = Q()
        for word in words:
            near |= Q(subject__icontains=word) | Q(content__icontains=word)
        rows = rows.filter(near)
    rows = rows.filter(merged_into=None).only("pk", "subject", "content", "area", "received_on")[:MOST_TEXTS]
    area = proposal.area
    grouping = Grouping([Text("example", example, area)], cut, int(jurisdiction.value("conversion.alike")) / 100)
    return sum(
        1 for row in rows if grouping.best(Text(row.pk, words_of(row), settings.area_of(row.area) if area else ""))
    )


def before_and_after(proposal: TopicProposal, today: dt.date) -> dict[str, Any] | None:
    """Requests on the matter before and after it was published, over equal times; None before anything can be said."""
    published = proposal.published_on
    if published is None or published >= today:
        return None
    days = min((today - published).days, 180)
    before = _asked(proposal, published - dt.timedelta(days=days), published - dt.timedelta(days=1))
    after = _asked(proposal, published + dt.timedelta(days=1), published + dt.timedelta(days=days))
    return {
        "days": days,
        "before": before,
        "after": after,
        "fallen": after < before,
        "words": f"公开前{days}天有{before}件，公开后{days}天有{after}件",
    }


def unit_names(pairs: Iterable[Iterable[int]]) -> dict[int, str]:
    """Names of the units of topics; one query."""
    return {unit.pk: str(unit) for unit in Unit.objects.filter(pk__in={pk for pair in pairs for pk in pair})}
