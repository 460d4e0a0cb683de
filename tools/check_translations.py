"""Whether every sentence marked for translation is translated, and the compiled files are those of the sources."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent / "src" / "gongkai"


def _output(*command: str | Path, cwd: Path | None = None) -> str:
    environment = {key: value for key, value in os.environ.items() if key != "DJANGO_SETTINGS_MODULE"}
    return subprocess.run(command, cwd=cwd, env=environment, check=True, capture_output=True, text=True).stdout


def _sentences(path: Path, *selection: str) -> set[str]:
    """The sentences of a .po file, each as it stands there."""
    text = _output("msgattrib", "--no-wrap", "--no-location", *selection, path)
    entries = text.split("\n\n")
    found = set()
    for entry in entries:
        lines = [line for line in entry.splitlines() if not line.startswith("#")]
        sentence = "\n".join(line for line in lines if not line.startswith("msgstr")).strip()
        if sentence and sentence != 'msgid ""':
            found.add(sentence)
    return found


def problems(language: str) -> list[str]:
    """What is wrong with one language, as sentences."""
    source = PACKAGE / "locale" / language / "LC_MESSAGES" / "django.po"
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "gongkai"
        shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("static", "data", "tests", "__pycache__"))
        (copy / "locale").mkdir(exist_ok=True)
        _output(
            sys.executable, "-m", "django", "makemessages", "--locale", language, "--no-obsolete", "--no-wrap", cwd=copy
        )
        merged = copy / "locale" / language / "LC_MESSAGES" / "django.po"
        if not merged.exists():
            return []
        wanted = _sentences(merged)
        if not source.exists():
            return (
                [f"{language}: {len(wanted)} sentences are marked but there is no translation file"] if wanted else []
            )
        found = [
            f"{language}: not in the file: {text}" for text in sorted(wanted - _sentences(source, "--no-obsolete"))
        ]
        found += [
            f"{language}: no longer used: {text}" for text in sorted(_sentences(source, "--no-obsolete") - wanted)
        ]
        found += [f"{language}: not translated: {text}" for text in sorted(_sentences(source, "--untranslated"))]
        found += [f"{language}: fuzzy: {text}" for text in sorted(_sentences(source, "--only-fuzzy", "--no-obsolete"))]
        compiled = Path(folder) / "django.mo"
        _output("msgfmt", "--check-format", "-o", compiled, source)
        shipped = source.with_suffix(".mo")
        if not shipped.exists() or shipped.read_bytes() != compiled.read_bytes():
            found.append(f"{language}: django.mo is not compiled from django.po; run `make messages`")
        return found


def main() -> int:
    """Check every language that has a folder, and English in any case."""
    if not shutil.which("msgattrib"):
        print("Translations not checked: gettext is not installed. (Debian: apt-get install gettext)")
        return 1 if os.environ.get("CI") == "true" else 0
    languages = {path.parent.parent.name for path in PACKAGE.glob("locale/*/LC_MESSAGES/django.po")} | {"en"}
    found = [problem for language in sorted(languages) for problem in problems(language)]
    print("\n".join(found) if found else f"Translations are complete: {', '.join(sorted(languages))}.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
