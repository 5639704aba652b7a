"""The key agent as a real process: sealed start, restarts, strangers, and nothing to be seen."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import simplr.vault
from simplr.vault.agent import (
    AgentClient,
    AgentSealed,
    NoKeyAgent,
    TooManyTries,
    WrongRootKey,
)
from simplr.vault.keystores import FileKeyStore, write_root_key
from simplr_core.crypto import Key, KeyUnusable

SOURCE = Path(simplr.vault.__file__).parents[2]


class Agent:
    """A key agent started as its own process, in a run folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.socket = folder / "run" / "keys.sock"
        self.key_file = folder / "root.key"
        self.log = folder / "log"
        self.process: subprocess.Popen[bytes] | None = None
        self.client = AgentClient(self.socket, timeout_seconds=5)

    def start(self, *more: str, wait: bool = True) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "simplr.vault.agent", "--socket", str(self.socket)]
        command += ["--key-store", f"file:{self.key_file}", *more]
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(SOURCE)}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, env=environment, stderr=log)
        deadline = time.monotonic() + 20
        while wait and self.process.poll() is None and time.monotonic() < deadline:
            with contextlib.suppress(NoKeyAgent):
                self.client.status()
                break
            time.sleep(0.02)
        return self.process

    def kill(self, number: int = signal.SIGKILL) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(10)


@pytest.fixture
def agent() -> Iterator[Agent]:
    folder = Path(tempfile.mkdtemp(prefix="ka", dir="/tmp"))
    agent = Agent(folder)
    yield agent
    agent.client.close()
    if agent.process is not None and agent.process.poll() is None:
        agent.kill()
    shutil.rmtree(folder)


@pytest.fixture
def key(agent: Agent) -> Key:
    key = Key.generate()
    FileKeyStore(agent.key_file).create(key)
    return key


def events(agent: Agent) -> list[str]:
    return [json.loads(line)["event"]["action"] for line in agent.log.read_text().splitlines()]


def test_it_wraps_and_unwraps(agent: Agent, key: Key) -> None:
    agent.start()
    status = agent.client.status()
    assert not status.sealed
    assert status.root_key_id == key.id
    assert agent.process is not None
    assert status.pid == agent.process.pid
    project = Key.generate()
    wrapped = agent.client.wrap(project, aad=b"project 1")
    assert agent.client.unwrap(wrapped, aad=b"project 1") == project
    for aad in (b"", b"project 2"):
        with pytest.raises(KeyUnusable):
            agent.client.unwrap(wrapped, aad=aad)


def test_signing_keys_are_the_same_after_a_restart(agent: Agent, key: Key) -> None:
    agent.start()
    first = agent.client.derive_signing_seed("ledger")
    other = agent.client.derive_signing_seed("else")
    agent.kill()
    agent.start()
    again = agent.client.derive_signing_seed("ledger")
    assert again == first != other


def test_a_client_goes_on_after_the_agent_was_killed(agent: Agent, key: Key) -> None:
    agent.start()
    wrapped = agent.client.wrap(Key.generate(), aad=b"a")
    agent.kill(signal.SIGKILL)
    with pytest.raises(NoKeyAgent) as caught:
        agent.client.unwrap(wrapped, aad=b"a")
    assert caught.value.code == "no-key-agent"
    assert caught.value.status == 503
    agent.start(wait=False)
    deadline = time.monotonic() + 20
    while True:
        try:
            agent.client.unwrap(wrapped, aad=b"a")
            break
        except NoKeyAgent:
            assert time.monotonic() < deadline
            time.sleep(0.02)


def test_a_sealed_start_gives_nothing_until_it_is_unsealed(agent: Agent) -> None:
    key = Key.generate()
    agent.start("--expected-id", key.id)
    assert agent.client.status().sealed
    for ask in (
        lambda: agent.client.wrap(Key.generate(), aad=b""),
        lambda: agent.client.unwrap(bytes(61), aad=b""),
        lambda: agent.client.derive_signing_seed("ledger"),
    ):
        with pytest.raises(AgentSealed) as caught:
            ask()
        assert (caught.value.code, caught.value.status) == ("sealed", 503)
    with pytest.raises(WrongRootKey):
        agent.client.unseal(write_root_key(Key.generate()))
    agent.client.unseal(write_root_key(key))
    assert not agent.client.is_sealed()
    wrapped = agent.client.wrap(Key.generate(), aad=b"")
    agent.client.seal()
    with pytest.raises(AgentSealed):
        agent.client.unwrap(wrapped, aad=b"")
    agent.kill(signal.SIGTERM)
    assert events(agent) == [
        f"vault:key-agent:{name}"
        for name in ("started", "unseal-refused", "unsealed", "sealed", "stopped")
    ]


