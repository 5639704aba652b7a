"""One PostgreSQL for a whole test run, started by the first test that wants a database.

Folders of tests that are pure (`PURE`) never import Django. In every other folder a test may use
the three databases; `django_db` is put on it, with all of them, unless it says otherwise. Each test
process works in its own copy of databases that were migrated once, with the rights of the serving
roles; with the databases comes a real key agent for each process, whose root key lies in the run's folder.
The names of the variables below are those of `docs/reference/settings.md`.
"""

from __future__ import annotations

import atexit
import fcntl
import functools
import gc
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest
import tests.examples  # noqa: F401  the usual number of examples
from tests import skipping
from tests.places import new_folder

if TYPE_CHECKING:
    from simplr.accounts.models import Organisation, Person

ROOT = Path(__file__).resolve().parents[1]
PURE = {
    *("unit", "architecture", "start", "store"),
    *("vectors", "spec", "rescue", "client", "clients", "browser"),
}
SHARED = {"institute", "many", "kept", "served"}
"""Fixtures that a module makes once, and that take longer than most of its tests."""
GROUPED = {"browser", "clients", "store", "start"}
"""Folders that say themselves which of their tests belong together."""
LONG = {"test_every_endpoint_and_role", "test_grantees_see_the_release_alone"}
"""Modules whose tests take so much longer that two processes had better share them."""
USUAL_COST: dict[str, int] = {}
"""What hashing a password takes in an installation: rounds, KiB, threads."""
FOLDER = "SIMPLR_TEST_FOLDER"
OWNER = "SIMPLR_TEST_PROCESS"
SUFFIX = "_test_" + os.environ.get("PYTEST_XDIST_WORKER", "main")


def _prepare_django() -> None:
    """Point the settings at this process's databases, which need not exist yet; load the apps."""
    if "DJANGO_SETTINGS_MODULE" in os.environ:
        return
    from simplr.operations.start import temporary

    folder = Path(os.environ[FOLDER])
    temporary.prepare(folder)
    data = folder / f"data{SUFFIX}"
    data.mkdir(mode=0o700, exist_ok=True)
    os.environ.update(temporary.urls_in(folder, suffix=SUFFIX))
    os.environ.update(
        {
            "DJANGO_SETTINGS_MODULE": "simplr.config.settings",
            "SIMPLR_ENVIRONMENT": "test",
            "SIMPLR_BASE_URL": "http://testserver",
            "SIMPLR_SECRET_KEY": "only-for-tests-" + "0" * 40,
            "SIMPLR_DATA": str(data),
            "SIMPLR_KEY_AGENT": str(folder / f"agent{SUFFIX}" / "socket"),
        }
    )
    import django

    django.setup()
    _hash_cheaply()
    # As a server does, which looks for garbage less often than Python does by itself.
    from simplr.base import garbage

    garbage.loaded()


def _hash_cheaply() -> None:
    """Let a password cost a thousandth of what it does in an installation.

    A fifth of the time of the tests of signing in went there. What it costs in an installation is
    tested apart, in `test_passwords_are_costly`.
    """
    from django.contrib.auth.hashers import Argon2PasswordHasher

    for name, cheap in {"time_cost": 1, "memory_cost": 256, "parallelism": 1}.items():
        USUAL_COST[name] = getattr(Argon2PasswordHasher, name)
        setattr(Argon2PasswordHasher, name, cheap)


def pytest_configure(config: pytest.Config) -> None:
    """Name the run's folder; the processes that xdist starts inherit it."""
    skipping.register(config)
    if FOLDER in os.environ:
        return
    # The service account passes through it and sees nothing.
    folder = str(new_folder("simplr-", mode=0o711))
    os.environ[FOLDER] = folder
    os.environ[OWNER] = str(os.getpid())

    def forget() -> None:
        if not (Path(folder) / "ready.json").exists():
            shutil.rmtree(folder, ignore_errors=True)

    atexit.register(forget)


