"""The API beside pygeoapi and TiPg on the same rows, in one run, boxes that never repeat."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from benchmarks import bare, load, ours, peers, sites
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.service import Service
from hinomi.stores.sqlite import SqliteStore

ROUNDS = 3
SECONDS = 4.0


class Server:
    """One server: how its questions are spelled, and the processes whose CPU counts."""

    def __init__(self, name: str, base: str, pids: list[int], items: str, count: str) -> None:
        self.name = name
        self.base = base
        self.pids = pids
        self.items = items
        self.count = count
        self.found: dict[str, list[dict[str, Any]]] = {}

    def paths(self, question: str, turn: int = 0) -> list[str]:
        """Return the paths of one kind of question for a turn; no box comes again in any other."""
        join = "&" if "?" in self.items else "?"
        boxes = sites.boxes(40_000, seed=1_000 * turn + len(question))
        bbox = [",".join(map(str, b)) for b in boxes]
        if question == "limit=10":
            return [f"{self.items}{join}limit=10&bbox={b}" for b in bbox]
        if question == "limit=100&bbox":
            return [f"{self.items}{join}limit=100&bbox={b}" for b in bbox]
        if question == "limit=100&bbox, counted":
            return [f"{self.items}{join}limit=100&bbox={b}{self.count}" for b in bbox]
        if question == "limit=1000":
            return [f"{self.items}{join}limit=1000&bbox={b}" for b in bbox]
        return self.single()

    def single(self) -> list[str]:
        """Return the addresses of single features, as the server itself names them."""
        join = "&" if "?" in self.items else "?"
        page = ours.get(f"{self.base}{self.items}{join}limit=1000")
        path, _, query = self.items.partition("?")
        tail = f"?{query}" if query else ""
        return [f"{path}/{feature['id']}{tail}" for feature in page["features"]]


QUESTIONS = ("limit=10", "limit=100&bbox", "limit=100&bbox, counted", "limit=1000", "single")


@contextmanager
def servers(work: Path) -> Iterator[list[Server]]:
    """Start all that can run here: ours always, the peers as far as their needs are installed."""
    with ExitStack() as stack:
        folder = work / "ours"
        ours.ingest_sites(folder)
        base, pid = stack.enter_context(ours.serving(folder, workers=2))
        found = [
            Server("hinomi", base, [pid], "/collections/response.sites/items?f=json", "&count=true")
        ]
        package = work / "sites.gpkg"
        peers.geopackage(package)
        base, pid = stack.enter_context(
            peers.pygeoapi(work / "pygeoapi-gpkg", peers.geopackage_provider(package))
        )
        found.append(
            Server("pygeoapi, GeoPackage", base, [pid], "/collections/sites/items?f=json", "")
        )
        if peers.postgres_bin() is not None:
            url, database = stack.enter_context(peers.postgres(work / "pg"))
            provider = peers.postgis_provider(url)
            base, pid = stack.enter_context(peers.pygeoapi(work / "pygeoapi-pg", provider))
            items = "/collections/sites/items?f=json"
            found.append(Server("pygeoapi, PostGIS", base, [pid, database], items, ""))
            base, pid = stack.enter_context(peers.tipg(work / "tipg", url))
            items = "/collections/public.sites/items?f=geojson"
            found.append(Server("TiPg, PostGIS", base, [pid, database], items, ""))
        yield found


def measure(
    work: Path, questions: Sequence[str] = QUESTIONS
) -> dict[str, dict[str, dict[str, Any]]]:
    """Return question -> server -> medians, the servers taking turns in each round."""
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    with servers(work) as running:
        for question in questions:
            for turn in range(ROUNDS):
                for server in running:
                    paths = server.paths(question, turn)
                    once = load.load(server.base, paths, server.pids, seconds=SECONDS)
                    server.found.setdefault(question, []).append(once)
        sizes = {question: size_of(running[0], question) for question in questions}
        found = {
            question: {server.name: _median(server.found[question]) for server in running}
            for question in questions
        }
        every = plain(running[0])
        asked = {question: every[question] for question in questions}
        alone = engine(work / "ours")
        served = bare.measure(work / "ours", sizes, SECONDS)
        together = bare.together(work / "ours", asked, SECONDS)
        for question in questions:
            found[question]["hinomi"] |= {
                "store_ms": alone[question],
                "server_ms": served[question],
                "both_ms": together[question],
            }
        return found


def plain(server: Server) -> dict[str, list[str]]:
    """Return the same questions as :class:`bare.Both` takes them."""
    found = {}
    for question, start in zip(QUESTIONS, ("10", "100", "100c", "1000"), strict=False):
        boxes = sites.boxes(20_000, seed=len(question))
        found[question] = [f"/{start}/{','.join(map(str, box))}" for box in boxes]
    found["single"] = [
        f"/key/{path.partition('?')[0].rsplit('/', 1)[1]}" for path in server.single()
    ]
    return found


def size_of(server: Server, question: str) -> int:
    """Return the mean size [bytes] of the answers to a question."""
    answers = [ours.body(f"{server.base}{path}") for path in server.paths(question)[:40]]
    return sum(map(len, answers)) // len(answers)


def engine(folder: Path) -> dict[str, float]:
    """Return the CPU [ms] that the store alone takes for each question's answer, one process.

    The same boxes and keys, asked of the store by the policy's reader: no server, no socket, no
    links. It is what the API could reach at most.
    """
    store = SqliteStore(folder, read_only=True)
    reader = Service(store, default_catalog()).reader()
    items = "response.sites"
    boxes = sites.boxes(600, seed=3)
    keys = [one.key for one in reader.find(items, limit=600).items]

    def page(limit: int) -> Callable[[int], object]:
        return lambda n: reader.features(items, bbox=boxes[n], limit=limit)  # type: ignore[arg-type]

    def counted(n: int) -> object:
        reader.count(reader.query(items, bbox=boxes[n]))  # type: ignore[arg-type]
        return reader.features(items, bbox=boxes[n], limit=100)  # type: ignore[arg-type]

    asked: tuple[Callable[[int], object], ...] = (
        page(10), page(100), counted, page(1000), lambda n: reader.get(items, keys[n]),
    )  # fmt: skip
    found = {}
    for question, ask in zip(QUESTIONS, asked, strict=True):
        for n in range(100):
            ask(n)
        before = time.process_time()
        for n in range(len(keys)):
            ask(n)
        found[question] = (time.process_time() - before) / len(keys) * 1e3
    store.close()
    return found


def _median(rounds: list[dict[str, Any]]) -> dict[str, Any]:
    ordered = sorted(rounds, key=lambda r: r["per_s"])
    return {**ordered[len(ordered) // 2], "errors": sum(r["errors"] for r in rounds)}
