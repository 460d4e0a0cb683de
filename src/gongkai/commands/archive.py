"""Backups: one .tar.gz with a snapshot of the database, every kept file, and a manifest that proves both.

Layout: `database.sqlite3` or `database.dump` (pg_dump, custom format), `files/ab/cd/<sha256>`, and last `manifest.json`
with the rows of every table, the digest of the database, the size of every file, and the migrations applied.
Sealed files stay sealed: their names are digests of what is inside, so the manifest has those of what is stored as well.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
import os
import re
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.db import connection, transaction

from gongkai import __version__
from gongkai.commands.terminal import Problem
from gongkai.core.privacy import sealing

FORMAT = 2
# Format 1 knew no sealed files.
READABLE = (1, 2)
MANIFEST = "manifest.json"
_FILE = re.compile(r"files/([0-9a-f]{2})/([0-9a-f]{2})/([0-9a-f]{64})")
_CHUNK = 1 << 20
Advance = Callable[[str, int, int], None]
"""Called with what is being done, bytes done and bytes in all."""


def files_folder() -> Path:
    """Where kept files lie."""
    store: Any = settings.STORAGES["default"]
    return Path(store["OPTIONS"]["location"])


def database_name() -> str:
    """The archive member that holds this kind of database."""
    return "database.sqlite3" if connection.vendor == "sqlite" else "database.dump"


# --- writing ---------------------------------------------------------------------------------------------------------


def write(target: Path, advance: Advance) -> dict[str, Any]:
    """Back up a running installation into `target`; the file appears whole or not at all. Returns the manifest.

    The snapshot of the database is taken first: every file it knows is in the store by then.

    Raises:
        Problem: the folder cannot be written, or pg_dump is missing or fails.
    """
    if not target.parent.is_dir():
        raise Problem(f"没有目录 {target.parent}。", "请先建立目录，或换一个位置。")
    with tempfile.TemporaryDirectory(prefix="gongkai-backup-", dir=target.parent) as name:
        folder = Path(name)
        snapshot = folder / database_name()
        rows = _snapshot_sqlite(snapshot, advance) if connection.vendor == "sqlite" else _snapshot_postgres(snapshot)
        manifest: dict[str, Any] = {
            "format": FORMAT,
            "gongkai": __version__,
            "created_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            "database": {"vendor": connection.vendor, "name": snapshot.name, "rows": rows},
            "migrations": applied_migrations(),
            "files": {},
            "sealed": {},
        }
        part = folder / "backup.tar.gz"
        with tarfile.open(part, "w:gz", compresslevel=4) as archive:
            with snapshot.open("rb") as file:
                manifest["database"]["sha256"] = hashlib.file_digest(file, "sha256").hexdigest()
            manifest["database"]["size"] = snapshot.stat().st_size
            archive.add(snapshot, snapshot.name, filter=_anonymous)
            snapshot.unlink()
            manifest["files"], manifest["sealed"] = _add_files(archive, advance)
            _add_manifest(archive, manifest)
        part.chmod(0o600)
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.replace(target)
    return manifest


def _anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o640
    return member


def _add_files(archive: tarfile.TarFile, advance: Advance) -> tuple[dict[str, int], dict[str, str]]:
    """Every kept file; returns their sizes, and of sealed ones the digest of what is stored."""
    paths = [path for path in sorted(files_folder().glob("??/??/*")) if _FILE.fullmatch(f"files/{_inside(path)}")]
    total, done = sum(path.stat().st_size for path in paths if path.exists()), 0
    sizes: dict[str, int] = {}
    stored: dict[str, str] = {}
    for path in paths:
        try:
            file = path.open("rb")
        except FileNotFoundError:  # erased since the list was made
            continue
        # The open file is what is added and what is proven: keys may be changed at the same time.
        with file:
            if sealing.is_sealed(file.read(len(sealing.MAGIC))):
                file.seek(0)
                stored[path.name] = hashlib.file_digest(file, "sha256").hexdigest()
            file.seek(0)
            member = _anonymous(archive.gettarinfo(arcname=f"files/{_inside(path)}", fileobj=file))
            archive.addfile(member, file)
        sizes[path.name] = member.size
        done += member.size
        advance("收集文件", done, total)
    return sizes, stored


def _inside(path: Path) -> str:
    return path.relative_to(files_folder()).as_posix()


def _add_manifest(archive: tarfile.TarFile, manifest: dict[str, Any]) -> None:
    data = json.dumps(manifest, ensure_ascii=False, indent=1).encode()
    member = tarfile.TarInfo(MANIFEST)
    member.size, member.mode = len(data), 0o640
    archive.addfile(member, io.BytesIO(data))


def applied_migrations() -> list[str]:
    """The migrations this database went through."""
    from django.db.migrations.recorder import MigrationRecorder

    return sorted(f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations())


def _snapshot_sqlite(target: Path, advance: Advance) -> dict[str, int]:
    """A copy of the database as it stands at one moment, while others go on writing."""
    source = sqlite3.connect(f"file:{connection.settings_dict['NAME']}?mode=ro", uri=True)
    copy = sqlite3.connect(target)
    try:
        # The open read transaction holds the moment: without it each write elsewhere would start the copy again.
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_master").fetchone()
        page = source.execute("PRAGMA page_size").fetchone()[0]
        source.backup(
            copy, pages=4096, progress=lambda _, left, total: advance("复制数据库", (total - left) * page, total * page)
        )
        copy.execute("PRAGMA journal_mode=DELETE")
        return count_sqlite(copy)
    finally:
        copy.close()
        source.close()


def count_sqlite(database: sqlite3.Connection) -> dict[str, int]:
    """Rows of every table."""
    names = database.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
    ).fetchall()
    rows = {}
    for (name,) in names:
        rows[name] = database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608  from the catalogue
    return rows


def _snapshot_postgres(target: Path) -> dict[str, int]:
    """A dump and the row counts of the same moment."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        snapshot = cursor.fetchone()[0]
        rows = count_postgres(cursor)
        _run_tool(
            "pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f"--file={target}"
        )
    return rows


