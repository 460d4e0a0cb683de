"""What pictures carry besides the picture: EXIF, position, comments, XMP."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from PIL import ExifTags, Image

from gongkai.reading.blocks import ReadingError
from gongkai.screening.parts import Part

MOST_PIXELS = 200_000_000
_DAMAGED = "图片已损坏或没有传完整，打不开。请用看图软件打开并另存后再上传。"
_TAGS = {
    "Artist": "作者",
    "Copyright": "版权",
    "ImageDescription": "说明",
    "XPAuthor": "作者",
    "XPComment": "备注",
    "XPTitle": "标题",
    "XPKeywords": "关键词",
    "XPSubject": "主题",
    "UserComment": "备注",
    "DateTimeOriginal": "拍摄时间",
    "DateTime": "修改时间",
    "Make": "设备厂商",
    "Model": "设备型号",
    "BodySerialNumber": "设备序列号",
    "CameraOwnerName": "设备主人",
    "Software": "软件",
    "HostComputer": "电脑",
}
_TECHNICAL = frozenset(
    [
        "exif",
        "icc_profile",
        "dpi",
        "jfif_density",
        "compression",
        "version",
        "background",
        "transparency",
        "duration",
        "loop",
        "extension",
    ]
)
_MARKUP = re.compile(r"<[^<>]{0,4000}>")
_VALUES = re.compile(r"=\"([^\"<>]{2,400})\"")


def image_parts(data: bytes) -> list[Part]:
    """The properties of a picture, and a word that nobody but a person reads what is in it. Raises `ReadingError`."""
    parts = list(picture_properties(data, strict=True))
    sentence = "图片里的文字、人脸、证件、印章机器读不出来。请人工查看。"
    return [*parts, Part("图片内容", sentence, "unchecked")]


def open_picture(data: bytes) -> Image.Image:
    """A picture whose size was looked at; pixels are not read yet. Raises `ReadingError`: damaged, unsafe."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            picture = Image.open(BytesIO(data))
    except Image.DecompressionBombError as error:
        raise ReadingError("unsafe", "图片的尺寸异常巨大，为安全起见没有打开。请缩小后再上传。") from error
    except Exception as error:
        raise ReadingError("damaged", _DAMAGED) from error
    if picture.width * picture.height > MOST_PIXELS:
        raise ReadingError("unsafe", "图片的尺寸异常巨大，为安全起见没有打开。请缩小后再上传。")
    return picture


def picture_properties(data: bytes, *, strict: bool = False) -> Iterator[Part]:
    """The properties of a picture; pictures of unknown kind have none, unless `strict` (raises `ReadingError`)."""
    try:
        picture = open_picture(data)
    except ReadingError:
        if strict:
            raise
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exif = picture.getexif()
            found = list(_exif(exif))
            if exif.get_ifd(ExifTags.IFD.GPSInfo):
                found.append(Part("图片EXIF GPS", _position(exif.get_ifd(ExifTags.IFD.GPSInfo)), "property"))
            info = dict(picture.info)
    except Exception:  # broken EXIF; cleaning takes it away
        yield Part("图片EXIF", "图片的EXIF信息已损坏。", "property")
        return
    yield from found
    for key, value in info.items():
        yield from _note(str(key), value)


def _exif(exif: Image.Exif) -> Iterator[Part]:
    for block in (dict(exif), exif.get_ifd(ExifTags.IFD.Exif)):
        for key, value in block.items():
            name = ExifTags.TAGS.get(key, "")
            text = _words(value, wide=name.startswith("XP"))
            if name in _TAGS and text:
                yield Part(f"图片EXIF {_TAGS[name]}", text, "property")


def _words(value: Any, *, wide: bool = False) -> str:
    if isinstance(value, tuple) and wide:
        value = bytes(number & 255 for number in value)
    if isinstance(value, bytes):
        value = value.decode("utf-16-le" if wide else "utf-8", "replace").replace("ASCII\x00\x00\x00", "")
    return " ".join(str(value).replace("\x00", " ").split())


def _position(block: dict[int, Any]) -> str:
    try:
        north, east = (sum(float(step) / 60**power for power, step in enumerate(block[key])) for key in (2, 4))
        return f"拍摄位置：{block.get(1, 'N')}{north:.5f} {block.get(3, 'E')}{east:.5f}"
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return "含有拍摄位置信息"


def _note(key: str, value: Any) -> Iterator[Part]:
    if key in _TECHNICAL or not isinstance(value, str | bytes):
        return
    text = _words(value)
    if "xmp" in key.lower() or text.startswith("<?xpacket"):
        text = " ".join((*_VALUES.findall(text), *_MARKUP.sub(" ", text).split()))
        key = "XMP"
    if text.strip() and any(sign.isalnum() for sign in text):
        yield Part(f"图片说明 {key}", text[:100_000], "property")
