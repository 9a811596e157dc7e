"""The catalogue as many pages, in one language: an index, a page for each collection, four lists.

Titles are the catalogue's own, in both languages; each collection has its licence, its fields, its
JSON Schema and a record as an example.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from hinomi.kernel.catalog import Catalog
from hinomi.kernel.collections import Collection, Kind
from hinomi.kernel.errors import Text
from hinomi.kernel.ports import Domain
from hinomi.testing import reference_examples
from hinomi.testing.reference import fields, table
from hinomi.vocabulary.acts import ROLES, Act

ROOT = "reference/catalogue"
SERVER = "http://127.0.0.1:8470"

Examples = Mapping[str, Mapping[str, Any]]
"""Collection -> a record of it as the API serves it."""


class Sheets:
    """The pages of one catalogue in one language; :meth:`pages` gives them by their path."""

    def __init__(self, catalog: Catalog, language: str, examples: Examples) -> None:
        self._catalog = catalog
        self._language = language
        self._examples = examples

    def pages(self) -> dict[str, str]:
        """Return all pages, by their path below the docs."""
        lists = {
            "README": self._index(),
            "sources": self._sources(),
            "models": self._models(),
            "products": self._products(),
            "acts": self._acts(),
        }
        made = {f"{ROOT}/{name}.md": _page(lines) for name, lines in lists.items()}
        for domain, collection in self._collections():
            made[f"{ROOT}/{_path(domain, collection)}"] = _page(self._collection(collection))
        return made

    def titles(self) -> dict[str, str]:
        """Return domain -> its title."""
        return {domain.id: self._say(domain.title) for domain in self._catalog.domains}

    def _collections(self) -> Iterator[tuple[Domain, Collection]]:
        for domain in self._catalog.domains:
            for collection in domain.collections:
                if isinstance(collection, Collection):
                    yield domain, collection

    def _say(self, text: Text) -> str:
        return text.ja if self._language == "ja" else text.en

    def _word(self, ja: str, en: str) -> str:
        return ja if self._language == "ja" else en

    def _named(self, names: Iterable[str], up: str = "") -> str:
        """Return names as links to the collections' pages."""
        where = {c.id: _path(domain, c) for domain, c in self._collections()}
        return ", ".join(f"[`{n}`]({up}{where[n]})" if n in where else f"`{n}`" for n in names)

    def _index(self) -> Iterator[str]:
        yield f"# {self._word('カタログ', 'Catalogue')}"
        yield self._word(
            "取り込むもの、計算するもの、出すもののすべてです。ソースコードの定義から作られます。"
            "項目の説明は英語です。",
            "All that is taken in, worked out and given; made from the definitions in the code. "
            "The whole of it [on one page](../catalogue.md).",
        )
        lists = (
            ("sources", "情報源", "Sources"),
            ("models", "モデル(計算)", "Models"),
            ("products", "プロダクト(出すもの)", "Products"),
            ("acts", "操作(人がすること)", "Acts"),
        )
        yield " · ".join(f"[{self._word(ja, en)}]({name}.md)" for name, ja, en in lists)
        for domain in self._catalog.domains:
            rows = [
                (f"[{self._say(c.title)}]({_path(d, c)})", f"`{c.id}`", self._say(c.text))
                for d, c in self._collections()
                if d is domain
            ]
            if rows:
                yield f"## {self._say(domain.title)}"
                head = (self._word("コレクション", "collection"), "id", self._word("内容", "what"))
                yield table(head, rows)

    def _collection(self, collection: Collection) -> Iterator[str]:
        name = collection.id
        yield f"# {self._say(collection.title)}"
        yield self._say(collection.text)
        yield self._facts(collection)
        yield f"## {self._word('使う', 'Ask for it')}"
        yield self._questions(collection)
        yield f"## {self._word('項目', 'Fields')}"
        yield self._word(
            "**太字**は必ずある項目です。どの記録にも[共通の項目](../../records.md)が加わります。",
            "A field in **bold** is always there. Every record also has [these](../../records.md).",
        )
        yield from fields(collection.schema)
        yield f"## {self._word('例', 'Example')}"
        yield self._example(collection)
        yield f"## {self._word('JSONスキーマ', 'JSON Schema')}"
        yield self._word(
            f"サーバーでは `/collections/{name}/schema` で得られます。",
            f"A server gives it at `/collections/{name}/schema`.",
        )
        schema = json.dumps(collection.json_schema(), ensure_ascii=False, indent=1)
        yield _folded(self._word("スキーマを開く", "Show the schema"), schema)

    def _facts(self, collection: Collection) -> str:
        name = collection.id
        kept = collection.keep_days
        givers = [(s.id, "sources") for s in self._catalog.sources.values() if name in s.gives]
        givers += [(m.id, "models") for m in self._catalog.models.values() if name in m.gives]
        takers = [(m.id, "models") for m in self._catalog.models.values() if name in m.needs]
        takers += [(p.id, "products") for p in self._catalog.products.values() if name in p.needs]
        acts = [(act.id, "acts") for act in self._all_acts() if name in act.writes()]
        rows = [
            ("id", f"`{name}`"),
            (self._word("種類", "kind"), f"{collection.kind.value} · {collection.verb.value}"),
            (self._word("利用条件", "licence"), collection.licence),
            (
                self._word("公開の範囲", "disclosure"),
                f"TLP:{collection.marking.disclosure.label}",
            ),
            (self._word("保存する日数", "kept [days]"), str(kept) if kept else ""),
            (self._word("入ってくるところ", "comes from"), _links(givers)),
            (self._word("書く操作", "written by"), _links(acts)),
            (self._word("使われるところ", "goes to"), _links(takers)),
        ]
        return table(("", ""), [row for row in rows if row[1]])

    def _questions(self, collection: Collection) -> str:
        name = collection.id
        if collection.kind is Kind.SERIES:
            one = f"{name}.CODE"
            lines = (f"hinomi readings {one}", f"{SERVER}/series/{one}/readings")
        else:
            lines = (f"hinomi find {name}", f"{SERVER}/collections/{name}/items")
        return _block("", "\n".join(lines))

    def _example(self, collection: Collection) -> str:
        name = collection.id
        if name in self._examples:
            said = self._word("付属の訓練で流れた記録です。", "A record of the shipped drill.")
            shown = dict(self._examples[name])
        elif collection.kind is Kind.SERIES:
            said = self._word("1回の値です(見本)。", "One reading; the values are made up.")
            shown = {"time": reference_examples.TIME, "value": 1.52, "quality": "good"}
        else:
            said = self._word(
                "スキーマから作った見本で、値は架空です。",
                "Made of the schema: the form is right, the values are made up.",
            )
            shown = reference_examples.body(collection.schema)
        return f"{said}\n\n{_block('json', json.dumps(shown, ensure_ascii=False, indent=1))}"

    def _sources(self) -> Iterator[str]:
        yield f"# {self._word('情報源', 'Sources')}"
        yield self._word(
            "どの情報源のものかは、名前と中身から自動で見分けます。例は、できるコレクションのページにあります。",
            "What a file is, is found out from its name and its bytes. Examples are on the pages "
            "of the collections that it becomes.",
        )
        for source in self._catalog.sources.values():
            yield f"## {source.id}"
            yield f"**{self._say(source.title)}**"
            feeds = ", ".join(f"<{feed.url}>" for feed in source.feeds)
            rows = [
                (self._word("できるもの", "becomes"), self._named(source.gives)),
                (self._word("利用条件", "licence"), source.licence),
                (self._word("形式の定義", "format"), source.reference),
                (self._word("フィード", "feeds"), feeds),
            ]
            yield table(("", ""), [row for row in rows if row[1]])
            yield _block("", f"hinomi find {source.gives[0]}" if source.gives else "hinomi ingest")

    def _models(self) -> Iterator[str]:
        yield f"# {self._word('モデル(計算)', 'Models')}"
        for model in self._catalog.models.values():
            yield f"## {model.id}"
            yield f"**{self._say(model.title)}**"
            rows = [
                (self._word("版", "version"), model.version),
                (self._word("読むもの", "needs"), self._named(model.needs)),
                (self._word("できるもの", "gives"), self._named(model.gives)),
                (self._word("文献", "after"), model.reference),
                (self._word("限界", "limits"), self._say(model.limits)),
            ]
            yield table(("", ""), [row for row in rows if row[1]])

    def _products(self) -> Iterator[str]:
        yield f"# {self._word('プロダクト(出すもの)', 'Products')}"
        for product in self._catalog.products.values():
            yield f"## {product.id}"
            yield f"**{self._say(product.title)}**"
            needed = [self._catalog.collections.get(name) for name in product.needs]
            licences = {c.licence: None for c in needed if c is not None}
            rows = [
                (self._word("形式", "media type"), f"`{product.media_type}`"),
                (self._word("元になるもの", "made of"), self._named(product.needs)),
                (self._word("利用条件", "licences"), "; ".join(licences)),
            ]
            yield table(("", ""), [row for row in rows if row[1]])
            yield _block("", f"{SERVER}/products/{product.id}?status=exercise")

    def _acts(self) -> Iterator[str]:
        yield f"# {self._word('操作(人がすること)', 'Acts')}"
        yield self._word(
            "画面の入力欄はここから作られます。決まりは[acts](../acts.md)(英語)にあります。",
            "The page's forms are made of these. The rules: [acts](../acts.md).",
        )
        for act in self._all_acts():
            yield f"## {act.id}"
            yield f"**{self._say(act.title)}.** {self._say(act.text)}"
            role = self._say(ROLES[act.role]) if act.role in ROLES else act.role
            yield table(
                ("", ""),
                [
                    (self._word("対象", "acts on"), self._named([act.collection])),
                    (self._word("書くところ", "writes to"), self._named(act.writes())),
                    (self._word("できる人", "role"), role),
                ],
            )
            if act.inputs:
                head = (
                    self._word("項目", "input"),
                    self._word("名前", "called"),
                    self._word("種類", "kind"),
                )
                yield table(head, [self._input(box) for box in act.inputs])
            line = reference_examples.command(
                act.id, new=act.new, inputs=act.inputs, collection=act.collection
            )
            yield _block("", line)

    def _input(self, box: Any) -> tuple[str, str, str]:
        name = f"**`{box.name}`**" if box.required else f"`{box.name}`"
        choices = ", ".join(f"`{choice.value}` {self._say(choice.label)}" for choice in box.choices)
        kind = f"{box.kind} ×n" if box.many else box.kind
        return name, self._say(box.label), f"{kind}: {choices}" if choices else kind

    def _all_acts(self) -> Iterator[Act]:
        for domain in self._catalog.domains:
            for act in domain.acts:
                if isinstance(act, Act):
                    yield act


def _path(domain: Domain, collection: Collection) -> str:
    return f"{domain.id}/{collection.id}.md"


def _links(names: Iterable[tuple[str, str]]) -> str:
    """Return links to where other lists tell of the names; headings lose their full stops."""
    return ", ".join(f"[`{n}`](../{page}.md#{n.replace('.', '').lower()})" for n, page in names)


def _page(parts: Iterable[str]) -> str:
    return "\n\n".join(part.rstrip() for part in parts) + "\n"


def _block(language: str, text: str) -> str:
    return f"```{language}\n{text}\n```"


def _folded(title: str, text: str) -> str:
    inner = "\n".join(f"    {line}" for line in _block("json", text).splitlines())
    return f'??? note "{title}"\n{inner}'
