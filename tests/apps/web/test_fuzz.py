"""Schemathesis on every address of the full catalogue, with and without credentials.

The store is full of marked canaries: whatever a strange request brings out is searched for what is
above the caller's marking, and no answer is a fault. Short in the test command; ``make fuzz`` gives
it more time.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings

from tests.apps.web.canaries import CALLERS, CANARY, SEES, Town, unpacked

SECONDS = float(os.environ.get("HINOMI_FUZZ_SECONDS", "45")) / 10
"""For each caller."""
ENDLESS = ("/changes/stream",)
"""Answers that do not end: ``test_canaries.py`` reads them."""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    found = Town(tmp_path_factory.mktemp("fuzz"))
    yield found
    if found.service.audit is not None:
        found.service.audit.close()


def served(town: Town) -> Any:
    """Return the app as Starlette's test client calls it.

    Servers give pairs, it gives lists; and it ends the app with each client, ours goes on.
    """

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            for what in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{what}.complete"})
            return
        pairs = {name: tuple(scope[name]) for name in ("server", "client") if scope.get(name)}
        await town.app({**scope, **pairs}, receive, send)

    return app


@pytest.fixture(scope="module")
def operations(town: Town) -> list[Any]:
    schema = schemathesis.openapi.from_asgi("/api", served(town))
    found = [one.ok() for one in schema.get_all_operations()]
    return [one for one in found if one.path not in ENDLESS]


@pytest.mark.slow
@pytest.mark.parametrize("caller", CALLERS)
def test_no_strange_request_brings_out_a_fault_or_what_is_above_the_callers_marking(
    town: Town, operations: list[Any], caller: str
) -> None:
    assert len(operations) > 100
    headers = {} if caller == "anonymous" else {"x-api-key": f"hinomi_{caller}"}
    until = time.monotonic() + SECONDS
    random.Random(caller).shuffle(operations)
    asked: set[str] = set()
    for most in (1, 3, 10, 30, 100):
        # Every address once, whatever the time; then again and again while there is some left.
        for one in operations:
            if most > 1 and time.monotonic() > until:
                break
            _ask(town, one, caller, headers, most)
            asked.add(one.label)
    assert len(asked) == len(operations)


def _ask(town: Town, operation: Any, caller: str, headers: dict[str, str], most: int) -> None:
    @hypothesis.seed(most)
    @hypothesis.given(case=operation.as_strategy())
    @settings(
        max_examples=most, deadline=None, database=None, phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    def check(case: Any) -> None:
        answer = case.call(headers=headers, app=served(town))
        request = repr((case.path_parameters, case.query, case.body)).encode()
        data = unpacked(answer.content) + repr(dict(answer.headers)).encode()
        found = {m.decode() for m in CANARY.findall(data)}
        found -= {m.decode() for m in CANARY.findall(request)}
        place = f"{operation.label} {request[:300]!r}"
        assert answer.status_code < 500 or answer.status_code == 503, place
        assert found <= SEES[caller], place

    check()
