"""``hinomi act``: what people of a headquarters do, from the command line."""

from __future__ import annotations

import uuid
from typing import Any

import click
import msgspec

from hinomi.apps.cli.shell import Shell, common, help_text
from hinomi.kernel.errors import InputError
from hinomi.kernel.marking import OPERATOR, Principal, Status
from hinomi.kernel.reader import statuses
from hinomi.runtime import config
from hinomi.runtime.acting import act_of, acts
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.people import checked_name
from hinomi.runtime.socket import Perform
from hinomi.vocabulary.acts import COMMANDER, Act, Input


@click.command(
    "act",
    help=help_text(
        "操作を一覧し、行います。例: hinomi act response.write-entry text=堤防で漏水 kind=report",
        "List what can be done, or do it: hinomi act response.write-entry text=... kind=report",
    ),
)
@click.argument("name", required=False, metavar="[ACT]")
@click.argument("words", nargs=-1, metavar="[KEY] [FIELD=VALUE]...")
@click.option(
    "--status",
    type=click.Choice([s.value for s in Status]),
    default=Status.ACTUAL.value,
    show_default=True,
    help=help_text("通常・訓練・試験", "actual, exercise or test."),
)
@click.option("--person", help=help_text("記録に残す名前", "The name that is recorded."))
@common
def act_command(
    shell: Shell, name: str | None, words: tuple[str, ...], status: str, person: str | None
) -> None:
    """List the acts, or do one."""
    catalog = default_catalog()
    if name is None:
        _list(shell, list(acts(catalog).values()))
        return
    act = act_of(catalog, name)
    key, values = _split(act, words)
    principal = _who(shell, person)
    expected = ""
    if not act.new:
        reader = shell.service().reader(principal, status=statuses(status))
        expected = reader.get(act.collection, key).id
    wish = Perform(
        act=act.id,
        id=uuid.uuid4().hex,
        principal=principal,
        status=Status(status),
        key=key,
        expected=expected,
        values=values,
    )
    from hinomi.runtime.desk import open_desk  # noqa: PLC0415

    desk = open_desk(shell.data, "act")
    try:
        put = desk.perform(wish)
    finally:
        desk.close()
    if shell.as_json:
        shell.give({"records": put.ids, "position": put.position})
    for record in put.ids:
        shell.say(f"記録しました: {record}", f"Recorded: {record}")


def _who(shell: Shell, person: str | None) -> Principal:
    """Return the local operator under the name given, or whoever ``--as`` says."""
    principal = shell.principal()
    if principal != OPERATOR:
        return principal
    own = config.read(shell.data).organisation
    return msgspec.structs.replace(
        OPERATOR,
        name=checked_name(person) if person else OPERATOR.name,
        organisations=(own, "*"),
        roles=(COMMANDER,),
    )


def _split(act: Act, words: tuple[str, ...]) -> tuple[str, dict[str, Any]]:
    """Return the key and the values: a word with ``=`` after an input's name is a value."""
    boxes = {box.name: box for box in act.inputs}
    keys: list[str] = []
    values: dict[str, Any] = {}
    for word in words:
        name, sign, text = word.partition("=")
        if sign and name in boxes:
            values[name] = _value(boxes[name], text)
        elif sign and name.isidentifier():
            values[name] = text  # The form tells that there is no such box.
        else:
            keys.append(word)
    if len(keys) != (0 if act.new else 1):
        raise InputError(
            f"{act.id} takes {'no key' if act.new else 'the key of one item'}; found {keys}.",
            f"{act.id}の対象のキーは{'不要' if act.new else '1つ'}です。",
        )
    return (keys[0] if keys else ""), values


def _value(box: Input, text: str) -> Any:
    if box.many:
        return [part.strip() for part in text.replace("、", ",").split(",")]
    if box.kind == "place" and text:
        try:
            return msgspec.json.decode(text)
        except msgspec.DecodeError:
            raise InputError(
                f"{box.name} is GeoJSON.", f"{box.name}はGeoJSONで書いてください。"
            ) from None
    return text


def _list(shell: Shell, found: list[Act]) -> None:
    if shell.as_json:
        shell.give([{"id": a.id, "title": a.title, "text": a.text, "collection": a.collection,
                     "new": a.new, "role": a.role, "inputs": a.inputs} for a in found])  # fmt: skip
        return
    columns = ("操作", "内容", "項目") if shell.language == "ja" else ("act", "does", "fields")
    rows = (
        (
            act.id,
            shell.of(act.text),
            " ".join(f"{box.name}{'*' if box.required else ''}" for box in act.inputs),
        )
        for act in found
    )
    shell.table(columns, rows)
