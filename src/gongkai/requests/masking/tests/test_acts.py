"""Steps of masking as acts: what they leave, what they keep quiet about, who may, and what they hold back."""

from __future__ import annotations

import json

import pytest

from gongkai.core import attachments
from gongkai.core.acts import ActError, InvalidData, NotPermitted, WrongState, acts, perform
from gongkai.core.models import Attachment, Event
from gongkai.requests import decisions, materials
from gongkai.requests.masking import acts as doing
from gongkai.requests.masking import finding, queries
from gongkai.requests.masking.models import Look, Mark, Mask, Page
from gongkai.requests.masking.tests import helpers
from gongkai.requests.models import Material
from gongkai.requests.tests import reply_helpers
from gongkai.requests.tests.helpers import act, fresh

pytestmark = pytest.mark.django_db


@pytest.fixture
def mask(place, handling):
    return helpers.prepared(place, handling)


def material_of(mask) -> Material:
    return Material.objects.select_related("masked", "original").get(pk=mask.material_id)


def test_pages_are_laid_out_and_sealed(place, mask):
    assert mask.pages.count() == material_of(mask).pages == 1
    page = mask.pages.get()
    assert helpers.NAME in "".join(line["text"] for line in page.lines["lines"])
    assert mask.layout.sealed
    assert mask.layout.case_id == mask.request_id
    assert attachments.is_sealed(mask.layout.digest)
    with pytest.raises(ActError, match="已经生成"):
        doing.prepare(fresh(mask.request), mask.material, place.handler)


def test_the_pages_of_a_pdf_are_its_own(place, handling):
    mask = helpers.prepared(place, handling, helpers.text_pdf(), "纪要.pdf")
    assert mask.layout == mask.material.original


def test_a_phrase_is_marked_and_the_file_is_made(place, mask):
    mask = helpers.made(place, helpers.mark(place, mask, helpers.NAME))
    material = material_of(mask)
    assert mask.marks.count() == 2
    assert material.masked.sealed
    assert material.masked.own_name == "会议纪要（遮盖后）.pdf"
    assert materials.outgoing(material) == material.masked
    helpers.assert_silent(attachments.load(material.masked.digest), *helpers.SECRETS, *helpers.OPEN_WORDS)
    assert mask.proof["boxes"] == 2
    assert mask.proof["left"] == []


def test_words_covered_here_and_open_there_are_told(place, mask):
    tokens = [one.token for one in finding.phrase(queries.lines_of(mask), helpers.NAME)]
    mask = helpers.step(place, mask, operation="mark", way="words", chosen=tokens[:1], ground="PI")
    assert helpers.made(place, mask).proof["left"] == [1]


def test_every_change_voids_the_made_file(place, mask):
    mask = helpers.made(place, helpers.mark(place, mask, helpers.NAME))
    changes = [
        {"operation": "unmark", "chosen": [str(mask.marks.first().pk)]},
        {"operation": "undo"},
        {"operation": "mark", "way": "box", "page": 1, "left": 10, "top": 70, "width": 20, "height": 5, "ground": "D5"},
    ]
    for change in changes:
        mask = helpers.step(place, mask, **change)
        assert material_of(mask).masked is None
        assert mask.made_marks == ""
        mask = helpers.made(place, mask)
        assert material_of(mask).masked is not None
    with pytest.raises(ActError, match="没有改动"):
        helpers.made(place, mask)


def test_undo_takes_back_one_step_after_the_other(place, mask):
    mask = helpers.mark(place, mask, helpers.NAME)
    mask = helpers.mark(place, mask, helpers.PHONE)
    mask = helpers.step(place, mask, operation="unmark", chosen=[str(one.pk) for one in queries.marks_of(mask)])
    counts = []
    for _ in range(3):
        mask = helpers.step(place, mask, operation="undo")
        counts.append(len(queries.marks_of(mask)))
    assert counts == [3, 2, 0]
    with pytest.raises(ActError, match="没有可以撤销"):
        helpers.step(place, mask, operation="undo")


def test_the_same_place_is_marked_once(place, mask):
    mask = helpers.mark(place, mask, helpers.NAME)
    with pytest.raises(ActError, match="已经遮盖"):
        helpers.mark(place, mask, helpers.NAME)


@pytest.mark.parametrize(
    "data",
    [
        {"way": "words", "chosen": ["1.99.0-3"], "ground": "PI"},
        {"way": "words", "chosen": ["9.0.0-3"], "ground": "PI"},
        {"way": "words", "chosen": ["nothing"], "ground": "PI"},
        {"way": "words", "chosen": ["1.0.3-3"], "ground": "PI"},
        {"way": "words", "chosen": [], "ground": "PI"},
        {"way": "words", "chosen": ["1.0.0-3"], "ground": ""},
        {"way": "box", "page": 1, "left": 10, "top": 10, "width": 0, "height": 10, "ground": "PI"},
        {"way": "box", "page": 7, "left": 10, "top": 10, "width": 10, "height": 10, "ground": "PI"},
        {"way": "box", "page": 1, "ground": "PI"},
    ],
)
def test_places_that_do_not_exist_are_refused(place, mask, data):
    with pytest.raises(ActError):
        helpers.step(place, mask, operation="mark", **data)
    assert not Mark.objects.exists()


