"""The words of the letters of a request as they come with the program; an office may put its own templates in their place.

One paragraph a line, `>` stands at the right. Names in braces are filled in by `requests.letters`.
"""

from __future__ import annotations

from typing import Final

_TO: Final = "{{ addressee }}："
_RECEIVED: Final = (
    "本机关于{{ received_on }}收到{{ you }}提出的政府信息公开申请（登记号：{{ request_number }}），"
    "申请公开的内容为：{{ content }}。"
)
_CLOSE: Final = """联系方式：{{ contact }}

> {{ agency }}
> （印章处）
> {{ date }}"""


def _letter(*lines: str, received: bool = True) -> str:
    """A letter to the applicant: to whom, what was received, the lines, and the close."""
    return "\n".join([_TO, *([_RECEIVED] if received else []), *lines, _CLOSE])


BODIES: Final[dict[str, str]] = {
    "L1": _letter(
        "{{ facts }}。提交渠道：{{ channel }}。",
        "按照{{ basis }}，本机关答复的最后一日是{{ due_on }}。依法暂停、延长或者重新起算的，另行告知。",
        "查询码：{{ query_code }}。{{ next }}。",
    ),
    "L2": _letter(
        "经审查，{{ facts }}。依据{{ basis }}，请{{ you }}补正以下内容。",
        "{{ items }}",
        "怎样补正：{{ guidance }}。",
        "补正期限：{{ last_day }}。{{ consequence }}。",
        "{{ restart }}。{{ next }}。",
    ),
    "L3": _letter(
        "{{ numbers }}。{{ facts }}。",
        "依据{{ basis }}，{{ ask }}。请在{{ last_day }}前书面说明。",
        "{{ consequence }}。{{ next }}。",
    ),
    "L4": _letter(
        "{{ facts }}。因{{ reason }}，不能在原定期限内答复。",
        "依据{{ basis }}，经本机关政府信息公开工作机构负责人同意，答复期限延长，最后一日是{{ last_day }}。",
        "{{ next }}。",
    ),
    "L5": _letter(
        "本机关于{{ received_on }}收到一件政府信息公开申请（登记号：{{ request_number }}），申请的内容为：{{ content }}。",
        "{{ facts }}。涉及的信息：{{ information }}。其中与{{ you }}有关的部分：{{ part }}。",
        "依据{{ basis }}，现征求{{ you }}的意见：{{ choice }}。",
        "{{ period }}。{{ consequence }}。",
        "请填写所附确认函，寄送或者交到：{{ return_address }}。{{ next }}。",
        received=False,
    ),
    "L6": """{{ agency }}：
{{ letter_number }}征求意见书收悉。对公开“{{ information }}”中与本人（本单位）有关的内容，意见如下（请在方框内打勾）：
□ 同意公开　　□ 不同意公开
不同意公开的理由：

{{ reason_place }}

> {{ signature_place }}
> 日期：　　　　年　　月　　日""",
    "L7": _letter(
        "{{ facts }}。依据{{ basis }}，{{ asked }}。",
        "{{ pause }}。{{ next }}。",
    ),
    "L8": _letter(
        "本机关于{{ received_on }}收到一件政府信息公开申请（登记号：{{ request_number }}，申请的内容为：{{ content }}），曾征求{{ you }}的意见。"
        "{{ facts }}。",
        "依据{{ basis }}，本机关决定公开以下内容：{{ disclosed }}。",
        "公开的理由：{{ reason }}。",
        "{{ next }}。",
        "{{ remedy }}",
        received=False,
    ),
    "L9": _letter(
        "本机关于{{ received_on }}收到一件政府信息公开申请（登记号：{{ request_number }}），申请的内容为：{{ content }}。{{ facts }}：{{ information }}。",
        "依据{{ basis }}，现征求你单位对公开这些信息的意见。",
        "{{ period }}。{{ consequence }}。{{ next }}。",
        received=False,
    ),
    "L10": _letter(
        "本机关于{{ received_on }}收到一件政府信息公开申请（登记号：{{ request_number }}），申请的内容为：{{ content }}。",
        "依据{{ basis }}，请你单位协助：{{ task }}。",
        "请于{{ internal_date }}前回复。{{ next }}。",
        received=False,
    ),
    "L11": _letter(
        "{{ facts }}。依据{{ basis }}和{{ fee_basis }}，本件申请需要收取信息处理费。",
        "收费标准和计算：{{ tariff }}。",
        "收费数额：{{ amount }}。",
        "缴纳方式：{{ payment }}。",
        "{{ period }}。{{ consequence }}。{{ next }}。",
    ),
    "L12": _letter(
        "{{ notice }}。期限已于{{ lapsed_on }}届满。{{ facts }}。",
        "依据{{ basis }}，本机关不再处理这件申请。{{ next }}。",
        "{{ remedy }}",
    ),
    "L12-O3": _letter(
        "{{ reason }}。{{ facts }}。",
        "依据{{ basis }}，本机关终止办理这件申请。{{ next }}。",
        "{{ remedy }}",
    ),
    "L14": _letter(
        "{{ facts }}。依据{{ basis }}，处理结果如下：{{ result }}。",
        "理由：{{ reason }}。",
        "{{ next }}。",
    ),
    "L15": _letter(
        "{{ you }}于{{ withdrawn_on }}申请撤回这件申请。{{ facts }}。",
        "依据{{ basis }}，本机关终止办理。{{ next }}。",
    ),
    "transfer": _letter(
        "{{ facts }}。依据{{ basis }}，这件申请已于{{ moved_on }}转送{{ body }}办理，由该机关登记并答复。",
        "理由：{{ reason }}。",
        "{{ next }}。",
    ),
}

