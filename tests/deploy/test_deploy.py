"""What deploy/ holds is what its readers take, and every option there is one of ours."""

import configparser
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from hinomi.apps.cli.serving import run_command
from hinomi.runtime.federation.following import WAIT_S
from hinomi.standards.batches import MAX_SEALED
from tests.runtime.federation.test_mutual_tls import certificate

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("hinomi*.service"))
PROXIES = [DEPLOY / name for name in ("nginx.conf", "nginx-three.conf", "nginx-partners.conf")]
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
VARIABLES = {
    "HINOMI_STORE", "HINOMI_NATS", "HINOMI_LOG", "PGPASSFILE", "PGPASSWORD",
}  # fmt: skip


class Unit(configparser.RawConfigParser):
    """systemd's files: names keep their case, and some are given more than once."""

    def optionxform(self, optionstr: str) -> str:
        return optionstr


def read(path: Path) -> dict[str, dict[str, str]]:
    unit = Unit(strict=False, interpolation=None)
    unit.read(path, encoding="utf-8")
    return {name: dict(unit[name]) for name in unit.sections()}


def options(words: list[str]) -> dict[str, Any]:
    """Return the options as ``hinomi run`` takes them; a wrong one is a usage error."""
    assert words[0] == "run"
    with run_command.make_context("run", words[1:]) as context:
        return dict(context.params)


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_starts_hinomi_with_options_that_it_has(path: Path) -> None:
    service = read(path)["Service"]
    program, *words = shlex.split(service["ExecStart"].replace("%i", "1"))
    assert program.endswith("/hinomi")
    found = options(words)
    role = re.fullmatch(r"hinomi-?(\w*)@?\.service", path.name)
    assert role is not None
    assert found["role"] == (role[1] or "all")
    assert (service["Type"], service["User"]) == ("notify", "hinomi")
    # A drill begins by itself where nobody says otherwise; not on a server that is relied on.
    assert found["no_drill"]


def test_the_socket_belongs_to_the_api() -> None:
    socket = read(DEPLOY / "systemd/hinomi-api.socket")["Socket"]
    api = read(DEPLOY / "systemd/hinomi-api@.service")
    assert socket["Service"] == "hinomi-api@1.service"
    assert api["Service"]["Sockets"] == "hinomi-api.socket"


def test_systemd_finds_nothing_wrong() -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is not installed")
    for path in (*UNITS, DEPLOY / "systemd/hinomi-api.socket"):
        done = subprocess.run(
            [program, "verify", str(path)], check=False, capture_output=True, text=True
        )
        told = [
            line for line in (done.stdout + done.stderr).splitlines()
            if "hinomi" in line and "is not executable" not in line
        ]  # fmt: skip
        assert told == [], path.name


@pytest.mark.parametrize("path", PROXIES, ids=lambda path: path.name)
def test_the_proxys_example_tells_who_calls_and_how_on_each_way(path: Path) -> None:
    """At the server, so for each way: a ``proxy_set_header`` in one of them would drop all."""
    server, *ways = path.read_text(encoding="utf-8").split("\n    location ")
    assert ways
    for header in ("Host $http_host", "X-Forwarded-For $proxy_add_x", "X-Forwarded-Proto $"):
        assert f"proxy_set_header {header}" in server
    assert "proxy_set_header" not in "".join(ways)
    assert "client_max_body_size" in server


def test_nobody_waits_for_a_change_behind_a_proxy_that_gathers() -> None:
    """The stream of changes is not gathered, and may be silent for longer than a minute."""
    for path in PROXIES[:2]:
        stream = path.read_text(encoding="utf-8").split("location = /changes/stream")[1]
        assert "proxy_buffering off" in stream
        assert "proxy_read_timeout 1h" in stream
    assert "Strict-Transport-Security" in PROXIES[0].read_text(encoding="utf-8")


def test_partners_batches_and_questions_pass_their_proxy() -> None:
    text = PROXIES[2].read_text(encoding="utf-8")
    told = re.search(r"client_max_body_size\s+(\d+)m;", text)
    assert told is not None
    assert int(told[1]) * 1024 * 1024 >= MAX_SEALED
    patience = re.search(r"proxy_read_timeout (\d+)s;", text)
    assert patience is not None
    assert float(patience[1]) > WAIT_S + 20


@pytest.mark.parametrize("path", PROXIES, ids=lambda path: path.name)
def test_nginx_takes_its_settings(path: Path, tmp_path: Path) -> None:
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        assert "CI" not in os.environ, "nginx is not installed: apt-get install nginx-light"
        pytest.skip("nginx is not installed")
    both = certificate(tmp_path / "both.pem", "node")
    for name in ("tls.crt", "tls.key", "node.crt", "node.tls.key", "partners-ca.crt"):
        shutil.copy(both, tmp_path / name)
    text = path.read_text(encoding="utf-8").replace("/etc/hinomi/", f"{tmp_path}/")
    # Names of servers that are not there would be looked up.
    text = re.sub(r"\bapp\d:", "127.0.0.1:", text)
    rooms = "".join(f"{kind}_temp_path {tmp_path}/{kind};" for kind in TEMPORARY)
    conf = tmp_path / "nginx.conf"
    conf.write_text(
        f"pid {tmp_path}/pid; error_log {tmp_path}/error.log; events {{}}\n"
        f"http {{ access_log off; {rooms}\n{text}\n}}\n",
        encoding="utf-8",
    )
    done = subprocess.run([program, "-t", "-c", conf], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "[warn]" not in done.stderr


def test_the_environment_names_only_what_is_read() -> None:
    rows = (DEPLOY / "systemd/hinomi.env").read_text(encoding="utf-8").splitlines()
    named = {row.partition("=")[0] for row in rows if row and not row.startswith("#")}
    assert named <= VARIABLES


def test_compose_runs_each_role_once_and_waits_for_what_it_needs() -> None:
    told = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    services = told["services"]
    ours = {name: one for name, one in services.items() if "command" in one and "build" in one}
    found = {name: options([str(word) for word in one["command"]]) for name, one in ours.items()}
    roles = {name: one["role"] for name, one in found.items()}
    assert all(one["no_drill"] for one in found.values())
    assert roles == {"api": "api", "ingest": "ingest", "models": "models"}
    for one in ours.values():
        assert set(one["depends_on"]) <= services.keys()
        assert set(one["environment"]) <= VARIABLES
        assert {name.partition(":")[0] for name in one["volumes"]} <= told["volumes"].keys()
    # The log of NATS is synced: its default loses what it acknowledged when the power goes.
    assert "sync_interval: always" in told["configs"]["nats"]["content"]


@pytest.mark.parametrize("source", ["nats.conf", "compose.yaml"])
def test_nats_takes_its_settings(source: str, tmp_path: Path) -> None:
    text = (DEPLOY / source).read_text(encoding="utf-8")
    if source == "compose.yaml":
        text = yaml.safe_load(text)["configs"]["nats"]["content"]
    conf = tmp_path / "nats.conf"
    conf.write_text(text.replace("$HOSTNAME", "app1"), encoding="utf-8")
    program = Path(sys.executable).with_name("nats-server")
    done = subprocess.run([program, "-t", "-c", str(conf)], check=False, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