def test_a_box_stays_inside_its_page(place, mask):
    mask = helpers.step(
        place, mask, operation="mark", way="box", page=1, left=90, top=95, width=50, height=50, ground="D5"
    )
    page, box = mask.pages.get(), mask.marks.get().boxes[0]
    assert box[3:] == [page.width, page.height]


def test_a_file_of_other_marks_is_not_kept(place, mask, monkeypatch):
    """Somebody marks while the file is being made."""
    mask = helpers.mark(place, mask, helpers.NAME)
    real = doing.sheets.make

    def slow(*arguments):
        made = real(*arguments)
        helpers.mark(place, mask, helpers.PHONE)
        return made

    monkeypatch.setattr(doing.sheets, "make", slow)
    with pytest.raises(ActError, match="有人改动"):
        helpers.made(place, mask)
    assert material_of(mask).masked is None


def test_nothing_is_made_without_marks(place, mask):
    with pytest.raises(ActError, match="还没有遮盖"):
        helpers.made(place, mask)


def test_only_what_is_to_be_masked_is_masked(place, handling):
    act("add_materials", handling, place.handler, files={"files": helpers.upload("纪要.docx", helpers.word())})
    found = Material.objects.get(request=handling.pk)
    with pytest.raises(ActError, match="没有要遮盖的材料"):
        doing.prepare(fresh(handling), found, place.handler)
    helpers.material(place, fresh(handling), helpers.word(), "另一份.docx")
    with pytest.raises(InvalidData):
        doing.prepare(fresh(handling), found, place.handler)


def test_results_do_not_come_from_a_browser(place, handling):
    found = helpers.material(place, handling, helpers.word())
    for operation in ("prepare", "make"):
        with pytest.raises(ActError):
            perform(
                "request.mask_material", fresh(handling), place.handler,
                {"material": found.pk, "operation": operation, "layout": "x", "made": "x"},
            )  # fmt: skip


# --- quiet ------------------------------------------------------------------------------------------------------------


def test_events_and_columns_tell_nothing_of_what_is_covered(place, mask):
    mask = helpers.mark(place, mask, helpers.NAME, reason=f"保护{helpers.PHONE}", what=f"{helpers.NAME}的姓名")
    mask = helpers.mark(place, mask, helpers.NUMBER)
    mask = helpers.made(place, mask)
    helpers.looked(place, mask, place.reviewer)
    told = json.dumps(list(Event.objects.values("summary", "words", "data", "changes")), ensure_ascii=False)
    for secret in helpers.SECRETS:
        assert secret not in told
    from django.db import connection

    with connection.cursor() as cursor:
        for table in ("masking_page", "masking_mark", "masking_mask", "masking_look"):
            cursor.execute(f"SELECT * FROM {table}")
            shown = b"".join(
                cell if isinstance(cell, bytes) else str(cell).encode() for row in cursor.fetchall() for cell in row
            )
            # The general words are told in the letter; the officer is asked not to name anybody there.
            for secret in (helpers.PHONE, helpers.NUMBER, "柳荫巷"):
                assert secret.encode() not in shown


def test_what_is_kept_ends_with_the_request(place, mask):
    from django.utils import timezone

    from gongkai.core.privacy import retention

    mask = helpers.made(place, helpers.mark(place, mask, helpers.NAME, reason="属于个人隐私"))
    digests = [mask.layout.digest, material_of(mask).masked.digest, mask.material.original.digest]
    case = fresh(mask.request)
    type(case).objects.filter(pk=case.pk).update(state="ended", closed_at=timezone.now())
    retention.erase(fresh(case), timezone.now())
    assert [page.lines for page in Page.objects.all()] == [{}]
    assert {(mark.words, mark.reason) for mark in Mark.objects.all()} == {("", "")}
    assert not any(attachments.path_of(digest).exists() for digest in digests)


# --- who --------------------------------------------------------------------------------------------------------------

MATRIX = {
    "mask_material": {"officer", "second", "handler"},
    "check_masking": {"officer", "second", "handler", "reviewer", "secrecy", "legal", "leader"},
}
EVERYBODY = (
    "supervisor", "officer", "second", "handler", "reviewer", "secrecy", "legal", "leader", "neighbour", "auditor",
    "admin",
)  # fmt: skip


@pytest.mark.parametrize("name", MATRIX)
def test_roles(place, handling, name):
    found = acts[f"request.{name}"]
    may = {who for who in EVERYBODY if found.permitted(handling, getattr(place, who))}
    assert MATRIX[name] <= may
    assert not may & {"neighbour", "auditor", "admin"}


def test_a_reviewer_does_not_mask_and_nobody_masks_under_review(place, mask):
    with pytest.raises(NotPermitted):
        helpers.mark(place, mask, helpers.NAME, place.reviewer)
    mask.request.__class__.objects.filter(pk=mask.request_id).update(state="review")
    with pytest.raises(WrongState):
        helpers.mark(place, mask, helpers.NAME)


