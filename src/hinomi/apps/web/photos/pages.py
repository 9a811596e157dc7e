"""The two pages: a light one for telephones, and the queue for the headquarters."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from hinomi.apps.web.http import HTML, Answer, Ask
from hinomi.apps.web.markup import Markup, join, tag
from hinomi.apps.web.photos.words import REVIEW, SEND
from hinomi.domains.response.photos.acts import REASONS
from hinomi.domains.response.photos.collections import STATES
from hinomi.kernel.errors import Text

if TYPE_CHECKING:
    from hinomi.apps.web.app import Web

_EXERCISE = Text("訓練", "EXERCISE 訓練")
_TEST = Text("試験", "TEST 試験")


def send(web: Web, ask: Ask) -> Answer:
    """Answer the page that photos are sent from; it needs no account."""
    del web
    say = {name: ask.say(text) for name, text in SEND.items()}
    body = (
        tag("p", say["lead"], class_="lead"),
        tag(
            "form",
            tag(
                "label",
                tag("span", say["choose"]),
                tag("input", type="file", id="photo", accept="image/*", capture="environment",
                    aria_describedby="privacy"),
                class_="big",
            ),
            tag(
                "label",
                tag("span", say["choose_kept"]),
                tag("input", type="file", id="kept", accept="image/*"),
                class_="small",
            ),
            tag("img", id="preview", alt=say["preview"], hidden=""),
            tag(
                "label",
                say["text"],
                tag("textarea", id="text", rows="3", maxlength="1000",
                    placeholder=say["text_hint"]),
            ),
            tag(
                "fieldset",
                tag("legend", say["where"]),
                tag("p", say["where_hint"], id="where-now"),
                tag("button", say["here"], type="button", id="here"),
                tag("button", say["on_map"], type="button", id="on-map", aria_expanded="false",
                    aria_controls="map"),
                tag("div", id="map", hidden=""),
            ),
            tag("button", say["send"], type="submit", id="send", disabled=""),
            tag("p", say["privacy"], id="privacy", class_="note"),
            id="form",
        ),
        tag("section", id="result", role="status", aria_live="polite"),
    )  # fmt: skip
    return _page(ask, say, ("sketch", "photo"), body)


def review(web: Web, ask: Ask) -> Answer:
    """Answer the queue's page; what it shows, it asks as the person who is signed in."""
    del web
    say = {name: ask.say(text) for name, text in REVIEW.items()}
    say |= {f"state_{name}": ask.say(text) for name, text in STATES.items()}
    say |= {f"why_{name}": ask.say(text) for name, text in REASONS.items()}
    body = (
        tag("div", id="signin", hidden=""),
        tag(
            "div",
            tag(
                "section",
                tag("h2", say["queue"]),
                tag("select", id="shown", aria_label=say["shown"]),
                tag("ol", id="queue"),
                class_="queue",
            ),
            tag("section", id="photo", class_="photo", aria_live="polite"),
            class_="review",
        ),
    )
    return _page(ask, say, ("sketch", "photos"), body)


def _page(
    ask: Ask, say: dict[str, str], scripts: tuple[str, ...], body: tuple[Markup, ...]
) -> Answer:
    base = ask.base
    status = ask.query.get("status", "actual")
    marked = {"exercise": _EXERCISE, "test": _TEST}.get(status)
    other = "en" if ask.language == "ja" else "ja"
    page = tag(
        "html",
        tag(
            "head",
            tag("meta", charset="utf-8"),
            tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
            tag("title", f"{say['title']} – 火の見 Hinomi"),
            tag("link", rel="stylesheet", href=f"{base}/static/photos.css"),
            *(tag("script", src=f"{base}/static/{name}.js", type="module") for name in scripts),
        ),
        tag(
            "body",
            tag("p", f"{ask.say(marked)} ― {say['marked']}", class_="exercise", role="status")
            if marked
            else None,
            tag(
                "header",
                tag("h1", say["title"]),
                tag("a", say["language"], href=ask.with_query(lang=other), hreflang=other),
            ),
            tag("main", join(body)),
            data_base=base,
            data_status=status,
            data_language=ask.language,
            data_words=json.dumps(say, ensure_ascii=False),
        ),
        lang=ask.language,
    )
    return Answer(body=f"<!doctype html>\n{page}".encode(), media_type=HTML)