def pytest_collect_directory(path: Path) -> None:
    """Load Django before the first module of a folder that needs it is imported."""
    if path.parent == ROOT / "tests" and path.name not in PURE and path.name != "__pycache__":
        _prepare_django()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let every test outside the pure folders use the three databases.

    The tests of a module stay in one process, where it makes things for all of them.
    """
    for item in items:
        folder = item.path.relative_to(ROOT / "tests").parts[0]
        if folder not in PURE and item.get_closest_marker("django_db") is None:
            item.add_marker(pytest.mark.django_db(databases="__all__"))
        shares = SHARED & set(getattr(item, "fixturenames", ())) and item.path.stem not in LONG
        if shares and folder not in GROUPED:
            item.add_marker(pytest.mark.xdist_group(item.path.stem))


def pytest_collection_finish() -> None:
    """Leave what stays to the end out of the collector's rounds: a tenth of the time goes there."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def database_folder() -> Path:
    """The run's PostgreSQL, started by whoever asks first; it ends with the run."""
    from simplr.operations.start import temporary

    folder = Path(os.environ[FOLDER])
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / temporary.READY).exists():
            temporary.start_keeper(
                folder, until=int(os.environ[OWNER]), keep=ROOT / "build" / "test-postgres"
            )
    return folder


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_blocker: object, database_folder: Path
) -> Iterator[None]:
    """Give this process its copy of the migrated databases (instead of pytest-django's way)."""
    from django.db import connections
    from django.template.base import Template
    from django.test.utils import _TestState

    from simplr.operations.start import temporary

    # Django's tests keep a copy of all that each part of a page was made from; ours read the page.
    Template._render = _TestState.saved_data.template_render  # type: ignore[attr-defined]
    _load_middleware_once()

    with (database_folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        temporary.clone(database_folder, SUFFIX)
    agent = _start_key_agent(database_folder)
    yield
    connections.close_all()
    agent.terminate()
    agent.wait(timeout=10)


def _load_middleware_once() -> None:
    """Let all browsers of the tests share the middleware that the first one loaded.

    Each loads it anew by itself, all static files included: a twentieth of the tests of pages. A
    test that changes settings has its own.
    """
    from django.conf import settings
    from django.test.client import ClientHandler

    load, usual = ClientHandler.load_middleware, settings._wrapped
    kept: dict[str, object] = {}

    def load_once(handler: ClientHandler, is_async: bool = False) -> None:
        if settings._wrapped is not usual or is_async:
            load(handler, is_async)
            return
        if not kept:
            load(handler)
            kept.update(
                {name: value for name, value in vars(handler).items() if "middleware" in name}
            )
        vars(handler).update(kept)

    ClientHandler.load_middleware = load_once  # type: ignore[method-assign]


def _start_key_agent(folder: Path) -> subprocess.Popen[bytes]:
    """This process's key agent, with a new root key; it ends with the process."""
    from simplr.vault.agent import AgentClient
    from simplr.vault.agent.messages import NoKeyAgent

    path = folder / f"agent{SUFFIX}.log"
    client = AgentClient(folder / f"agent{SUFFIX}" / "socket")
    with path.open("wb") as log:
        agent = subprocess.Popen(
            [
                *(sys.executable, "-m", "simplr.vault.agent", "--create"),
                *("--socket", str(folder / f"agent{SUFFIX}" / "socket")),
                *("--key-store", f"file:{folder / f'keys{SUFFIX}' / 'root.key'}"),
                *("--die-with", str(os.getpid())),
            ],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        )
    until = time.monotonic() + 30
    while time.monotonic() < until and agent.poll() is None:
        try:
            assert not client.is_sealed()
            return agent
        except NoKeyAgent:
            time.sleep(0.05)
    raise RuntimeError(path.read_text())


@pytest.fixture(autouse=True)
def no_second_copy(request: pytest.FixtureRequest) -> None:
    """Forget the heads of the ledger that an earlier test left outside the databases.

    What a test writes into the databases is taken back after it, but the second place of the
    checkpoints is a file: to the next test that verifies, it would show a log that was cut.
    """
    if request.node.get_closest_marker("django_db") is None:
        return
    from django.conf import settings

    (settings.ENV.data / "ledger" / "checkpoints.txt").unlink(missing_ok=True)


@pytest.fixture
def usual_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords cost in this test what they cost in an installation."""
    from django.contrib.auth.hashers import Argon2PasswordHasher

    for name, usual in USUAL_COST.items():
        monkeypatch.setattr(Argon2PasswordHasher, name, usual)


PASSWORD = "a sentence nobody would guess"


@functools.cache
def hash_of(password: str) -> str:
    """The password as it is kept; each is hashed once."""
    from simplr.accounts.models import Person

    person = Person()
    person.set_password(password)
    return person.password


class MakePerson(Protocol):
    def __call__(
        self,
        name: str = ...,
        *,
        organisation: str = ...,
        licensed: bool = ...,
        administrator: bool = ...,
        auditor: bool = ...,
        password: str = ...,
    ) -> Person: ...


@pytest.fixture
def make_person() -> MakePerson:
    """Makes a person of an organisation by the services, licensed unless told otherwise."""
    from simplr.accounts import services
    from simplr.accounts.models import Organisation
    from simplr.base.actors import SYSTEM
    from simplr.licensing.services import issue_licence

    def organisation_called(name: str) -> Organisation:
        found = Organisation.objects.filter(name=name).first()
        return found or services.add_organisation(name=name, actor=SYSTEM)

    def make(
        name: str = "Ada",
        *,
        organisation: str = "City of Elm",
        licensed: bool = True,
        administrator: bool = False,
        auditor: bool = False,
        password: str = PASSWORD,
    ) -> Person:
        person = services.add_person(
            email=f"{name.lower()}@example.org",
            name=name,
            organisation=organisation_called(organisation),
            administrator=administrator,
            actor=SYSTEM,
        )
        person.password = hash_of(password)
        person.save(update_fields=["password"])
        if auditor:
            services.set_office(person_id=person.id, office="auditor", held=True, actor=SYSTEM)
            person.refresh_from_db()
        if licensed:
            issue_licence(actor=SYSTEM, person=person)
        return person

    return make
