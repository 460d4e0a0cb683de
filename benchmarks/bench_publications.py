"""Public lists with facets and document pages at growing sizes, not kept: CPU, queries, growth, bytes over the wire.

    python benchmarks/bench_publications.py [--sizes 10000,100000] [--database postgres://…] [--only policies]

Each size gets a database of its own with that many public documents of sixty bodies over nineteen years. Pages are
asked for through Django's test client, templates and middleware included, the page cache off, warm; the figure is the
lower quartile of CPU milliseconds, on PostgreSQL that of elapsed milliseconds beside it. Sizes come from
GONGKAI_BENCH_SIZES, the server from GONGKAI_BENCH_DATABASE_URL. The wire is what a reader with an empty cache fetches
for a document page: the page, style sheets and scripts, each packed as the server sends it.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from bench_lists import measure
from setup import apart, fresh_database, prepare, table

ROUNDS = 31
LIST_CPU = DOCUMENT_CPU = 20.0
DOCUMENT_QUERIES = 10
GROWTH = 1.5
WIRE = 120_000
UNITS = 60
YEARS = range(2008, 2027)
# How often: notices are common, resolutions rare.
KINDS = {"通知": 40, "公告": 12, "公示": 12, "工作动态": 10, "意见": 6, "函": 5, "批复": 4, "决定": 3, "通告": 3,
         "预算决算": 2, "统计数据": 2, "纪要": 1}  # fmt: skip
TABLES = ("core_case", "publications_publication", "publications_version", "publications_publicdocument",
          "readers_listentry")  # fmt: skip
PARAGRAPH = "为方便居民办事，规范办理程序，结合本区实际，制定本办法。申请人应当向所在镇街提交材料，镇街应当当场核对。"


class Template:
    """Rows of a model made from one example: only the columns that differ are set anew."""

    def __init__(self, example: Any) -> None:
        from django.db import connection

        fields = example._meta.local_concrete_fields
        self.table = example._meta.db_table
        self.columns = [field.column for field in fields]
        self.values = [field.get_db_prep_save(_plain(field, example), connection) for field in fields]
        self.at = {column: place for place, column in enumerate(self.columns)}
        self.served = connection.vendor == "postgresql"

    def row(self, **values: Any) -> tuple:
        row = self.values.copy()
        for column, value in values.items():
            if isinstance(value, dt.datetime) and not self.served:
                value = value.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M:%S")
            elif self.served and isinstance(value, str):
                value = value.replace("\\", "\\\\")
            row[self.at[column]] = value
        return tuple(row)


def _plain(field: Any, example: Any) -> Any:
    return (
        field.pre_save(example, True)
        if field.get_internal_type() == "DateTimeField"
        else getattr(example, field.attname)
    )


def build(size: int) -> dict[str, Any]:
    """That many public documents, their entries and counters."""
    import world as worlds
    from django.utils import timezone

    from gongkai.core.models import Case, Unit
    from gongkai.core.models.cases import NO_DUE
    from gongkai.law.documents import SUBJECTS
    from gongkai.publications import counts
    from gongkai.publications.models import CatalogColumn, Publication, PublicDocument, Version
    from gongkai.publications.readers.models import ListEntry

    started = time.perf_counter()
    root = Unit.objects.create(code="qu", name="云溪区人民政府", short_name="区政府", kind="government")
    units = [
        Unit.objects.create(
            code=f"u{n}",
            name=f"云溪区第{n}局",
            short_name=f"区第{n}局",
            parent=root,
            ordinal=n,
            telephone="0000-1234567",
        )
        for n in range(UNITS)
    ]
    columns = [
        CatalogColumn.objects.create(
            code=f"c{n}", title=f"第{n}栏目", unit=units[n % UNITS], statutory_item=f"20.{n % 15 + 1}"
        )
        for n in range(2 * UNITS)
    ]
    now = timezone.now()
    chance = random.Random(2026)
    subjects = [f"{main}\\{sub}" for main, subs in SUBJECTS.items() for sub in subs or ("其他",)]
    kinds, weights = list(KINDS), list(KINDS.values())
    body = f'<h2 id="s1">一、总则</h2>{f"<p>{PARAGRAPH}</p>" * 4}'
    case = Template(Case(kind="publication", state="published", unit=units[0], opened_at=now, closed_at=now,
                         closed_month="2026-01", due_order=NO_DUE, updated_at=now, outcome="已公开"))  # fmt: skip
    publication = Template(Publication(case_ptr_id=1, unit=units[0], attribute="proactive"))
    version = Template(Version(publication_id=1, number=1, unit=units[0], body=body, text=PARAGRAPH, digest="0" * 64,
                               published_at=now, attribute="proactive"))  # fmt: skip
    public = Template(PublicDocument(publication_id=1, version_id=1, unit=units[0], year=2020, published_at=now,
                                     changed_at=now))  # fmt: skip
    entry = Template(ListEntry(document=1, published_at=now, unit=1, year=2020))

    def documents() -> Iterator[tuple[tuple, ...]]:
        for pk in range(1, size + 1):
            at = now - dt.timedelta(seconds=(size - pk) * (18 * 365 * 86400 // size), days=1)
            # Most is made in the year in which it is published.
            year = at.year if chance.random() < 0.9 else chance.choice(YEARS)
            unit = units[int(UNITS * chance.random() ** 2)]
            column = chance.choice(columns) if chance.random() < 0.7 else None
            subject, kind = chance.choice(subjects), chance.choices(kinds, weights)[0]
            sort = chance.random()
            normative, policy = sort < 0.02, sort < 0.08
            value = chance.choices(["valid", "amended", "lapsed", "repealed"], [60, 5, 20, 15])[0] if policy else ""
            title = f"关于做好第{pk}号事项有关工作的{kind}"
            number = f"云发〔{year}〕{pk}号" if policy else ""
            common = {"title": title, "unit_id": unit.pk}
            marks = {"document_number": number, "subject": subject, "document_kind": kind, "normative": normative,
                     "policy": policy}  # fmt: skip
            main = subject.partition("\\")[0]
            past = int(value in ("lapsed", "repealed"))
            yield (
                case.row(id=pk, number=f"XX-{pk}", **common),
                publication.row(
                    case_ptr_id=pk,
                    column_id=column and column.pk,
                    current_version_id=pk,
                    version_count=1,
                    published_at=at,
                    validity=value,
                    **marks,
                ),
                version.row(id=pk, publication_id=pk, published_at=at, **common, **marks),
                public.row(
                    publication_id=pk,
                    version_id=pk,
                    column_id=column and column.pk,
                    year=year,
                    published_at=at,
                    validity=value,
                    **common,
                    **marks,
                ),
                entry.row(
                    document=pk,
                    published_at=at,
                    unit=unit.pk,
                    column=column and column.pk,
                    subject=main,
                    kind=kind,
                    year=year,
                    validity=value,
                    policy=past if policy or normative else None,
                    normative=past if normative else None,
                ),
            )

    worlds._TABLES = TABLES
    templates = (case, publication, version, public, entry)
    with worlds._bulk() as copy:
        waiting: list[list[tuple]] = [[] for _ in templates]
        for rows in documents():
            for rest, row in zip(waiting, rows, strict=True):
                rest.append(row)
            if len(waiting[0]) == 20_000:
                _written(copy, templates, waiting)
        _written(copy, templates, waiting)
    laid = time.perf_counter()
    counts.count_entries()
    worlds.vacuumed()
    return {"seconds": laid - started, "counting": time.perf_counter() - laid}


def _written(copy: Any, templates: tuple[Template, ...], waiting: list[list[tuple]]) -> None:
    for template, rows in zip(templates, waiting, strict=True):
        if rows:
            copy(template.table, template.columns, iter(rows))
        rows.clear()


def pages(size: int) -> dict[str, str]:
    """What is measured: words -> address."""
    from gongkai.publications.models import PublicDocument
    from gongkai.publications.public_queries import cursor_of

    deep = PublicDocument.objects.get(pk=size // 5)
    some = PublicDocument.objects.filter(normative=True, validity="valid").order_by("-pk").first()
    lists = "/information/"
    return {
        "list": lists,
        "list, deep page": f"{lists}?after={cursor_of(deep.published_at, deep.pk)}",
        "list, body": f"{lists}?unit=u3",
        "list, kind": f"{lists}?kind=通知",
        "list, subject": f"{lists}?subject=国防",
        "list, year": f"{lists}?year=2015",
        "list, validity": f"{lists}?validity=repealed",
        "list, body and year": f"{lists}?unit=u40&year=2009",
        "list, kind and old year": f"{lists}?kind=纪要&year=2008",
        "list, kind and validity": f"{lists}?kind=纪要&validity=amended",
        "list, three": f"{lists}?unit=u3&kind=公告&subject=国防",
        "list, four": f"{lists}?unit=u1&kind=通知&subject=财政、金融、审计&year=2010",
        "list, rare": f"{lists}?subject=国防&validity=lapsed&year=2008&kind=纪要",
        "policies": f"{lists}policies/",
        "policies, three": f"{lists}policies/?kind=批复&subject=国防&year=2012",
        "normative": f"{lists}normative/",
        "normative, body": f"{lists}normative/?unit=u3",
        "body": f"{lists}units/u1/",
        "column": f"{lists}columns/c5/",
        "disclosure": f"{lists}disclosure/",
        "disclosure, body": f"{lists}disclosure/u1/",
        "bodies": f"{lists}units/",
        "feed": f"{lists}feed.atom",
        "document": some.get_absolute_url(),
        "home": "/",
    }


def wire(address: str) -> int:
    """Bytes that a reader with an empty cache fetches for a page, without its images: brotli as the server packs."""
    import brotli
    from django.conf import settings
    from django.test import Client

    page = Client(SERVER_NAME="localhost").get(address).content
    total = len(brotli.compress(page, quality=5))
    for path in set(re.findall(r'(?:href|src)="(/static/[^"]+\.(?:css|js))"', page.decode())):
        file = Path(settings.STATIC_ROOT) / path.removeprefix("/static/")
        total += min(found.stat().st_size for found in (file, Path(f"{file}.br"), Path(f"{file}.gz")) if found.exists())
    return total


def one_size(size: int, rounds: int, only: str) -> dict[str, Any]:
    """Build a world of a size and measure every page; runs in a process of its own."""
    from django.conf import settings
    from django.urls import reverse

    from gongkai.commands.serve import collect_static

    settings.ALLOWED_HOSTS = ["localhost"]
    settings.GONGKAI_PAGES = False
    collect_static()
    # All code is loaded before the long building, not after it.
    reverse("information:list")
    built = apart(build, size)
    addresses = pages(size)
    found = {words: measure(None, address, rounds) for words, address in addresses.items() if only in words}
    from gongkai.publications.readers.models import FacetCount

    return {"pages": found, "wire": wire(addresses["document"]), "counters": FacetCount.objects.count(), **built}


def run_size(size: int, database: str, rounds: int, only: str) -> dict[str, Any]:
    """`one_size` in a child process with a fresh database, removed afterwards."""
    folder = tempfile.mkdtemp(prefix="gongkai-bench-")
    try:
        with fresh_database(database) as url:
            command = [sys.executable, __file__, "--child", str(size), "--rounds", str(rounds), "--only", only]
            done = subprocess.run([*command, "--folder", folder, "--database", url], check=True, stdout=subprocess.PIPE)
        return json.loads(done.stdout.splitlines()[-1])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def report(name: str, sizes: list[int], results: list[dict[str, Any]]) -> list[str]:
    """Print the tables of one database; returns the targets that were missed, in words."""
    print(f"\n### {name}\n")
    head = ["documents", "built in s", "counted in s", "counters", "wire kB"]
    rows: list[list[Any]] = [
        [f"{size:,}", f"{r['seconds']:.0f}", f"{r['counting']:.0f}", f"{r['counters']:,}", f"{r['wire'] / 1000:.0f}"]
        for size, r in zip(sizes, results, strict=True)
    ]
    print(table(head, rows) + "\n")
    served, rows, missed = name != "SQLite", [], []
    for page in results[0]["pages"]:
        found = [result["pages"][page] for result in results]
        if any(one["status"] != 200 for one in found):
            missed.append(f"{name}: {page} answers {[one['status'] for one in found]}")
            continue
        kind = "elapsed" if served else "cpu"
        growth = found[-1][kind] / found[0][kind]
        figures = [f"{one['cpu']:.1f}" for one in found] + (
            [f"{one['elapsed']:.1f}" for one in found] if served else []
        )
        rows.append([page, *figures, f"{growth:.2f}", found[-1]["queries"], f"{found[-1]['bytes'] / 1000:.0f}"])
        if found[-1]["cpu"] > LIST_CPU:
            missed.append(f"{name}: {page} takes {found[-1]['cpu']:.1f} ms of CPU (at most {LIST_CPU:.0f})")
        if page == "document" and found[-1]["queries"] > DOCUMENT_QUERIES:
            missed.append(f"{name}: {page} asks {found[-1]['queries']} times")
        if len(sizes) > 1 and growth > GROWTH and found[-1][kind] > LIST_CPU / 2:
            missed.append(f"{name}: {page} grows {growth:.2f} times")
    heads = ["page", *(f"CPU ms {size:,}" for size in sizes)]
    heads += [f"elapsed ms {size:,}" for size in sizes] if served else []
    print(table([*heads, "growth", "queries", "kB"], rows))
    if results[-1]["wire"] > WIRE:
        missed.append(f"{name}: a document page is {results[-1]['wire']:,} bytes over the wire (at most {WIRE:,})")
    return missed


def main() -> int:
    """Measure every size on SQLite and, where a server is named, on PostgreSQL."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default=os.environ.get("GONGKAI_BENCH_SIZES", "10000,100000"))
    parser.add_argument("--database", default=os.environ.get("GONGKAI_BENCH_DATABASE_URL", ""))
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--only", default="", help="only pages whose name contains this")
    parser.add_argument("--without-sqlite", action="store_true")
    parser.add_argument("--child", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--folder", default="", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        prepare(options.database, options.folder)
        print(json.dumps(one_size(options.child, options.rounds, options.only)))
        return 0
    sizes = [int(size) for size in options.sizes.split(",")]
    missed = []
    databases = [] if options.without_sqlite else [("SQLite", "")]
    databases += [("PostgreSQL", options.database)] if options.database else []
    for name, url in databases:
        results = [run_size(size, url, options.rounds, options.only) for size in sizes]
        missed += report(name, sizes, results)
    print("\n" + ("Missed:\n  " + "\n  ".join(missed) if missed else "Every target was met."))
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
