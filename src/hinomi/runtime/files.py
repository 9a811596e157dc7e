"""Files, folders and archives as payloads: bounded, streamed, nothing of an archive on the disk."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TypeAlias

import msgspec

from hinomi.kernel.errors import InputError, MissingError, Problem, Text
from hinomi.kernel.ports import Payload
from hinomi.runtime import archives
from hinomi.runtime.archives import Member, Refusal
from hinomi.runtime.unpacking import Limits

Item: TypeAlias = Payload | Refusal
Taken: TypeAlias = Callable[[Payload], bool]
"""Tells whether a source takes a payload whole (a zip package that is a format of its own)."""


class Listed(msgspec.Struct, frozen=True):
    """What a path came to: its files and how many bytes they have [B]."""

    files: tuple[Path, ...]
    size_bytes: int


def list_files(paths: Sequence[Path]) -> Listed:
    """Return the files below the paths, folders by name; hidden files are left out.

    Raises:
        MissingError: a path is not there.
        InputError: a path is neither a file nor a folder.
    """
    found: list[Path] = []
    for path in paths:
        if not path.exists():
            near = [str(p) for p in path.parent.iterdir()] if path.parent.is_dir() else []
            raise MissingError(Text("ファイル", "file or folder"), str(path), near)
        if path.is_file():
            found.append(path)
        elif path.is_dir():
            found.extend(below(path))
        else:
            raise InputError(
                f"{path} is neither a file nor a folder.",
                f"{path}はファイルでもフォルダでもありません。",
            )
    return Listed(tuple(found), sum(p.stat().st_size for p in found))


def payloads(
    path: Path, *, taken: Taken, now: datetime, limits: Limits | None = None
) -> Iterator[Item]:
    """Yield the payloads of one file: itself, or the members of an archive.

    What cannot be read, or must not be (``..`` in a name, a bomb), comes as a Refusal with its
    place; the other members go on.
    """
    limits = limits or Limits()
    address, name = readable(path.resolve()), readable(Path(path.name))
    try:
        size = path.stat().st_size
        modified = min(datetime.fromtimestamp(path.stat().st_mtime, UTC), now)
        with path.open("rb") as file:
            kind = archives.kind_of(file.read(archives.HEAD))
        if kind is None or kind == "zip":
            if size > limits.member_bytes and kind is None:
                yield archives.too_large(name, address, limits.member_bytes)
                return
            if size <= limits.member_bytes:
                whole = payload(path.read_bytes(), name, address, modified)
                if kind is None or _is_document(name) or taken(whole):
                    yield whole
                    return
        for member in archives.members(path, kind or "", name, limits):
            yield _member(member, address, modified, now)
    except OSError as error:
        yield Refusal(
            name,
            address,
            Problem(
                "intake.unreadable",
                address,
                Text(f"読み取れません: {error.strerror}", f"cannot be read: {error.strerror}"),
            ),
        )


def readable(path: Path) -> str:
    r"""Return a path as text: a name may be in Windows-31J, as old archives leave it, or anything.

    Example:
        >>> readable(Path(os.fsdecode(b"in/\x8e\x9e.csv")))
        'in/時.csv'
    """
    name = os.fsencode(path)
    for encoding in ("utf-8", "cp932"):
        try:
            return name.decode(encoding)
        except UnicodeDecodeError:
            continue
    return name.decode("utf-8", errors="replace")


def payload(data: bytes, name: str, address: str, taken_at: datetime) -> Payload:
    """Return bytes as a payload with their digest."""
    return Payload(
        data=data,
        name=name,
        address=address,
        digest=sha256(data).hexdigest(),
        taken_at=taken_at,
    )


def _member(member: Member | Refusal, outer: str, modified: datetime, now: datetime) -> Item:
    address = f"{outer}!/{member.path}"
    if isinstance(member, Refusal):
        return Refusal(member.name, address, member.problem.within(outer))
    at = min(member.modified or modified, now)
    return payload(member.data, member.path.rsplit("/", 1)[-1], address, at)


def below(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder, by name; hidden files and folders are left out."""
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(f for f in folders if not f.startswith("."))
        for name in sorted(names):
            path = Path(root) / name
            if not name.startswith(".") and path.is_file():
                yield path


def _is_document(name: str) -> bool:
    """Tell whether a file is a zip inside but one thing to people: a workbook, a wheel."""
    return name.lower().endswith((".xlsx", ".docx", ".pptx", ".ods", ".odt", ".jar", ".whl"))