def test_who_masked_does_not_compare(place, mask):
    mask = helpers.mark(place, mask, helpers.NAME)
    mask = helpers.mark(place, mask, helpers.PHONE, place.officer)
    mask = helpers.made(place, mask)
    for author in (place.handler, place.officer):
        with pytest.raises(ActError, match="其他人核对"):
            helpers.looked(place, mask, author)
    helpers.looked(place, mask, place.second)
    assert Look.objects.get().user == place.second


def test_pages_of_another_file_are_not_compared(place, mask):
    mask = helpers.made(place, helpers.mark(place, mask, helpers.NAME))
    data = {"material": mask.material_id, "pages": ["1"], "digest": "0" * 64}
    with pytest.raises(ActError, match="重新生成"):
        perform("request.check_masking", fresh(mask.request), place.reviewer, data)
    with pytest.raises(ActError, match="没有这一页"):
        helpers.looked(place, mask, place.reviewer, [9])


# --- the reply --------------------------------------------------------------------------------------------------------


def partly(place, case, **more):
    """A partial disclosure whose parts come from the marks."""
    parts = materials.withheld_parts(fresh(case))
    return reply_helpers.draft(place, fresh(case), "P", withheld=parts, unreachable="没有联系方式", **more)


def test_the_parts_of_the_letter_come_from_the_marks(place, mask):
    mask = helpers.mark(place, mask, helpers.NAME, what="姓名", reason="属于个人隐私")
    mask = helpers.mark(place, mask, helpers.PHONE, what="联系电话", reason="属于个人隐私")
    mask = helpers.step(
        place,
        mask,
        operation="mark",
        way="box",
        page=1,
        left=10,
        top=70,
        width=20,
        height=5,
        ground="D5",
        what="签批意见",
    )
    parts = materials.withheld_parts(fresh(mask.request))
    assert parts == [
        {"what": "“会议纪要”第1页的姓名、联系电话", "ground": "D4", "reason": "属于个人隐私"},
        {"what": "“会议纪要”第1页的签批意见", "ground": "D5", "reason": "公开会损害第三方合法权益"},
    ]
    assert decisions.suggested(fresh(mask.request), "P")["withheld"] == parts


def test_a_reply_is_not_sent_up_before_the_file_is_made(place, mask):
    mask = helpers.mark(place, mask, helpers.NAME)
    case = partly(place, mask.request)
    with pytest.raises(ActError, match="还没有做好遮盖"):
        reply_helpers.submit(place, case)
    helpers.made(place, mask)
    assert reply_helpers.submit(place, fresh(case)).state == "review"


def test_a_file_from_elsewhere_holds_a_reply_back(place, handling):
    found = helpers.material(place, handling, helpers.word())
    Material.objects.filter(pk=found.pk).update(masked=found.original)
    found.refresh_from_db()
    assert "没有经过生成和检验" in materials.hindrances(fresh(handling), found)[0]


def test_a_reply_is_not_signed_before_somebody_else_compared_every_page(place, handling):
    mask = helpers.prepared(place, handling, helpers.text_pdf(pages=3), "纪要.pdf")
    mask = helpers.made(place, helpers.mark(place, mask, helpers.NAME))
    case = partly(place, handling)
    case = reply_helpers.submit(place, fresh(case))
    helpers.looked(place, mask, place.reviewer, [1, 2])
    with pytest.raises(ActError, match="已看2页，共3页"):
        reply_helpers.reviewed(place, case)
    helpers.looked(place, mask, place.secrecy, [3])
    assert reply_helpers.reviewed(place, fresh(case)).state == "signed"


def test_made_anew_is_compared_anew(place, mask):
    mask = helpers.made(place, helpers.mark(place, mask, helpers.NAME))
    helpers.looked(place, mask, place.reviewer)
    digest = material_of(mask).masked.digest
    mask = helpers.made(place, helpers.mark(place, mask, helpers.PHONE))
    now = material_of(mask).masked.digest
    assert now != digest
    assert not queries.looked_pages(mask, now)
    # Taken back, the file is the same again, and so is what was seen.
    mask = helpers.made(place, helpers.step(place, mask, operation="undo"))
    assert material_of(mask).masked.digest == digest
    assert set(queries.looked_pages(mask, digest)) == {1}


@pytest.mark.duty("001-14f")
def test_the_applicant_gets_the_masked_file_alone(place, mask):
    from gongkai.requests.pages import outgoing

    mask = helpers.made(place, helpers.mark(place, mask, helpers.NAME))
    case = reply_helpers.submit(place, fresh(partly(place, mask.request)))
    helpers.looked(place, mask, place.reviewer)
    case = reply_helpers.delivered(place, reply_helpers.reviewed(place, fresh(case)))
    files = outgoing.files_of(fresh(case))
    assert files == [material_of(mask).masked]
    assert not Attachment.objects.filter(case=case.pk, public=True).exists()


def test_a_material_is_taken_out_with_its_masking(place, mask):
    act("remove_material", mask.request, place.handler, material=mask.material_id)
    assert not Mask.objects.exists()
