"""What the processes tell of themselves: counts and durations for Prometheus, spans for traces.

Both are extras (``hinomi[metrics]``, ``hinomi[traces]``): without them nothing is measured and
nothing is loaded. The processes of one server (writer, web workers) count in files of one folder,
so that whichever worker is asked gives the sum of all.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from hinomi.kernel.errors import HinomiError, UnavailableError

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer
    from prometheus_client import Histogram
    from prometheus_client.core import GaugeMetricFamily

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
TEXT = "text/plain; version=0.0.4; charset=utf-8"
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_OTEL = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")

Observe = Callable[[float], None]

_TOGETHER = 64
"""So many pieces of work are counted in one go: 0.2 ms."""


class _Extras:
    """The libraries, once they are loaded."""

    seconds: Histogram | None = None
    tracer: Tracer | None = None
    made: dict[tuple[str, str, str], Observe] = {}  # noqa: RUF012 - one for the process
    waiting: deque[tuple[str, str, str, float]] = deque()  # noqa: RUF012 - one for the process


def own_folder() -> Path | None:
    """Make the folder in which this server's processes count; None without the library."""
    if find_spec("prometheus_client") is None:
        return None
    memory = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
    room = memory if os.access(memory, os.W_OK) else None
    folder = Path(tempfile.mkdtemp(prefix="hinomi-metrics-", dir=room))
    os.environ[VARIABLE] = str(folder)
    return folder


def forget(folder: Path | None) -> None:
    """Remove the folder."""
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)
        if os.environ.get(VARIABLE) == str(folder):
            del os.environ[VARIABLE]


def set_up(part: str) -> None:
    """Begin to measure in this process, where the extras are and somebody wants them."""
    if os.environ.get(VARIABLE):
        # Imported here: the folder has to be named first, and others need none of it.
        from prometheus_client import CollectorRegistry, Histogram  # noqa: PLC0415

        _Extras.seconds = Histogram(
            "hinomi_seconds",
            "How long work took, by the part that did it, its name and how it ended.",
            ("part", "name", "result"),
            buckets=_BUCKETS,
            registry=CollectorRegistry(),
        )
        _Extras.made.clear()
    if any(os.environ.get(name) for name in _OTEL) and find_spec("opentelemetry.sdk") is not None:
        _export(part)


def _export(part: str) -> None:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415
        OTLPSpanExporter,
    )
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    provider = TracerProvider(resource=Resource.create({"service.name": f"hinomi-{part}"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace_with(provider.get_tracer("hinomi"))


def trace_with(tracer: Tracer | None) -> None:
    """Give the spans to a tracer from now on; None gives them to nobody."""
    _Extras.tracer = tracer


@contextmanager
def observed(
    part: str, name: str, *, hop: int, headers: Mapping[str, str] | None = None
) -> Iterator[None]:
    """Measure a piece of work: its duration, how it ended, and a span with the record's hop.

    ``headers`` may carry the W3C ``traceparent`` of whoever asked for it.
    """
    if _Extras.seconds is None and _Extras.tracer is None:
        yield
        return
    start = time.perf_counter()
    result = "fault"
    try:
        with _span(f"{part} {name}", hop, headers):
            yield
        result = "done"
    except HinomiError:
        result = "refused"
        raise
    finally:
        observe(part, name, result, time.perf_counter() - start)


@contextmanager
def _span(title: str, hop: int, headers: Mapping[str, str] | None) -> Iterator[None]:
    tracer = _Extras.tracer
    if tracer is None:
        yield
        return
    from opentelemetry.propagate import extract  # noqa: PLC0415

    context = extract(headers) if headers else None
    with tracer.start_as_current_span(title, context=context, attributes={"hinomi.hop": hop}):
        yield


def carried() -> dict[str, str]:
    """Return the headers by which another process goes on with this thread's trace."""
    headers: dict[str, str] = {}
    if tracing():
        from opentelemetry.propagate import inject  # noqa: PLC0415

        inject(headers)
    return headers


def observe(part: str, name: str, result: str, seconds: float) -> None:
    """Count a piece of work and how long it took [s]."""
    histogram = _Extras.seconds
    if histogram is None:
        return
    labels = part, name, result
    made = _Extras.made.get(labels)
    if made is None:
        made = _Extras.made[labels] = histogram.labels(*labels).observe
    made(seconds)


def observe_soon(part: str, name: str, result: str, seconds: float) -> None:
    """Count as :func:`observe` does, together with others: alone it costs four times as much.

    Whoever uses it calls :func:`settle` from time to time, for the last of them.
    """
    if _Extras.seconds is None:
        return
    waiting = _Extras.waiting
    waiting.append((part, name, result, seconds))
    if len(waiting) >= _TOGETHER:
        settle()


def settle() -> None:
    """Count what waits; any thread may, at the same time as another."""
    with suppress(IndexError):
        while True:
            observe(*_Extras.waiting.popleft())


def counts() -> bool:
    """Tell whether this process counts: the library is installed, and the server was started so."""
    return bool(os.environ.get(VARIABLE))


def exposition(gauges: Iterable[tuple[str, str, float]]) -> bytes:
    """Return all that was measured here as Prometheus reads it, and what is so now.

    Args:
        gauges: name, what it means, value.

    Raises:
        UnavailableError: the library is not installed.
    """
    if not counts():
        raise UnavailableError(
            "Metrics need prometheus-client: pip install 'hinomi[metrics]'.",
            "計測にはprometheus-clientが必要です: pip install 'hinomi[metrics]'",
        )
    settle()
    from prometheus_client import CollectorRegistry, generate_latest  # noqa: PLC0415
    from prometheus_client.core import GaugeMetricFamily  # noqa: PLC0415
    from prometheus_client.multiprocess import MultiProcessCollector  # noqa: PLC0415

    class Now:
        def collect(self) -> Iterable[GaugeMetricFamily]:
            for name, text, value in gauges:
                yield GaugeMetricFamily(f"hinomi_{name}", text, value)

    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    registry.register(Now())
    return generate_latest(registry)


def headers_of(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return the headers of a request that tell which trace it belongs to."""
    wanted = (b"traceparent", b"tracestate")
    return {name.decode(): value.decode("latin-1") for name, value in raw if name in wanted}


def resident_bytes() -> float:
    """Return the memory that this process holds [B]."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return float(pages * os.sysconf("SC_PAGE_SIZE"))


def measuring() -> bool:
    """Tell whether anybody measures."""
    return _Extras.seconds is not None or _Extras.tracer is not None


def tracing() -> bool:
    """Tell whether anybody takes spans."""
    return _Extras.tracer is not None


def reset() -> None:
    """Stop measuring."""
    settle()
    _Extras.seconds, _Extras.tracer = None, None
    _Extras.made.clear()
