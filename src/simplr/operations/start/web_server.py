"""Settings of gunicorn, read by it as a Python file: many threads, no access log, dies with us.

The application is loaded once, then forked: the start is quick, and so is the replacement of a
process that died. Answers are streams that last, so there is a thread for each of at least 64 callers. There is no
access log: an address may carry the secret of a link, and the ledger knows who did what.
"""

from __future__ import annotations

import ctypes
import os
import signal
from typing import Any

from simplr.base import garbage

garbage.none_while_loading()

wsgi_app = "simplr.config.wsgi:application"
worker_class = "gthread"
workers = int(os.environ.get("SIMPLR_WEB_PROCESSES", "0")) or min(2, os.cpu_count() or 1)
threads = max(64, int(os.environ.get("SIMPLR_WEB_THREADS", "64")))
timeout = 120
graceful_timeout = 10  # the supervisor says how long a process that is replaced may go on
keepalive = 5
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108 memory, no secret
preload_app = True
accesslog = None
errorlog = "-"
forwarded_allow_ips = "127.0.0.1,::1" if os.environ.get("SIMPLR_TRUSTED_PROXY") == "1" else ""
control_socket_disable = True
# A name with an underscore would become another header's: `X_Forwarded_For` that of the proxy.
header_map = "drop"
limit_request_line = 8190
limit_request_fields = 100
limit_request_field_size = 8190
proc_name = "simplr-web"
umask = 0o077
logconfig_dict: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"ecs": {"()": "simplr.base.logs.OneLine"}},
    "filters": {"quiet": {"()": "simplr.base.logs.NoSecrets"}},
    "handlers": {
        "out": {"class": "logging.StreamHandler", "formatter": "ecs", "filters": ["quiet"]}
    },
    "root": {"level": "INFO", "handlers": ["out"]},
    "loggers": {"gunicorn.error": {"level": "WARNING", "handlers": ["out"], "propagate": False}},
}


def when_ready(server: Any) -> None:
    """The application is loaded; what the workers share of it stays."""
    garbage.loaded()


def post_fork(server: Any, worker: Any) -> None:
    """A worker ends with its master, however that ends, and shares no connection with it."""
    from django.db import connections

    connections.close_all()
    ctypes.CDLL(None).prctl(1, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != worker.ppid:
        os._exit(0)


def post_worker_init(worker: Any) -> None:
    """Tell the supervisor that the application is loaded and this process answers."""
    from simplr.base.loaded import say_loaded

    say_loaded()


def child_exit(server: Any, worker: Any) -> None:
    """What a process that ended was doing is no longer counted as being done."""
    from simplr.base.metrics import forget_process

    forget_process(worker.pid)