# What the reply says for each result, between the facts and the basis.
REPLIES: Final[dict[str, str]] = {
    "G-a": """经查，{{ you }}申请公开的信息已经主动公开。依据{{ basis }}，现将获取的方式、途径告知如下。
{{ public_place }}。
{{ next }}。""",
    "G-b": """经审查，{{ you }}申请公开的信息可以公开。依据{{ basis }}，本机关予以公开，提供的信息如下。
{{ provided }}
{{ next }}。""",
    "P": """经审查，{{ you }}申请公开的信息中含有不应当公开的内容，能够作区分处理。依据{{ basis }}，本机关予以部分公开。
一、公开的部分
{{ given_parts }}
二、不予公开的部分和理由
{{ withheld }}
{{ next }}。""",
    "D1": """经审查，{{ you }}申请公开的信息依法属于国家秘密。理由：{{ reason }}。
依据{{ basis }}，本机关不予公开。{{ next }}。""",
    "D2": """经审查，{{ you }}申请公开的信息属于法律、行政法规禁止公开的信息。禁止公开的条款：{{ provision }}。
依据{{ basis }}，本机关不予公开。{{ next }}。""",
    "D3": """经审查，{{ you }}申请公开的信息公开后可能危及：{{ interest }}。
理由：{{ reason }}。
依据{{ basis }}，本机关不予公开。{{ next }}。""",
    "D4": """经审查，{{ you }}申请公开的信息涉及第三方合法权益。{{ opinion }}。
公共利益的权衡：{{ weighing }}。
依据{{ basis }}，本机关不予公开。{{ next }}。""",
    "D5": """经审查，{{ you }}申请公开的信息属于内部事务信息：{{ category }}。
{{ no_order }}。
依据{{ basis }}，本机关不予公开。{{ next }}。""",
    "D6": """经审查，{{ you }}申请公开的信息属于过程性信息：{{ category }}。
{{ no_order }}。
依据{{ basis }}，本机关不予公开。{{ next }}。""",
    "D7": """经审查，{{ you }}申请公开的信息属于行政执法案卷信息：{{ category }}。
{{ no_order }}。
依据{{ basis }}，本机关不予公开。{{ next }}。""",
    "D8": """经审查，{{ special_rule }}，对{{ you }}申请的信息的获取有专门规定。
依据{{ basis }}，请按下列办法查询：{{ where }}。
{{ next }}。""",
    "U1-a": """经检索，本机关没有{{ you }}申请公开的信息。检索情况：{{ search }}。
依据{{ basis }}，告知{{ you }}该政府信息不存在。{{ next }}。""",
    "U1-b": """经审查，{{ you }}申请公开的信息不属于本机关负责公开。理由：{{ reason }}。
依据{{ basis }}，告知{{ you }}上述情况。
{%p if responsible %}
负责公开的机关和联系方式：{{ responsible }}。
{%p endif %}
{{ next }}。""",
    "U2": """经检索，本机关没有{{ you }}所要的现成信息。理由：{{ reason }}。
依据{{ basis }}，本机关不另行加工、分析后提供。{{ next }}。""",
    "U3": """{{ supplemented }}。
补正后申请内容仍不明确：{{ still_unclear }}。
依据{{ basis }}，本机关无法提供。{{ next }}。""",
    "N1": """经审查，{{ you }}以政府信息公开申请的形式提出的是信访、投诉或者举报等事项。
依据{{ basis }}，本机关不作为政府信息公开申请处理。可以通过下列渠道提出：{{ channel }}。
{{ next }}。""",
    "N2": """经查，{{ you }}曾就同一内容提出申请，本机关已于{{ earlier_date }}以{{ earlier_number }}答复。
依据{{ basis }}，本机关不再重复处理。{{ next }}。""",
    "N3": """经审查，{{ you }}要求提供的是公报、报刊、书籍等公开出版物。
依据{{ basis }}，获取的途径是：{{ where }}。
{{ next }}。""",
    "N4": """{{ numbers }}。
申请人说明的理由：{{ reasons_given }}。
经审查，理由不合理：{{ why }}。
依据{{ basis }}，本机关不予处理。{{ next }}。""",
    "N5": """经查，{{ you }}要求确认或者重新出具的信息，{{ you }}已经获取：{{ obtained }}。
依据{{ basis }}，本机关不予处理。{{ next }}。""",
}


