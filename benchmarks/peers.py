"""The peers, installed by the bench itself into .bench: pygeoapi and TiPg, given the same rows."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks import sites

HOME = sites.ROOT / ".bench"
PEERS = {
    "pygeoapi": [
        "pygeoapi==0.21.0",
        "gunicorn",
        "psycopg2-binary",
        "sqlalchemy<2.1",
        "geoalchemy2",
    ],
    "tipg": ["tipg==1.6.1", "uvicorn"],
}
COLUMNS = {
    "NO": "no", "共通ID": "common_id", "都道府県名及び市町村名": "municipality",
    "施設・場所名": "name", "住所": "address", "洪水": "flood",
    "崖崩れ、土石流及び地滑り": "landslide", "高潮": "surge", "地震": "quake", "津波": "tsunami",
    "大規模な火事": "fire", "内水氾濫": "inland", "火山現象": "volcano", "備考": "remark",
}  # fmt: skip


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def python_of(peer: str) -> Path:
    """Return the interpreter of a peer's environment, made on first use."""
    python = HOME / peer / "bin" / "python"
    if not python.exists():
        # Debian's own interpreter can load SQLite extensions; pyenv builds often cannot.
        base = "/usr/bin/python3" if Path("/usr/bin/python3").exists() else sys.executable
        if subprocess.run([base, "-c", "import ensurepip, venv"], check=False).returncode:
            base = sys.executable
        subprocess.run([base, "-m", "venv", HOME / peer], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *PEERS[peer]], check=True)
    return python


def wait_for(url: str, process: subprocess.Popen[bytes], seconds: float = 90) -> None:
    for _ in range(int(seconds / 0.2)):
        if process.poll() is not None:
            raise RuntimeError(f"{url}: the server ended with {process.returncode}")
        try:
            urllib.request.urlopen(url, timeout=5).read()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise RuntimeError(f"{url}: no answer")


@contextmanager
def running(command: list[Any], url: str, log: Path, **env: str) -> Iterator[int]:
    """Run a server in its own process group until the block ends; yields its pid."""
    with log.open("wb") as out:
        process = subprocess.Popen(
            [str(c) for c in command], stdout=out, stderr=out, start_new_session=True,
            env={**os.environ, **env}, cwd=log.parent,
        )  # fmt: skip
    try:
        wait_for(url, process)
        yield process.pid
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def postgres_bin() -> Path | None:
    """Return the folder of PostgreSQL's programs where PostGIS is installed too."""
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if list(
            Path(f"/usr/share/postgresql/{folder.parent.name}/extension").glob("postgis.control")
        ):
            return folder
    return None


@contextmanager
def postgres(folder: Path) -> Iterator[tuple[str, int]]:
    """Start a cluster of our own with the sites table; yields its URL and pid."""
    programs = postgres_bin()
    if programs is None:
        raise RuntimeError("PostgreSQL with PostGIS is not installed")
    port = free_port()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    as_user: list[str] = []
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
        as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    options = (
        f"-k {folder} -p {port} -c listen_addresses=127.0.0.1 -c shared_buffers=1GB"
        " -c max_connections=60"
    )
    start = [*as_user, programs / "initdb", "-D", folder / "db", "-U", "bench", "-A", "trust"]
    subprocess.run(start, check=True, stdout=subprocess.DEVNULL, cwd="/")
    control = [*as_user, programs / "pg_ctl", "-D", folder / "db", "-w", "-l", folder / "log"]
    subprocess.run(
        [*control, "-o", options, "start"], check=True, stdout=subprocess.DEVNULL, cwd="/"
    )
    try:
        url = f"postgresql://bench@127.0.0.1:{port}/postgres"
        _fill(url)
        yield url, int((folder / "db" / "postmaster.pid").read_text().splitlines()[0])
    finally:
        subprocess.run(
            [*control, "-m", "fast", "stop"], check=True, stdout=subprocess.DEVNULL, cwd="/"
        )


def _fill(url: str) -> None:
    columns = ", ".join(f"{c} {'integer' if c == 'no' else 'text'}" for c in COLUMNS.values())
    script = (
        "create extension postgis;"
        f"create table sites (id serial primary key, {columns}, geom geometry(Point, 4326));"
    )
    subprocess.run(["psql", "-q", url, "-c", script], check=True)
    names = ", ".join([*COLUMNS.values(), "geom"])
    copy = subprocess.Popen(
        ["psql", "-q", url, "-c", f"copy sites ({names}) from stdin"],
        stdin=subprocess.PIPE,
        text=True,
    )
    if copy.stdin is None:
        raise RuntimeError("psql has no standard input")
    for feature in sites.features():
        values = [_text(feature["properties"].get(c)) for c in COLUMNS]
        west, south = feature["geometry"]["coordinates"][:2]
        copy.stdin.write("\t".join([*values, f"SRID=4326;POINT({west} {south})"]) + "\n")
    copy.stdin.close()
    if copy.wait():
        raise RuntimeError("copying the sites failed")
    subprocess.run(
        [
            "psql",
            "-q",
            url,
            "-c",
            "create index on sites using gist (geom)",
            "-c",
            "vacuum analyze sites",
        ],
        check=True,
    )


