"""CAP by feed: RSS whose items lead to messages, Atom that holds them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from hinomi.runtime.feeds import Feeds, Poll, Seen


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_rss_links_are_fetched_once_and_atom_with_alerts_is_taken_itself(
    site: str, tmp_path: Path, shared_data: Path
) -> None:
    cap = shared_data / "exchange" / "cap"
    (tmp_path / "a.cap").write_bytes((cap / "weather.cap").read_bytes())
    (tmp_path / "all.atom").write_bytes((cap / "weather.atom").read_bytes())
    rss = '<rss version="2.0"><channel><item><link>{}/a.cap</link></item></channel></rss>'
    (tmp_path / "index.rss").write_text(rss.format(site), encoding="utf-8")
    taken: list[str] = []
    feeds = Feeds(
        [f"{site}/index.rss", f"{site}/all.atom"],
        lambda data, name, address, at: taken.append(name),  # noqa: ARG005
        Seen(None),
        poll=Poll(pause_s=0),
    )
    for state in feeds.states:
        for _ in range(2):
            feeds.poll(state, threading.Event())
        assert (state.error, state.fetched, state.unchanged) == ("", 1, 1)
    feeds.close()
    assert taken == ["a.cap", "all.atom"]
