"""JSON Patch (RFC 6902) on an entity's properties: add, replace, remove."""

from __future__ import annotations

from typing import Any

import msgspec

from hinomi.kernel.errors import DataError, Problem, Text

MAX_OPERATIONS = 1_000


class _Operation(msgspec.Struct):
    op: str
    path: str
    value: Any = None


def apply_patch(entity: dict[str, Any], data: bytes) -> dict[str, Any]:
    """Return the members that a patch changes, as they are after it.

    Raises:
        DataError: no patch, an operation that is not known, or a path that leads nowhere.
    """
    try:
        operations = msgspec.json.decode(data, type=list[_Operation])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _refused("", f"no JSON Patch ({error})") from None
    if len(operations) > MAX_OPERATIONS:
        raise _refused("", f"more than {MAX_OPERATIONS} operations")
    whole = msgspec.json.decode(msgspec.json.encode(entity))
    touched: set[str] = set()
    for number, operation in enumerate(operations):
        parts = [p.replace("~1", "/").replace("~0", "~") for p in operation.path.split("/")[1:]]
        if not parts or operation.op not in {"add", "replace", "remove"}:
            raise _refused(f"/{number}", "expected add, replace or remove, and a path")
        _apply(whole, parts, operation, f"/{number}")
        touched.add(parts[0])
    return {name: whole.get(name) for name in touched}


def _apply(whole: dict[str, Any], parts: list[str], operation: _Operation, path: str) -> None:
    inside: Any = whole
    for part in parts[:-1]:
        if not isinstance(inside, dict) or part not in inside:
            raise _refused(path, "the path leads nowhere")
        inside = inside[part]
    if not isinstance(inside, dict) or (operation.op == "remove" and parts[-1] not in inside):
        raise _refused(path, "the path leads nowhere")
    if operation.op == "remove":
        del inside[parts[-1]]
    else:
        inside[parts[-1]] = operation.value


def _refused(path: str, en: str) -> DataError:
    text = Text(f"JSON Patchを適用できません({en})", en)
    return DataError([Problem("sensorthings.patch", path, text)])
