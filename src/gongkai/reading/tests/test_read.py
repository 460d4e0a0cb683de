# ruff: noqa: PT017 - an input may give a document or the error, both are checked
import os
import shutil
import stat
import subprocess
import sys
import zipfile
from html import escape
from io import BytesIO
from pathlib import Path

import docx
import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gongkai.reading import Limits, ReadingError, read, read_pasted
from gongkai.reading.builder import tidy

NAMES = ("a.txt", "a.html", "a.docx", "a.xlsx", "a.pdf", "a.doc", "a.mht", "a", "a.wps")
CODES = {"too_large", "too_slow", "encrypted", "scan", "unsupported", "damaged", "unsafe", "empty"}
FEW = Limits(seconds=5)


def word_file():
    document = docx.Document()
    document.add_heading("云溪区要点", 1)
    document.add_table(2, 2).cell(0, 0).text = "任务"
    stream = BytesIO()
    document.save(stream)
    return stream.getvalue()


def excel_file():
    book = openpyxl.Workbook()
    book.active.append(["序号", "任务"])
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


SOFFICE = shutil.which("soffice")
WORD, EXCEL = word_file(), excel_file()
PAGE = (
    "<html><head><meta charset=gb2312></head><body><table><tr><td rowspan=3>甲<td colspan=9>乙</table>"
    "<ol><li>一<li>二</ol><p hidden>x<pre>a\nb</pre></body></html>"
).encode("gb18030")


def check(data, name):
    """Whatever comes in: a document whose offsets are right, or the one error."""
    try:
        document = read(data, name, limits=FEW)
    except ReadingError as error:
        assert error.code in CODES
        assert error.message.endswith("。")
        return
    last = 0
    assert document.text.encode("utf-8")
    for block in document.blocks:
        assert last <= block.start < block.end <= len(document.text)
        last = block.end
        assert document.text_of(block).strip()
        for cell in block.table.cells if block.table else ():
            assert document.text[cell.start : cell.end] == cell.text
            assert cell.row + cell.rowspan <= block.table.rows
            assert cell.column + cell.colspan <= block.table.columns


@pytest.fixture(autouse=True)
def _without_office(monkeypatch):
    monkeypatch.setattr("gongkai.reading.office.shutil.which", lambda name: None)


@given(st.binary(max_size=400), st.sampled_from(NAMES))
@settings(deadline=None, max_examples=200)
def test_any_bytes(data, name):
    check(data, name)


@given(st.text(max_size=300), st.sampled_from(("utf-8", "utf-16", "gb18030")), st.sampled_from(NAMES))
@settings(deadline=None, max_examples=200)
def test_any_words(text, encoding, name):
    check(text.encode(encoding, "ignore"), name)


@given(st.lists(st.sampled_from(["<table>", "<tr>", "<td>", "<td/rowspan=2/colspan=3>", "</td>", "</table>", "<p>", "<ol>", "<li>", "<br>", "甲", "</p>", "&amp;", "<pre>", "</pre>", "<div/class=nav>", "<a/href=x>", "</a>", "\x00", "\x0b"]), max_size=40))  # fmt: skip
@settings(deadline=None, max_examples=200)
def test_any_tags(pieces):
    check(("<html><body>" + " ".join(piece.replace("/", " ", 1) for piece in pieces)).encode(), "a.html")


@given(st.text())
def test_any_pasted_words(text):
    try:
        document = read_pasted(text)
    except ReadingError as error:
        assert error.code == "empty"
        return
    for block in document.blocks:
        assert document.text_of(block) == document.text_of(block).strip() != ""


@given(st.data(), st.sampled_from((WORD, EXCEL, PAGE)), st.sampled_from(NAMES))
@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
def test_broken_files(data, whole, name):
    start = data.draw(st.integers(0, len(whole) - 1))
    length = data.draw(st.integers(1, 300))
    check(whole[:start] + data.draw(st.binary(max_size=20)) + whole[start + length :], name)
    check(whole[:start], name)


@given(st.data(), st.sampled_from((WORD, EXCEL)))
@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
def test_broken_parts_of_packages(data, whole):
    source, target = zipfile.ZipFile(BytesIO(whole)), BytesIO()
    wanted = data.draw(st.sampled_from(sorted(source.namelist())))
    with zipfile.ZipFile(target, "w") as archive:
        for name in source.namelist():
            part = source.read(name)
            if name == wanted:
                at = data.draw(st.integers(0, len(part)))
                part = part[:at] + data.draw(st.sampled_from((b"", b"9", b"<x/>", b'"', b"-1"))) + part[at + 3 :]
            archive.writestr(name, part)
    check(target.getvalue(), "a")


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (b"\x89PNG\r\n\x1a\n\x00\x00", "a.pdf", "scan"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "a.docx", "scan"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "a", "scan"),
        (b"Rar!\x1a\x07\x00", "a.rar", "unsupported"),
        (b"PK\x03\x04", "a.docx", "damaged"),
        ("一、公开".encode(), "a.docx", "damaged"),
        (b"{\\rtf1 x}", "a.rtf", "unsupported"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument\0".encode("utf-16-le"), "a.bin", "unsupported"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage\0".encode("utf-16-le"), "a.docx", "encrypted"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "Workbook\0".encode("utf-16-le"), "a.xls", "unsupported"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a.msi", "unsupported"),
    ],
)
def test_content_decides(data, name, code):
    with pytest.raises(ReadingError) as caught:
        read(data, name)
    assert caught.value.code == code


