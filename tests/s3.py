"""A server that speaks S3, as a process of its own, for the tests of stores."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

import boto3
import pytest


@dataclass
class S3:
    """Where it listens; each test has a bucket of its own."""

    endpoint: str
    process: subprocess.Popen[bytes]

    def bucket(self) -> str:
        """The URL of a new, empty bucket."""
        name = f"simplr-{uuid4().hex[:12]}"
        self.client().create_bucket(Bucket=name)
        return f"s3://{name}/kept"

    def client(self) -> boto3.client:
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id="tests",
            aws_secret_access_key="only-for-tests",
        )

    def pause(self) -> None:
        os.kill(self.process.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        os.kill(self.process.pid, signal.SIGCONT)

    def environ(self) -> dict[str, str]:
        """What a server process is told of it."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ALLOW_HTTP": "true",
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "tests",
            "AWS_SECRET_ACCESS_KEY": "only-for-tests",
        }


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3]:
    """The server, started by the first test that asks."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with socket.socket() as caller:
            if caller.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.05)
    yield S3(f"http://127.0.0.1:{port}", process)
    process.kill()
    process.wait(10)


@pytest.fixture
def s3(s3_server: S3, monkeypatch: pytest.MonkeyPatch) -> S3:
    """The server, with its address and credentials in this process's environment."""
    for name, value in s3_server.environ().items():
        monkeypatch.setenv(name, value)
    return s3_server
