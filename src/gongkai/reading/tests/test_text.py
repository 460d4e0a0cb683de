import pytest

from gongkai.reading import Limits, ReadingError, read, read_pasted, read_path, read_text

NOTICE = "云溪区2026年政务公开工作要点\r\n\r\n  一、扩大公开（责任单位：区政府办公室）　\r\n二、加强解读"
FOLDED = NOTICE.replace("\r\n", "\n")


@pytest.mark.parametrize(
    "data",
    [
        NOTICE.encode(),
        b"\xef\xbb\xbf" + NOTICE.encode(),
        NOTICE.encode("utf-16"),
        NOTICE.encode("utf-16-le"),
        b"\xfe\xff" + NOTICE.encode("utf-16-be"),
        NOTICE.encode("gb18030"),
    ],
)
def test_encodings_give_the_same_text(data):
    document = read(data, "通知.txt")
    assert document.text == FOLDED
    assert [document.text_of(block) for block in document.blocks] == [
        "云溪区2026年政务公开工作要点",
        "一、扩大公开（责任单位：区政府办公室）",
        "二、加强解读",
    ]


def test_traditional_text_in_big5_and_gbk():
    text = "緊扣「十四五」開好局起好步深化政務公開。市政務公開辦牽頭，市有關單位落實；各區政府。" * 3
    assert read_text(text.encode("big5")).text == text
    text = text.replace("「", "“").replace("」", "”")
    assert read_text(text.encode("gb18030")).text == text


def test_one_broken_byte_is_reported_not_turned_into_mojibake():
    data = (NOTICE * 5).encode()[:-1]
    document = read_text(data)
    assert document.text.startswith("云溪区")
    assert "1 处" in document.warnings[0]
    data = (NOTICE * 50).encode("gb18030")[:-1]
    assert read_text(data).text.startswith("云溪区")


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_stray_bytes_do_not_cost_the_text(encoding):
    data = (NOTICE * 20).encode(encoding)
    for at in range(50, len(data), 400):
        data = data[:at] + b"\x00\xff" + data[at:]
    document = read_text(data)
    assert "责任单位：区政府办公室" in document.text
    assert "损坏" in document.warnings[0]


def test_pasted_text_keeps_every_offset():
    document = read_pasted("\ufeff第一行\r第二行\x00\ud800\r\n")
    assert document.text == "第一行\n第二行\ufffd\ufffd\n"
    assert [(b.start, b.end) for b in document.blocks] == [(0, 3), (4, 9)]


@pytest.mark.parametrize("data", [b"", b" \r\n\t", "\u3000\n".encode()])
def test_empty(data):
    with pytest.raises(ReadingError) as caught:
        read(data, "a.txt")
    assert caught.value.code == "empty"
    assert "请检查" in caught.value.message


def test_too_large():
    with pytest.raises(ReadingError) as caught:
        read(b"a" * 11, "a.txt", limits=Limits(input_bytes=10))
    assert caught.value.code == "too_large"
    with pytest.raises(ReadingError) as caught:
        read("公开".encode() * 10, "a.txt", limits=Limits(text_length=10))
    assert caught.value.code == "too_large"


def test_binary_is_no_text():
    with pytest.raises(ReadingError) as caught:
        read_text(bytes(range(256)) * 20)
    assert caught.value.code == "unsupported"


def test_missing_path(tmp_path):
    with pytest.raises(ReadingError) as caught:
        read_path(tmp_path / "没有.txt")
    assert "没有.txt" in caught.value.message
    (tmp_path / "有.txt").write_text("一、公开", "utf-8")
    assert read_path(tmp_path / "有.txt").text == "一、公开"
