"""Masks by the table of vectors."""

from __future__ import annotations

import pytest

from gongkai.core.privacy import mask


@pytest.mark.parametrize(
    ("form", "given", "shown"),
    [
        (mask.name, "张三", "张某"),
        (mask.name, "李四光", "李某某"),
        (mask.name, "欧阳小明", "欧阳某某"),
        (mask.name, " ", ""),
        (mask.identity, "11010519491231002X", "110105********002X"),
        (mask.identity, "E12345678", "E1*****78"),
        (mask.identity, "123", "***"),
        (mask.identity, "", ""),
        (mask.phone, "13800138000", "138****8000"),
        (mask.phone, "+86 13800138000", "138****8000"),
        (mask.phone, "0591-87651234", "0591-****1234"),
        (mask.phone, "87651234", "****1234"),
        (mask.phone, "110", "***"),
        (mask.phone, "", ""),
        (mask.email, "zhang@example.cn", "z***@example.cn"),
        (mask.email, "zhang", "***"),
        (mask.address, "临江市云溪区桥头街道柳巷1组8号", "临江市云溪区桥头街道"),
        (mask.address, "福建省三明市永安市某某镇某某村1组8号", "福建省三明市永安市某某镇"),
        (mask.address, "柳巷8号", "***"),
        (mask.address, "", ""),
        (mask.credit_code, "91350100M000100Y43", "91************0Y43"),
        (mask.credit_code, "", ""),
        (mask.anything, "微信号 abc", "***"),
        (mask.anything, "", ""),
        (mask.organisation, "云溪区某某公司", "云溪区某某公司"),
    ],
)
def test_masks(form, given, shown):
    assert form(given) == shown
