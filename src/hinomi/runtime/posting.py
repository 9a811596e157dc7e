"""HTTP: a package posted to whom it is for, whole, with a key from a file."""

from __future__ import annotations

from pathlib import Path

import httpx

from hinomi.kernel.errors import InputError, UnavailableError
from hinomi.runtime import answers
from hinomi.runtime.config import Login

TIMEOUT_S = 60.0
_MOST_TOLD = 200


def post(url: str, login: Login, name: str, data: bytes) -> None:
    """Post a package to an address; return once it was taken.

    Raises:
        InputError: the key's file cannot be read.
        UnavailableError: nobody is there, or it was not taken; the answer's beginning is told.
    """
    headers = {
        "Content-Type": "application/zip",
        "Content-Disposition": f'attachment; filename="{name}"',
    }
    if login.password_file:
        key = _key(Path(login.password_file))
        bearer = login.header.lower() == "authorization"
        headers[login.header] = f"Bearer {key}" if bearer else key
    try:
        # No redirect is followed: the key is for this address alone.
        with httpx.stream("POST", url, content=data, headers=headers, timeout=TIMEOUT_S) as answer:
            told = (
                b"" if answer.is_success else answers.read(answer, _MOST_TOLD, TIMEOUT_S, cut=True)
            )
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        why = str(error) or type(error).__name__
        raise UnavailableError(f"{url}: {why}", f"{url}に届きません: {why}") from error
    if not answer.is_success:
        said = f"{answer.status_code} {told.decode(errors='replace')}"
        raise UnavailableError(f"{url} answered {said}", f"{url}が受け取りません: {said}")


def _key(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise InputError(
            f"{path}: {error.strerror}", f"{path}を読めません: {error.strerror}"
        ) from error