def test_wrong_keys_are_no_oracle(agent: Agent) -> None:
    key = Key.generate()
    agent.start("--expected-id", key.id)
    nearly = bytearray(key.reveal())
    nearly[31] ^= 1
    answers = []
    for wrong in (
        write_root_key(Key.generate()),
        write_root_key(Key.from_bytes(nearly)),
        write_root_key(key)[:-2],
        "",
        "\0" * 5000,
    ):
        with pytest.raises(WrongRootKey) as caught:
            agent.client.unseal(wrong)
        answers.append((caught.value.code, caught.value.message))
    assert len(set(answers)) == 1
    for candidate in ("", write_root_key(key)):
        with pytest.raises(TooManyTries):
            agent.client.unseal(candidate)
    assert agent.client.is_sealed()


def test_no_key_is_in_its_arguments_environment_log_or_dump(agent: Agent, key: Key) -> None:
    agent.start()
    agent.client.seal()
    with pytest.raises(WrongRootKey):
        agent.client.unseal("simplr-root-key:v1:typed-by-mistake")
    agent.client.unseal(write_root_key(key))
    assert agent.process is not None
    proc = Path(f"/proc/{agent.process.pid}")
    seen = (proc / "cmdline").read_bytes() + (proc / "environ").read_bytes()
    seen += agent.log.read_bytes() + repr(agent.client.status()).encode()
    secret = key.reveal()
    for form in (secret, secret.hex().encode(), write_root_key(key).split(":")[-1].encode()):
        assert form not in seen
    assert b"typed-by-mistake" not in seen
    limits = (proc / "limits").read_text()
    (core,) = (line for line in limits.splitlines() if line.startswith("Max core file size"))
    assert core.split()[4:6] == ["0", "0"]


def test_the_socket_and_its_folder_are_for_the_owner_alone(agent: Agent, key: Key) -> None:
    agent.start()
    assert agent.socket.parent.stat().st_mode & 0o777 == 0o700
    assert agent.socket.stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_another_user_is_refused_even_where_the_folder_lets_him_in(agent: Agent, key: Key) -> None:
    agent.start()
    for path in (agent.folder, agent.socket.parent):
        path.chmod(0o777)
    agent.socket.chmod(0o777)
    script = f"""
import os, socket
os.setgid(65534); os.setuid(65534)
s = socket.socket(socket.AF_UNIX); s.settimeout(5); s.connect({str(agent.socket)!r})
try:
    s.sendall(bytes([0, 0, 0, 10, 0, 0, 0, 6]) + b"status"); print(len(s.recv(100)))
except OSError:
    print(0)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=20
    )
    assert done.stdout.strip() == "0"
    assert events(agent)[-1] == "vault:key-agent:connection-refused"
    assert not agent.client.is_sealed()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_another_user_cannot_look_into_its_memory(agent: Agent, key: Key) -> None:
    """The agent runs as an ordinary user; another process of that user may not read its memory."""
    agent.folder.chmod(0o755)
    agent.key_file.unlink()
    user = 65534
    run = agent.folder / "theirs"
    run.mkdir(mode=0o700)
    os.chown(run, user, user)
    socket_path = run / "k.sock"
    command = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", sys.executable]
    command += ["-m", "simplr.vault.agent", "--socket", str(socket_path)]
    command += ["--key-store", f"file:{run}/root.key", "--create"]
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(SOURCE)}
    with agent.log.open("ab") as log:
        agent.process = subprocess.Popen(command, env=environment, stderr=log)
    agent.client = AgentClient(socket_path)
    deadline = time.monotonic() + 20
    while True:
        try:
            assert not agent.client.is_sealed(), "root, as the supervisor, may ask"
            break
        except NoKeyAgent:
            assert time.monotonic() < deadline, agent.log.read_text()
            time.sleep(0.02)
    look = f"import os; os.setgid({user}); os.setuid({user}); open('/proc/{{}}/{{}}', 'rb').read(1)"
    for name in ("mem", "environ", "maps"):
        done = subprocess.run(
            [sys.executable, "-c", look.format(agent.process.pid, name)],
            capture_output=True,
            check=False,
        )
        assert b"PermissionError" in done.stderr


def test_a_living_agent_is_not_disturbed_by_a_second(agent: Agent, key: Key) -> None:
    agent.start()
    second = Agent(agent.folder)
    assert second.start(wait=False).wait(20) == 1
    assert "Another key agent answers" in agent.log.read_text()
    assert not agent.client.is_sealed()


@pytest.mark.parametrize("mistake", ["open folder", "long path", "file in the way", "store"])
def test_a_mistake_is_named_at_the_start(agent: Agent, key: Key, mistake: str) -> None:
    agent.socket.parent.mkdir(mode=0o700)
    more = []
    if mistake == "open folder":
        agent.socket.parent.chmod(0o755)
    elif mistake == "long path":
        agent.socket = agent.folder / ("x" * 120) / "s"
    elif mistake == "file in the way":
        agent.socket.write_text("something else")
    else:
        more = ["--key-store", "nowhere"]
    assert agent.start(*more, wait=False).wait(20) == 1
    said = agent.log.read_text()
    assert "The key agent cannot start." in said
    assert "Traceback" not in said


def test_it_ends_when_asked_and_leaves_no_socket(agent: Agent, key: Key) -> None:
    agent.start()
    assert agent.kill(signal.SIGTERM) == 0
    assert not agent.socket.exists()


def test_it_dies_with_its_parent(agent: Agent, key: Key) -> None:
    script = f"""