def reply_body(code: str) -> str:
    """The whole body of the reply (L13) that tells a result."""
    return _letter("{{ facts }}。", *REPLIES[code].splitlines(), "{{ remedy }}")


def closing_body(code: str) -> str:
    """The body of L12 for a result."""
    return BODIES["L12-O3"] if code == "O3" else BODIES["L12"]


# What a reply says of the way when nothing else happened on it.
ON_THE_WAY: Final = "本机关收到后已登记，并依法查找、审查"

# Words that stand unless the act that sends the letter gives its own.
COMMON_DEFAULTS: Final[dict[str, str]] = {"next": "如有疑问，可以按下面的联系方式与本机关联系"}

_REGULATION: Final = "《中华人民共和国政府信息公开条例》"

DEFAULTS: Final[dict[str, dict[str, str]]] = {
    "L1": {
        "facts": "这件申请已经登记",
        "basis": f"{_REGULATION}第三十一条、第三十三条",
        "next": "凭登记号和查询码可以在政府信息公开平台查看办理进度，请妥善保管",
    },
    "L2": {
        "facts": "申请内容不明确，还不能据以查找",
        "basis": f"{_REGULATION}第三十条",
        "guidance": "按上面列出的各项写明，注明登记号，当面交来、寄来或者在查询页面上补充",
        "consequence": "无正当理由逾期不补正的，视为放弃申请，本机关不再处理",
        "restart": "答复期限自本机关收到补正之日起重新计算",
        "next": "不清楚怎样写的，可以打电话问，本机关会给予帮助",
    },
    "L3": {
        "facts": "申请的数量、频次明显超过合理范围",
        "basis": f"{_REGULATION}第三十五条",
        "ask": "请说明理由",
        "consequence": "没有说明理由，或者本机关认为理由不合理的，告知不予处理",
        "next": "理由合理而无法在规定期限内答复的，本机关将确定延迟答复的合理期限并告知",
    },
    "L4": {
        "facts": "本机关正在办理",
        "basis": f"{_REGULATION}第三十三条第二款",
        "next": "本机关会尽快办理，能提前答复的提前答复",
    },
    "L5": {
        "facts": "申请公开的信息可能涉及第三方的合法权益",
        "basis": f"{_REGULATION}第三十二条",
        "choice": "是否同意公开；不同意的，请写明理由",
        "period": "请自收到本征求意见书之日起15个工作日内提出意见",
        "consequence": "逾期未提出意见的，由本机关依照条例的规定决定是否公开",
        "next": "你（单位）不同意而本机关决定公开的，会把公开的内容和理由书面告知",
    },
    "L6": {"reason_place": "", "signature_place": "签名或者盖章："},
    "L7": {
        "facts": "申请公开的信息涉及第三方合法权益",
        "basis": f"{_REGULATION}第三十二条、第三十三条第三款",
        "asked": "本机关正在书面征求第三方的意见",
        "pause": "征求意见所需时间不计算在答复期限内",
        "next": "意见收到或者期满后，本机关继续办理并依法答复",
    },
    "L8": {
        "facts": "对提出的意见，本机关已认真研究",
        "basis": f"{_REGULATION}第三十二条",
        "next": "本机关将向申请人提供上述内容",
    },
    "L9": {
        "facts": "其中有本机关与你单位共同制作的信息",
        "basis": f"{_REGULATION}第三十四条",
        "period": "请自收到本征求意见书之日起15个工作日内提出意见",
        "consequence": "逾期未提出意见的，视为同意公开",
        "next": "请书面回复并加盖印章",
    },
    "L10": {"basis": f"{_REGULATION}第三十三条", "next": "没有找到的，请写明检索的范围、方法和结果"},
    "L11": {
        "facts": "申请公开政府信息的数量、频次明显超过合理范围",
        "basis": f"{_REGULATION}第四十二条",
        "fee_basis": "《政府信息公开信息处理费管理办法》",
        "period": "请自收到本通知书之日起20个工作日内缴纳",
        "consequence": "逾期未缴纳的，视为放弃申请，本机关不再处理",
        "next": "缴费之前答复期限暂停，自缴清之日起重新计算",
    },
    "L12-O1": {
        "facts": "期满没有收到补正，也没有说明正当理由",
        "next": "今后仍需要这些信息的，可以写明内容重新申请",
    },
    "L12-O2": {"facts": "期满没有缴纳", "next": "今后仍需要这些信息的，可以重新申请"},
    "L12-O3": {
        "facts": "这件申请没有必要继续办理",
        "basis": "政府信息公开申请办理工作规定",
        "next": "今后仍需要这些信息的，可以重新申请",
    },
    "L14": {"facts": "本机关已对有关记录作了核对", "basis": f"{_REGULATION}第四十一条"},
    "L15": {
        "facts": "本机关已确认撤回出于申请人本人的意愿",
        "basis": "申请人的撤回申请",
        "next": "撤回后仍需要这些信息的，可以重新申请",
    },
    "transfer": {
        "facts": "经审查，申请公开的信息由另一机关负责公开",
        "basis": f"{_REGULATION}第十条、第三十六条第（五）项",
        "next": "今后的进度请向该机关查询",
    },
}

REPLY_DEFAULTS: Final[dict[str, dict[str, str]]] = {
    "G-b": {"next": "请妥善使用所获取的信息，不得用于违法活动"},
    "P": {"next": "公开的部分随本答复书提供"},
    "U3": {"next": "可以写明所需信息的名称、文号或者其他特征后重新申请"},
    "U1-b": {"next": "可以向负责公开的机关提出申请"},
    "N3": {"next": "获取中有困难的，可以与本机关联系"},
    "N5": {"basis": "国办公开办函〔2021〕30号所列“要求行政机关确认或重新出具已获取信息”的情形"},
}