def _text(value: object) -> str:
    return (
        "\\N"
        if value is None
        else str(value).replace("\\", "\\\\").replace("\t", " ").replace("\n", " ")
    )


def geopackage(path: Path) -> None:
    """Write the rows as a GeoPackage with GDAL (pyogrio)."""
    import pyogrio

    source = path.with_suffix(".geojsonl")
    with source.open("w", encoding="utf-8") as out:
        for number, feature in enumerate(sites.features(), start=1):
            row = {c: feature["properties"].get(j) for j, c in COLUMNS.items()}
            made = {
                "type": "Feature",
                "id": number,
                "geometry": feature["geometry"],
                "properties": row,
            }
            out.write(json.dumps(made, ensure_ascii=False) + "\n")
    path.unlink(missing_ok=True)
    meta, _, geometry, fields = pyogrio.raw.read(source)
    pyogrio.raw.write(
        path, geometry, fields, meta["fields"], layer="sites", driver="GPKG", crs="EPSG:4326",
        geometry_type="Point",
    )  # fmt: skip
    source.unlink()


def pygeoapi_config(folder: Path, port: int, provider: dict[str, Any]) -> Path:
    """Write pygeoapi's configuration (YAML is a superset of JSON)."""
    base = f"http://127.0.0.1:{port}"
    text = {"en": "sites"}
    config = {
        "server": {
            "bind": {"host": "127.0.0.1", "port": port}, "url": base,
            "mimetype": "application/json",
            "encoding": "utf-8", "gzip": False, "languages": ["en-US"], "pretty_print": False,
            "limits": {"default_items": 10, "max_items": 10000},
            "map": {"url": "http://127.0.0.1/{z}/{x}/{y}.png", "attribution": "none"},
        },
        "logging": {"level": "ERROR"},
        "metadata": {
            "identification": {
                "title": text, "description": text, "keywords": {"en": ["bench"]},
                "keywords_type": "theme", "terms_of_service": "none", "url": base,
            },
            "license": {"name": "none", "url": base},
            "provider": {"name": "bench", "url": base},
            "contact": {"name": "bench", "email": "bench@localhost"},
        },
        "resources": {
            "sites": {
                "type": "collection", "title": text, "description": text, "keywords": {"en": ["x"]},
                "links": [], "extents": {"spatial": {"bbox": [122, 20, 154, 46]}},
                "providers": [provider],
            }
        },
    }  # fmt: skip
    path = folder / "pygeoapi.yml"
    path.write_text(json.dumps(config))
    return path


@contextmanager
def pygeoapi(folder: Path, provider: dict[str, Any]) -> Iterator[tuple[str, int]]:
    """Serve the rows with pygeoapi under gunicorn, two workers; yields base URL and pid."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    python = python_of("pygeoapi")
    config = pygeoapi_config(folder, port, provider)
    openapi = folder / "openapi.yml"
    env = {"PYGEOAPI_CONFIG": str(config), "PYGEOAPI_OPENAPI": str(openapi)}
    with openapi.open("w") as out:
        subprocess.run(
            [python.parent / "pygeoapi", "openapi", "generate", config],
            check=True, stdout=out, env={**os.environ, **env},
        )  # fmt: skip
    command = [
        python.parent / "gunicorn", "-w", "2", "-b", f"127.0.0.1:{port}", "pygeoapi.flask_app:APP"
    ]  # fmt: skip
    base = f"http://127.0.0.1:{port}"
    with running(command, f"{base}/?f=json", folder / "log", **env) as pid:
        yield base, pid


@contextmanager
def tipg(folder: Path, url: str) -> Iterator[tuple[str, int]]:
    """Serve the rows with TiPg under uvicorn, two workers; yields base URL and pid."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    command = [
        python_of("tipg"), "-m", "uvicorn", "tipg.main:app", "--port", port, "--workers", "2",
        "--log-level", "warning",
    ]  # fmt: skip
    base = f"http://127.0.0.1:{port}"
    env = {"DATABASE_URL": url, "TIPG_MAX_FEATURES_PER_QUERY": "10000"}
    with running(command, f"{base}/collections?f=json", folder / "log", **env) as pid:
        yield base, pid


def postgis_provider(url: str) -> dict[str, Any]:
    """Return pygeoapi's provider for the sites in PostGIS."""
    port = int(url.rsplit(":", 1)[1].split("/")[0])
    return {
        "type": "feature", "name": "PostgreSQL", "id_field": "id", "table": "sites",
        "geom_field": "geom",
        "data": {
            "host": "127.0.0.1", "port": port, "dbname": "postgres", "user": "bench",
            "password": "x", "search_path": ["public"],
        },
    }  # fmt: skip


def geopackage_provider(path: Path) -> dict[str, Any]:
    """Return pygeoapi's provider for the sites in a GeoPackage."""
    return {
        "type": "feature",
        "name": "SQLiteGPKG",
        "data": str(path),
        "id_field": "fid",
        "table": "sites",
    }