import os, subprocess, sys, time
subprocess.Popen([sys.executable, "-m", "simplr.vault.agent", "--socket", {str(agent.socket)!r},
    "--key-store", "file:{agent.key_file}", "--die-with", str(os.getpid())])
time.sleep(60)
"""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(SOURCE)}
    parent = subprocess.Popen(
        [sys.executable, "-c", script], env=environment, stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with contextlib.suppress(NoKeyAgent):
            agent.client.status()
            break
        time.sleep(0.02)
    parent.kill()
    parent.wait()
    while time.monotonic() < deadline and agent.socket.exists():
        time.sleep(0.02)
    with pytest.raises(NoKeyAgent):
        agent.client.status()


def test_many_threads_share_one_client(agent: Agent, key: Key) -> None:
    agent.start()
    wrong: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for turn in range(40):
                mine, aad = Key.generate(), f"{number} {turn}".encode()
                wrapped = agent.client.wrap(mine, aad=aad)
                assert agent.client.unwrap(wrapped, aad=aad) == mine
        except BaseException as error:
            wrong.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_client_is_safe_over_a_fork(agent: Agent, key: Key) -> None:
    agent.start()
    agent.client.status()
    child = os.fork()
    if child == 0:
        code = 1
        with contextlib.suppress(BaseException):
            for _ in range(50):
                agent.client.wrap(Key.generate(), aad=b"child")
            code = 0
        os._exit(code)
    for _ in range(50):
        agent.client.wrap(Key.generate(), aad=b"parent")
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.mark.parametrize(
    "frame",
    [
        struct.pack(">I", 2**31),
        struct.pack(">I", 3) + b"abc",
        struct.pack(">II", 8, 100) + b"abcd",
        struct.pack(">I", 0),
        struct.pack(">II", 11, 7) + b"destroy",
        struct.pack(">II", 22, 18) + b"derive-signing-key",
        struct.pack(">II", 24, 18) + b"derive-signing-key" + b"\0\0",
        struct.pack(">II", 27, 18) + b"derive-signing-key" + struct.pack(">I", 1) + b"\xff",
    ],
)
def test_odd_requests_are_refused_and_harm_nothing(agent: Agent, key: Key, frame: bytes) -> None:
    agent.start()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(5)
        connection.connect(str(agent.socket))
        connection.sendall(frame)
        answer = connection.recv(1000)
        assert b"bad-agent-request" in answer
        assert connection.recv(1000) == b""
    assert not agent.client.is_sealed()
    assert "Traceback" not in agent.log.read_text()


def test_a_frame_that_never_ends_harms_nobody_else(agent: Agent, key: Key) -> None:
    agent.start()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.connect(str(agent.socket))
        connection.sendall(struct.pack(">I", 100) + b"half")
        assert not agent.client.is_sealed()
    assert not agent.client.is_sealed()


def test_nothing_of_django_is_loaded() -> None:
    code = "import simplr.vault.agent.__main__, sys; print('django' in sys.modules)"
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(SOURCE)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"
