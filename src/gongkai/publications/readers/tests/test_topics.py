"""Topics: put together by one, approved by another, shown with what is public."""

from __future__ import annotations

import pytest

from gongkai.core.acts import ActError, InvalidData, perform
from gongkai.publications.readers.models import Topic
from gongkai.publications.tests.helpers import act as act_on_document

pytestmark = pytest.mark.django_db


def act(name, topic, user, data=None):
    perform(f"topic.{name}", topic, user, data or {})
    return Topic.objects.get(pk=topic.pk)


@pytest.fixture
def topic(office, published):
    event = perform(
        "topic.write", None, office.officer, {"title": "招生专题", "slug": "zhaosheng", "summary": "导语。"}
    )
    case = Topic.objects.get(pk=event.case.pk)
    return act(
        "add_section",
        case,
        office.officer,
        {"heading": "文件", "text": "先看这份通知。", "documents": published.document_number},
    )


def test_nothing_is_shown_before_somebody_else_approved(client, office, topic, published):
    assert client.get(topic.public_address).status_code == 404
    topic = act("submit", topic, office.officer)
    office.officer.memberships.create(unit=office.unit, role="leader")
    with pytest.raises(ActError):
        act("approve", topic, type(office.officer).objects.get(pk=office.officer.pk))
    topic = act("approve", topic, office.leader)
    page = client.get(topic.public_address).content.decode()
    assert "先看这份通知。" in page
    assert published.public_address in page
    assert "招生专题" in client.get("/information/topics/").content.decode()
    assert "招生专题" in client.get("/").content.decode()


def test_what_was_released_stays_until_the_new_one_is_approved(client, office, topic):
    topic = act("approve", act("submit", topic, office.officer), office.leader)
    topic = act("revise", topic, office.officer)
    topic = act("change_section", topic, office.officer, {"section": "0", "heading": "文件", "text": "新的话。"})
    assert "先看这份通知。" in client.get(topic.public_address).content.decode()
    topic = act("approve", act("submit", topic, office.officer), office.leader)
    assert "新的话。" in client.get(topic.public_address).content.decode()
    topic = act("withdraw", topic, office.leader, {"reason": "过期"})
    assert client.get(topic.public_address).status_code == 404


def test_a_withdrawn_document_leaves_its_topics(client, office, topic, published):
    topic = act("approve", act("submit", topic, office.officer), office.leader)
    act_on_document("withdraw", published, office.officer, {"reason": "内容有误"})
    page = client.get(topic.public_address).content.decode()
    assert published.title not in page
    assert "先看这份通知。" in page


def test_only_public_documents_are_chosen_and_addresses_are_unique(office, topic, published):
    with pytest.raises(InvalidData):
        act("add_section", topic, office.officer, {"heading": "别的", "documents": "没有的文号"})
    with pytest.raises(InvalidData):
        perform("topic.write", None, office.officer, {"title": "又一个", "slug": "ZhaoSheng"})
    topic = act(
        "add_section",
        topic,
        office.officer,
        {"heading": "网址", "documents": f"http://x{published.public_address}", "place": 1},
    )
    assert [one["title"] for one in topic.sections] == ["网址", "文件"]
    topic = act("remove_section", topic, office.officer, {"section": "0"})
    assert [one["title"] for one in topic.sections] == ["文件"]


def test_staff_pages(client, office, topic, published):
    client.force_login(office.officer, backend="django.contrib.auth.backends.ModelBackend")
    assert "招生专题" in client.get("/workbench/topics/").content.decode()
    page = client.get(topic.get_absolute_url()).content.decode()
    assert "先看这份通知。" in page
    address = f"/workbench/topics/{topic.pk}/sections/1/"
    assert published.document_number in client.get(address).content.decode()
    assert client.post(address, {"heading": "", "text": "x"}).status_code == 422
    response = client.post(address, {"heading": "改过", "text": "改过的话。", "documents": published.document_number})
    assert response.status_code == 302
    assert Topic.objects.get(pk=topic.pk).sections[0]["title"] == "改过"
