"""Settings of zones: the services that a zone of each kind must have."""

from __future__ import annotations

from gongkai.channels.zones.models import Place, Service
from gongkai.core import jurisdiction
from gongkai.core.jurisdiction import declare

GROUP = "政务公开专区"
NAMES = "、".join(Service.labels)
_CODES = {label: code for code, label in Service.choices}


def _services(text: str) -> str:
    """A reader for names of services, parted by 、 or commas."""
    names = [part.strip() for part in str(text).replace("，", "、").replace(",", "、").split("、") if part.strip()]
    unknown = [name for name in names if name not in _CODES]
    if unknown:
        raise ValueError(f"没有“{unknown[0]}”这项服务。可以写的有：{NAMES}。")
    return "、".join(dict.fromkeys(names))


def required(place: str) -> list[str]:
    """The codes of the services that a zone of this kind must offer before it opens."""
    key = f"zones.services_{place}" if place in (Place.HALL, Place.STREET) else "zones.services_other"
    return [_CODES[name] for name in str(jurisdiction.value(key)).split("、") if name in _CODES]


_HELP = f"用顿号隔开。可以写的有：{NAMES}。"
declare(
    "zones.services_hall",
    "政务服务大厅专区必备的服务",
    "政府信息查阅、依申请公开受理、政策咨询、政府公报取阅",
    group=GROUP,
    parse=_services,
    source="公开工作要点：依托政务服务大厅建设专区，提供查阅、依申请公开受理、政策咨询、公报赠阅",
    help=_HELP,
)
declare(
    "zones.services_street",
    "镇街体验区必备的服务",
    "依申请公开受理、政府信息查阅、政府公报取阅、政务公开意见收集",
    group=GROUP,
    parse=_services,
    source="公开工作要点：体验区的常规服务",
    help=_HELP,
)
declare(
    "zones.services_other",
    "其他场所专区必备的服务",
    "政府信息查阅",
    group=GROUP,
    parse=_services,
    source="本系统约定",
    help=_HELP,
)
