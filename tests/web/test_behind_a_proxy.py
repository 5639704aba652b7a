"""Behind a trusted proxy tries are counted for the caller's address, not for the proxy's."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SOURCES = Path(__file__).resolve().parents[2] / "src"
PROGRAM = """
import django; django.setup()
from allauth.account.adapter import get_adapter
from django.test import RequestFactory
told = {"HTTP_X_FORWARDED_FOR": "198.51.100.1, 203.0.113.9", "REMOTE_ADDR": "127.0.0.1"}
print(get_adapter().get_client_ip(RequestFactory().get("/", **told)))
"""


@pytest.mark.parametrize(("trusted", "address"), [("1", "203.0.113.9"), ("", "127.0.0.1")])
def test_tries_are_counted_for_whom_the_proxy_names_last(trusted: str, address: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, "PYTHONPATH": str(SOURCES), "SIMPLR_TRUSTED_PROXY": trusted},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.strip() == address
