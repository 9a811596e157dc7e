"""What the hub runs: only what the configuration asks for, and all of it stops when told."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

from hinomi.runtime.config import Config, OutDelivery, Pull
from hinomi.runtime.deliveries_jobs import exchange_jobs
from hinomi.runtime.websub import Asked, Subscriptions

TOPIC = "http://node.test/collections/response.shelters/items?f=sip4d-zip"


def test_a_node_that_exchanges_nothing_only_waits_for_subscribers(
    node: Any, tmp_path: Path
) -> None:
    assert list(exchange_jobs(node, Config(), tmp_path)) == ["websub"]


def test_the_jobs_send_and_tell_until_they_are_stopped(
    node: Any, subscriber: Any, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    delivery = OutDelivery(name="pref", collection="response.shelters", to=str(out), settle_s=0.0)
    config = Config(deliveries=(delivery,), pulls=(Pull(url="http://127.0.0.1:9/x.zip"),))
    node.shelter("a")
    asked = Subscriptions(tmp_path / "websub.db")
    asked.ask(Asked(mode="subscribe", topic=TOPIC, callback=subscriber.url, lease_s=3600))
    asked.close()
    stop = threading.Event()
    jobs = exchange_jobs(node, config, tmp_path)
    assert set(jobs) == {"websub", "pulls", "deliveries"}
    threads = [threading.Thread(target=job, args=(stop,)) for job in jobs.values()]
    for thread in threads:
        thread.start()
    end = time.monotonic() + 30
    while time.monotonic() < end and not (subscriber.told and out.exists() and list(out.iterdir())):
        time.sleep(0.1)
    stop.set()
    for thread in threads:
        thread.join(30)
    assert len(subscriber.told) == 1
    assert [f.suffix for f in out.iterdir()] == [".zip"]
    assert [f.read_bytes() in node.published for f in out.iterdir()] == [True]
    assert len(node.published) == 2
    assert not any(thread.is_alive() for thread in threads)