def count_postgres(cursor: Any) -> dict[str, int]:
    """Rows of every table of the current schema."""
    cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename")
    rows = {}
    for (name,) in cursor.fetchall():
        cursor.execute(f'SELECT count(*) FROM "{name}"')  # noqa: S608  from the catalogue
        rows[name] = cursor.fetchone()[0]
    return rows


def _run_tool(name: str, *arguments: str) -> None:
    """Run pg_dump or pg_restore against the configured database; the password goes by the environment.

    Raises:
        Problem: the tool is missing or failed.
    """
    program = shutil.which(name)
    if program is None:
        raise Problem(
            f"没有找到 {name}。", "请安装 PostgreSQL 客户端，版本不低于数据库：apt-get install postgresql-client"
        )
    values = connection.settings_dict
    environment = {**os.environ, "PGPASSWORD": str(values.get("PASSWORD") or "")}
    where = [f"--dbname={values['NAME']}", "--no-password"]
    for option, key in (("host", "HOST"), ("port", "PORT"), ("username", "USER")):
        if values.get(key):
            where.append(f"--{option}={values[key]}")
    command = [program, *where, *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603  ours
    if done.returncode:
        raise Problem(f"{name} 没有成功：{done.stderr.strip()[-500:]}")


# --- reading ---------------------------------------------------------------------------------------------------------


@contextmanager
def unpacked(source: Path, advance: Advance) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Unpack a backup beside the data and check every digest; yields the folder and the manifest.

    Raises:
        Problem: the file is no backup, is damaged, or was made by something newer.
    """
    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=settings.DATA_DIR) as name:
        folder = Path(name)
        try:
            with source.open("rb") as raw, tarfile.open(fileobj=raw, mode="r:gz") as archive:
                digests = _unpack(archive, raw, source.stat().st_size, folder, advance)
        except (tarfile.TarError, EOFError, OSError) as error:
            raise Problem(f"{source} 打不开或已损坏：{error}", "请换一份备份。") from error
        yield folder, _checked_manifest(folder, digests)


def _unpack(archive: tarfile.TarFile, raw: BinaryIO, size: int, folder: Path, advance: Advance) -> dict[str, str]:
    digests: dict[str, str] = {}
    for member in archive:
        known = member.name in (MANIFEST, "database.sqlite3", "database.dump") or _FILE.fullmatch(member.name)
        if not member.isfile() or not known:
            raise Problem(f"备份里有不该有的内容：{member.name}。没有恢复。")
        path = folder / member.name
        path.parent.mkdir(parents=True, exist_ok=True)
        content = archive.extractfile(member)
        digest = hashlib.sha256()
        with path.open("wb") as file:
            while content and (part := content.read(_CHUNK)):
                digest.update(part)
                file.write(part)
                advance("展开并核对备份", raw.tell(), size)
        path.chmod(0o640)
        digests[member.name] = digest.hexdigest()
    return digests


def _checked_manifest(folder: Path, digests: dict[str, str]) -> dict[str, Any]:
    if MANIFEST not in digests:
        raise Problem("这不是完整的 gongkai 备份：缺少清单。", "备份可能在写完之前被截断。请换一份备份。")
    manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    if manifest["format"] not in READABLE:
        raise Problem(f"这份备份的格式（{manifest['format']}）比程序新。", "请先升级 gongkai。")
    database = manifest["database"]
    if digests.get(database["name"]) != database["sha256"]:
        raise Problem("备份中的数据库与清单登记的摘要不符，没有恢复。", "请换一份备份。")
    kept = {name.rpartition("/")[2]: digest for name, digest in digests.items() if name.startswith("files/")}
    stored = manifest.get("sealed", {})
    changed = sorted(name for name, digest in kept.items() if stored.get(name, name) != digest)
    missing = sorted(set(manifest["files"]) ^ set(kept))
    if changed or missing:
        raise Problem(
            f"备份中有 {len(changed)} 个文件内容变了，{len(missing)} 个文件与清单对不上，没有恢复。", "请换一份备份。"
        )
    return manifest


def check_fits(manifest: dict[str, Any]) -> None:
    """Whether this installation can take the backup.

    Raises:
        Problem: another kind of database, or migrations that this program does not have.
    """
    from django.db.migrations.loader import MigrationLoader

    vendor = manifest["database"]["vendor"]
    if vendor != connection.vendor:
        raise Problem(
            f"备份来自 {vendor}，现在配置的是 {connection.vendor}。", "请把 GONGKAI_DATABASE_URL 改成同一种数据库。"
        )
    known = {f"{app}.{name}" for app, name in MigrationLoader(None, ignore_no_migrations=True).disk_migrations}
    newer = sorted(set(manifest["migrations"]) - known)
    if newer:
        raise Problem(f"备份来自更新的版本（{manifest['gongkai']}），本程序不认识 {newer[0]}。", "请先升级 gongkai。")


def is_empty() -> bool:
    """Whether there is neither a table nor a kept file here."""
    tables = connection.introspection.table_names() if _database_exists() else []
    folder = files_folder()
    return not tables and not (folder.is_dir() and any(folder.iterdir()))


def _database_exists() -> bool:
    return connection.vendor != "sqlite" or Path(connection.settings_dict["NAME"]).exists()


def put_in_place(folder: Path, manifest: dict[str, Any], *, replace: bool) -> Path | None:
    """Bring checked contents into the installation; returns where what stood here before was put, if anything.

    Raises:
        Problem: the database did not take the contents as the manifest says.
    """
    aside = settings.DATA_DIR / f"before-restore-{dt.datetime.now():%Y%m%d-%H%M%S}" if replace else None
    database = folder / manifest["database"]["name"]
    if connection.vendor == "sqlite":
        _check_sqlite(database, manifest)
    else:
        _restore_postgres(database, manifest, replace=replace)
    moved = _move_aside(files_folder(), aside)
    (folder / "files").mkdir(exist_ok=True)
    files_folder().parent.mkdir(parents=True, exist_ok=True)
    if files_folder().exists():
        files_folder().rmdir()
    (folder / "files").replace(files_folder())
    if connection.vendor == "sqlite":
        connection.close()
        target = Path(connection.settings_dict["NAME"])
        for ending in ("", "-wal", "-shm"):
            moved |= _move_aside(target.with_name(target.name + ending), aside)
        shutil.move(database, target)
    return aside if moved else None


def _move_aside(path: Path, aside: Path | None) -> bool:
    if aside is None or not path.exists():
        return False
    aside.mkdir(exist_ok=True, mode=0o700)
    path.replace(aside / path.name)
    return True


def _check_sqlite(path: Path, manifest: dict[str, Any]) -> None:
    database = sqlite3.connect(path)
    try:
        sound = database.execute("PRAGMA integrity_check").fetchone()[0]
        rows = count_sqlite(database)
    finally:
        database.close()
    if sound != "ok":
        raise Problem(f"备份中的数据库不完整：{sound}。没有恢复。", "请换一份备份。")
    _compare(rows, manifest)


def _restore_postgres(path: Path, manifest: dict[str, Any], *, replace: bool) -> None:
    """Restore into the current schema; what stood there comes back when anything goes wrong."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(current_schema()), quote_ident(current_schema() || '_before_restore')")
        schema, old = cursor.fetchone()
        if replace:
            cursor.execute(f"DROP SCHEMA IF EXISTS {old} CASCADE")
            cursor.execute(f"ALTER SCHEMA {schema} RENAME TO {old}")
            cursor.execute(f"CREATE SCHEMA {schema}")
    connection.close()
    try:
        _run_tool("pg_restore", "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error", str(path))
        with connection.cursor() as cursor:
            _compare(count_postgres(cursor), manifest)
    except Problem:
        if replace:
            with connection.cursor() as cursor:
                cursor.execute(f"DROP SCHEMA {schema} CASCADE")
                cursor.execute(f"ALTER SCHEMA {old} RENAME TO {schema}")
        raise
    if replace:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP SCHEMA {old} CASCADE")


def _compare(rows: dict[str, int], manifest: dict[str, Any]) -> None:
    wanted = manifest["database"]["rows"]
    wrong = sorted(name for name in wanted.keys() | rows.keys() if wanted.get(name) != rows.get(name))
    if wrong:
        name = wrong[0]
        raise Problem(f"表 {name} 应有 {wanted.get(name)} 行，实际 {rows.get(name)} 行。没有恢复。", "请换一份备份。")
