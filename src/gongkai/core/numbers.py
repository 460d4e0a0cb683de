"""Numbers of cases and letters: a prefix, the year, a running number without gaps or doubles; and keys of rows to come."""

from __future__ import annotations

from functools import lru_cache

from django.db import connection, models

from gongkai.core.models import NumberSeries

_STEP = "UPDATE core_numberseries SET last = last + %s WHERE prefix = %s AND year = %s RETURNING last"


def take_serial(prefix: str, year: int, count: int = 1) -> int:
    """The next running number of a series in a year, the last of `count` in a row; runs inside the act's transaction."""
    # One statement and no query built: whoever takes the next number waits for the row from here to the commit.
    with connection.cursor() as cursor:
        cursor.execute(_STEP, [count, prefix, year])
        row = cursor.fetchone()
        if row is None:
            NumberSeries.objects.bulk_create([NumberSeries(prefix=prefix, year=year, last=0)], ignore_conflicts=True)
            cursor.execute(_STEP, [count, prefix, year])
            row = cursor.fetchone()
    return int(row[0])


def take(prefix: str, year: int) -> str:
    """The next number, e.g. RW-2026-0007."""
    return take_many(prefix, year, 1)[0]


def take_many(prefix: str, year: int, count: int) -> list[str]:
    """The next numbers of a series, in a row."""
    last = take_serial(prefix, year, count)
    return [f"{prefix}-{year}-{serial:04d}" for serial in range(last - count + 1, last + 1)]


@lru_cache(maxsize=64)
def _sequence(database: str, table: str) -> str:
    """What PostgreSQL gives the keys of a table from; its name never changes, and looking it up takes longer than a key."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [table])
        return str(cursor.fetchone()[0])


def reserve_keys(model: type[models.Model], count: int) -> list[int]:
    """Keys for rows that are written later in the same transaction; nobody else gets them."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor != "sqlite":
            cursor.execute(
                "SELECT nextval(%s) FROM generate_series(1, %s)", [_sequence(connection.alias, table), count]
            )
            return [key for (key,) in cursor.fetchall()]
        step = "UPDATE sqlite_sequence SET seq = seq + %s WHERE name = %s RETURNING seq"
        cursor.execute(step, [count, table])
        row = cursor.fetchone()
        if row is None:
            # No row was ever written to the table.
            cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, 0)", [table])
            cursor.execute(step, [count, table])
            row = cursor.fetchone()
    return list(range(row[0] - count + 1, row[0] + 1))
