"""`simplr up` and what follows: every test works on a real installation with real processes."""

from __future__ import annotations

import json
import os
import signal
import socket
import ssl
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.store.house import House

from simplr.operations.start import processes

New = Callable[[], Any]


@pytest.fixture(scope="module")
def running(new_installation: New) -> Any:
    """One installation for the whole module, started from an empty folder."""
    simplr = new_installation()
    simplr.first = simplr.up("--port", "0", "--env", "test")
    return simplr


def everything_of(data: Path) -> list[int]:
    """The processes that belong to an installation: by folder, socket or environment."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                said = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
            except OSError:
                continue
            if str(data).encode() in said and processes.is_alive(int(entry.name)):
                found.append(int(entry.name))
    return found


def test_the_first_start_tells_address_sign_in_link_and_token(running: Any) -> None:
    first = running.first

    assert first["url"].startswith("http://localhost:")
    assert first["signin"].startswith(first["url"])
    assert first["token"]
    assert first["first_start"] is True
    assert running.status()["health"] == "ok"


def test_a_second_start_on_the_folder_is_refused_with_the_number_of_the_first(
    running: Any,
) -> None:
    done = running.run("up", "--detach", check=False)

    assert done.returncode == 5
    assert json.loads(done.stdout)["error"]["code"] == "already-running"
    assert str(running.supervisor()) in done.stderr


def test_a_taken_port_is_named_and_nothing_is_left_running(new_installation: New) -> None:
    simplr = new_installation()
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        done = simplr.run("up", "--detach", "--port", str(port), check=False)

    assert done.returncode == 5
    assert json.loads(done.stdout)["error"]["code"] == "port-taken"
    assert str(port) in done.stderr
    assert "port-taken" in done.stderr
    assert "failed" not in done.stderr
    assert everything_of(simplr.data) == []


def test_secrets_are_for_their_owner_alone(running: Any) -> None:
    for name in ("secret", "keys"):
        for path in (running.data / name).iterdir():
            assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    for socket_folder in (running.data / "run").iterdir():
        assert stat.S_IMODE(socket_folder.stat().st_mode) == 0o700, socket_folder


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has rights to give up")
def test_root_keeps_nothing_but_the_supervisor(running: Any) -> None:
    for part in ("postgres", "vault", "web", "worker"):
        owner = Path(f"/proc/{running.pid(part)}").stat().st_uid
        status = Path(f"/proc/{running.pid(part)}/status").read_text()
        assert "\nUid:\t0\t" not in status, part
        assert part == "vault" or owner != 0, part


def test_the_services_know_no_password_of_an_owner_or_superuser(running: Any) -> None:
    secrets = json.loads((running.data / "secret" / "databases.json").read_text())
    superuser = (running.data / "secret" / "postgres-superuser").read_text().strip()
    kept_back = [superuser, *(v for k, v in secrets.items() if k.endswith("_owner"))]

    for part in ("web", "worker"):
        said = Path(f"/proc/{running.pid(part)}/environ").read_text()
        assert secrets["simplr_app"] in said
        assert not any(secret in said for secret in kept_back), part


@pytest.mark.parametrize("part", ["postgres", "vault", "web", "worker"])
def test_a_part_that_is_killed_comes_back(running: Any, part: str) -> None:
    assert processes.wait_until(running.serves, seconds=30, every=0.3)
    killed = running.pid(part)

    os.kill(killed, signal.SIGKILL)

    assert processes.wait_until(
        lambda: running.pid(part) not in (0, killed) and running.serves(),
        seconds=30,
        every=0.3,
    )
    assert running.status()["parts"][part]["restarts"] >= 1


def test_doctor_finds_nothing_broken(running: Any) -> None:
    assert processes.wait_until(running.serves, seconds=30, every=0.3)

    def healthy() -> bool:
        # A new worker gives its first sign of life a moment after it is started.
        return bool(json.loads(running.run("doctor", check=False).stdout)["healthy"])

    assert processes.wait_until(healthy, seconds=40, every=1)


def test_doctor_tells_what_is_open_to_others_and_how_to_mend_it(running: Any) -> None:
    loose = running.data / "secret" / "databases.json"
    loose.chmod(0o644)
    try:
        done = running.run("doctor", check=False)
    finally:
        loose.chmod(0o600)

    assert done.returncode == 1
    found = [f for f in json.loads(done.stdout)["findings"] if f["severity"] == "error"]
    assert [f["check"] for f in found] == ["permissions"]
    assert str(loose) in found[0]["what"]
    assert "chmod" in found[0]["mend"]


def test_rebuilding_drops_what_people_made_and_gives_a_new_link(running: Any) -> None:
    planted = running.data / "objects" / "planted"
    planted.write_bytes(b"x")

    again = running.json("db", "rebuild", "--env", "test", "--yes", "--empty")

    assert not planted.exists()
    assert again["signin"]
    assert again["signin"] != running.first["signin"]
    assert again["url"] == running.first["url"]


def test_nothing_outlives_a_supervisor_that_is_killed(running: Any) -> None:
    assert processes.wait_until(running.serves, seconds=30, every=0.3)

    os.kill(running.supervisor(), signal.SIGKILL)

    assert processes.wait_until(lambda: everything_of(running.data) == [], seconds=5)
    again = running.up("--host", "simplr.example.org")
    assert again["first_start"] is False
    assert again["signin"] is None
    assert again["url"].rsplit(":", 1)[1].strip("/") == running.first["url"].rsplit(":", 1)[
        1
    ].strip("/")
    running.beyond = again


def test_a_name_beyond_localhost_is_served_by_tls_with_our_own_certificate(running: Any) -> None:
    facts = running.beyond
    trusted = ssl.create_default_context(cadata=_certificate_of(running.data))
    port = int(facts["url"].rsplit(":", 1)[1])
    with (
        socket.create_connection(("127.0.0.1", port), timeout=10) as plain,
        trusted.wrap_socket(plain, server_hostname="simplr.example.org") as caller,
    ):
        shown = caller.getpeercert(binary_form=True)
        caller.sendall(b"GET /api/v1/health HTTP/1.0\r\nHost: simplr.example.org\r\n\r\n")
        assert b" 200 OK" in caller.recv(4096).splitlines()[0]
    assert shown is not None
    assert facts["url"].startswith("https://simplr.example.org:")
    assert facts["certificate_self_signed"] is True
    finding = next(f for f in running.json("doctor")["findings"] if f["check"] == "tls")
    assert facts["certificate_fingerprint"] in finding["what"]


def _certificate_of(data: Path) -> str:
    return (data / "secret" / "tls-certificate.pem").read_text()


def test_a_stopped_installation_leaves_no_process_and_says_so(running: Any) -> None:
    assert running.json("down")["stopped"] is True

    assert everything_of(running.data) == []
    assert running.run("status", check=False).returncode == 7
    assert running.json("down")["stopped"] is False


@pytest.mark.prove
@pytest.mark.skipif(os.geteuid() != 0, reason="the other tests are an ordinary user's then")
def test_an_ordinary_user_runs_everything_as_himself(
    new_installation: New, as_ordinary_user: Callable[[], None]
) -> None:
    simplr = new_installation()
    simplr.data.parent.chmod(0o777)
    simplr.enter = as_ordinary_user

    facts = simplr.up("--port", "0")

    assert facts["health"] == "ok"
    assert facts["environment"] == "production"
    for part in ("postgres", "vault", "web", "worker"):
        status = Path(f"/proc/{simplr.pid(part)}/status").read_text()
        assert "\nUid:\t65534\t65534" in status, part
        assert "\nNoNewPrivs:\t1" in status, part
    house = House(simplr, facts["url"], facts["signin"], facts["token"])
    sent = house.put(house.project("Alone"), "trees.csv", b"tree,height\noak,12\nlime,9\n")
    assert house.keep(sent["id"])["state"] == "kept", "a sandboxed child needs no right either"
    simplr.run("down")


@pytest.mark.prove
def test_an_existing_installation_is_ready_within_five_seconds(running: Any) -> None:
    running.run("down")

    assert running.up("--host", "localhost")["seconds"] <= 5