def test_old_formats_say_what_to_do():
    with pytest.raises(ReadingError) as caught:
        read(b"{\\rtf1 x}", "a.rtf")
    assert "另存为" in caught.value.message
    assert "LibreOffice" in caught.value.message


@pytest.mark.parametrize("part", ["OFD.xml", "ppt/presentation.xml", "other.txt"])
def test_other_packages(part):
    target = BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(part, "x")
    with pytest.raises(ReadingError) as caught:
        read(target.getvalue(), "a.docx")
    assert caught.value.code == "unsupported"


def office(tmp_path, monkeypatch, script):
    """A stand-in for LibreOffice; the real one is not installed everywhere."""
    program = tmp_path / "soffice"
    program.write_text(f"#!{sys.executable}\n{script}", "utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr("gongkai.reading.office.shutil.which", lambda name: str(program))


def test_old_formats_through_an_office_program(tmp_path, monkeypatch):
    (tmp_path / "new.docx").write_bytes(WORD)
    office(
        tmp_path,
        monkeypatch,
        "import sys, shutil, pathlib\n"
        "assert sys.argv[sys.argv.index('--convert-to') + 1] == 'docx' and sys.argv[-1].endswith('source.wps')\n"
        "out = pathlib.Path(sys.argv[sys.argv.index('--outdir') + 1]); out.mkdir()\n"
        f"shutil.copy({str(tmp_path / 'new.docx')!r}, out / 'source.docx')\n",
    )
    data = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument\0".encode("utf-16-le")
    document = read(data, "a.wps")
    assert (document.format, document.text_of(document.blocks[0])) == ("docx", "云溪区要点")


@pytest.mark.skipif(not SOFFICE, reason="LibreOffice is not installed")
@pytest.mark.parametrize("ending", ["doc", "wps"])
def test_old_formats_through_the_real_libreoffice(tmp_path, monkeypatch, ending):
    """WPS writes its own ending over the same file format."""
    monkeypatch.setattr("gongkai.reading.office.shutil.which", lambda name: SOFFICE)
    source = tmp_path / "source.docx"
    source.write_bytes(WORD)
    command = [SOFFICE, f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless"]
    subprocess.run(
        [*command, "--convert-to", "doc", source], cwd=tmp_path, check=True, capture_output=True, timeout=120
    )
    document = read((tmp_path / "source.doc").read_bytes(), f"a.{ending}", limits=Limits(seconds=60))
    assert document.text_of(document.blocks[0]) == "云溪区要点"


def test_office_program_that_fails_or_hangs(tmp_path, monkeypatch):
    office(tmp_path, monkeypatch, "pass")
    with pytest.raises(ReadingError) as caught:
        read(b"{\\rtf1 x}", "a.rtf")
    assert caught.value.code == "damaged"
    office(tmp_path, monkeypatch, f"import time, pathlib, os\npathlib.Path({str(tmp_path / 'pid')!r}).write_text(str(os.getpid()))\ntime.sleep(60)")  # fmt: skip
    with pytest.raises(ReadingError) as caught:
        read(b"{\\rtf1 x}", "a.rtf", limits=Limits(seconds=1))
    assert caught.value.code == "too_slow"
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_importing_the_package_is_cheap():
    heavy = [
        "lxml",
        "docx",
        "openpyxl",
        "pdfplumber",
        "pdfminer",
        "charset_normalizer",
        "subprocess",
        "zipfile",
        "email",
    ]
    code = f"import sys, gongkai.reading; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


SEEDS = sorted((Path(__file__).resolve().parents[5] / "shared" / "seeds").glob("*.txt"))


@pytest.mark.skipif(not SEEDS, reason="the sample notices are not beside this repository")
@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.name[:3])
def test_real_notices_read_the_same_in_every_container(path):
    wanted = [tidy(line) for line in path.read_text("utf-8").split("\n") if tidy(line)]
    document, stream = docx.Document(), BytesIO()
    for line in wanted:
        document.add_paragraph(line)
    document.save(stream)
    as_word = read(stream.getvalue(), "a.docx")
    assert [as_word.text_of(block) for block in as_word.blocks] == wanted
    menu = "".join(f"<li><a href='/{n}'>栏目{n}</a></li>" for n in range(20))
    body = "".join(f"<p>{escape(line)}</p>" for line in wanted)
    page = f"<html><body><ul>{menu}</ul><div><div class='TRS_Editor'>{body}</div></div></body></html>"
    as_page = read(page.encode("gb18030"), "a.html")
    found = [as_page.text_of(block) for block in as_page.blocks]
    # Buttons of the site at the very end of a saved text may go, nothing else.
    assert found == wanted[: len(found)]
    assert len(wanted) - len(found) <= 2
