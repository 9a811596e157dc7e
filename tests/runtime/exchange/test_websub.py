"""The hub with a real subscriber: verified, signed, tried again, ended."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from hinomi.kernel.errors import DeniedError, InputError, MissingError
from hinomi.kernel.marking import ANONYMOUS, Disclosure, Marking, Principal, Status
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.websub import Asked, Subscriptions, topic_of
from hinomi.runtime.websub.hub import Hub
from hinomi.standards import sip4d

TOPIC = "http://node.test/collections/response.shelters/items?f=sip4d-zip"
KOBE = Principal("kobe", ("disaster-responders",), Disclosure.AMBER)


class Hubbed:
    def __init__(self, node: Any, path: Path) -> None:
        self.kept = Subscriptions(path)
        self.people = {"kobe": KOBE, "anyone": ANONYMOUS}
        self.hub = Hub(node.store, node.catalog, self.kept, self._principal, now=node.now)

    def _principal(self, name: str) -> Principal:
        if name not in self.people:
            raise DeniedError("revoked")
        return self.people[name]

    def ask(self, callback: str, mode: Any = "subscribe", **more: Any) -> None:
        given = {"lease_s": 3600, "secret": "s3cret", "user": "anyone", **more}
        self.kept.ask(Asked(mode=mode, topic=TOPIC, callback=callback, **given))


@pytest.fixture
def hubbed(node: Any, tmp_path: Path) -> Iterator[Hubbed]:
    found = Hubbed(node, tmp_path / "websub.db")
    yield found
    found.hub.close()
    found.kept.close()


def test_a_verified_subscriber_is_told_of_each_change_signed(
    node: Any, hubbed: Hubbed, subscriber: Any
) -> None:
    node.shelter("a")
    hubbed.ask(subscriber.url)
    assert hubbed.hub.round() == 1
    (asked,) = subscriber.asked
    assert (asked["hub.mode"], asked["hub.topic"], asked["for"]) == ("subscribe", TOPIC, "kobe")
    (headers, data) = subscriber.told[0]
    wanted = hmac.new(b"s3cret", data, sha256).hexdigest()
    assert headers["X-Hub-Signature"] == f"sha256={wanted}"
    assert f'<{TOPIC}>; rel="self"' in headers["Link"]
    assert '<http://node.test/websub>; rel="hub"' in headers["Link"]
    assert hubbed.hub.round() == 0
    node.wait(1)
    node.shelter("b")
    assert hubbed.hub.round() == 1
    assert sip4d.check(subscriber.told[1][1]).features == 2


def test_who_does_not_confirm_is_told_nothing(node: Any, hubbed: Hubbed, subscriber: Any) -> None:
    node.shelter("a")
    subscriber.confirms = False
    hubbed.ask(subscriber.url)
    assert hubbed.hub.round() == 0
    assert hubbed.kept.active() == []
    assert hubbed.kept.waiting(node.now()) == []


def test_a_failed_notification_is_tried_again(node: Any, hubbed: Hubbed, subscriber: Any) -> None:
    node.shelter("a")
    subscriber.answers = [503, 503]
    hubbed.ask(subscriber.url)
    assert hubbed.hub.round() == 0
    assert hubbed.hub.round() == 0
    node.wait(6)
    assert hubbed.hub.round() == 0
    node.wait(11)
    assert hubbed.hub.round() == 1
    assert len(subscriber.told) == 1


def test_a_lease_ends_and_gone_ends_it_too(node: Any, hubbed: Hubbed, subscriber: Any) -> None:
    node.shelter("a")
    hubbed.ask(subscriber.url, lease_s=100)
    hubbed.hub.round()
    node.wait(101)
    hubbed.hub.round()
    assert hubbed.kept.active() == []
    subscriber.answers = [410]
    hubbed.ask(subscriber.url)
    hubbed.hub.round()
    assert hubbed.kept.active() == []


def test_unsubscribing_is_verified_too(node: Any, hubbed: Hubbed, subscriber: Any) -> None:
    hubbed.ask(subscriber.url)
    hubbed.hub.round()
    hubbed.ask(subscriber.url, mode="unsubscribe")
    hubbed.hub.round()
    assert hubbed.kept.active() == []
    node.shelter("a")
    assert hubbed.hub.round() == 0


def test_a_subscriber_is_told_what_its_key_may_see_and_no_more(
    node: Any, hubbed: Hubbed, subscriber: Any
) -> None:
    closed = Marking(disclosure=Disclosure.AMBER, audience=("disaster-responders",))
    node.shelter("open")
    hubbed.ask(subscriber.url)
    hubbed.ask(subscriber.url.replace("for=kobe", "for=responders"), user="kobe")
    assert hubbed.hub.round() == 2
    node.wait(1)
    node.shelter("closed", closed)
    node.shelter("drill", Marking(Status.EXERCISE))
    assert hubbed.hub.round() == 1
    last = sip4d.open_package(subscriber.told[-1][1])
    names = {f.properties["name"] for f in last.layers[0].features()}
    assert names == {"避難所open", "避難所closed"}
    assert last.marking() == closed


def test_a_revoked_key_ends_its_subscriptions(node: Any, hubbed: Hubbed, subscriber: Any) -> None:
    node.shelter("a")
    hubbed.ask(subscriber.url)
    hubbed.hub.round()
    del hubbed.people["anyone"]
    node.shelter("b")
    assert hubbed.hub.round() == 0
    assert hubbed.kept.active() == []


def test_a_callback_that_is_not_there_is_asked_three_times(node: Any, hubbed: Hubbed) -> None:
    hubbed.ask("http://127.0.0.1:9/nobody")
    for _ in range(3):
        assert len(hubbed.kept.waiting(node.now())) == 1
        hubbed.hub.round()
        node.wait(3600)
    assert hubbed.kept.waiting(node.now()) == []


@pytest.mark.parametrize(
    "topic",
    [
        "ftp://node.test/collections/response.shelters/items?f=sip4d-zip",
        "http://node.test/collections/response.shelters/items?f=json",
        "http://node.test/collections/response.shelters/items?f=sip4d-zip&status=any",
        "http://node.test/collections/response.shelters/items?f=sip4d-zip&bbox=1,2,3,4",
    ],
)
def test_a_topic_is_the_address_of_a_package(topic: str) -> None:
    with pytest.raises(InputError):
        topic_of(topic, default_catalog())
    with pytest.raises(MissingError):
        topic_of(TOPIC.replace("shelters", "shelter"), default_catalog())
