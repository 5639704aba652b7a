"""`simplr://`: what you may read, by address, for every program that speaks fsspec.

    pandas.read_parquet("simplr://data.example.org/parks/Street trees.parquet")
    pandas.read_csv("simplr:///parks/Street trees.csv")          # of SIMPLR_URL, or of the sign-in

An address is `simplr://HOST/PROJECT/NAME.SUFFIX`; the suffix says the format of the rows. It goes on
with `/versions/3.parquet` or `/releases/TITLE.parquet`; what was only shared with you has `~` for the
project. It may end with `?fields=a,b&where=…`. The token is never part of it, and it is only read.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlsplit
from weakref import WeakValueDictionary

from fsspec.spec import AbstractFileSystem

from simplr_client import credentials
from simplr_client.connection import connect
from simplr_client.errors import Conflict, Invalid, NotFound, NotSignedIn
from simplr_client.opened import Held, Opened, Ranged, download_into_memory
from simplr_client.resources import Dataset, Resource
from simplr_client.session import Session
from simplr_client.tables import FORMATS
from simplr_client.transport import address, normal_url

MOST_BYTES = 1 << 30
SHARED = "~"
_KINDS = ("versions", "releases")
_ASKED = ("fields", "where")


@dataclass(frozen=True)
class _Place:
    """One address, taken apart."""

    host: str
    ways: tuple[str, ...]
    asked: dict[str, str]


@dataclass(frozen=True)
class _Rows:
    """The rows that an address means."""

    dataset: Dataset
    format: str
    params: dict[str, str]


class SimplrFileSystem(AbstractFileSystem):
    """What one person may read of one installation, as files. Nothing is written.

    `host` comes from the address. What is not given comes from SIMPLR_URL and SIMPLR_TOKEN, then
    from `simplr signin`; a token is only ever sent to the installation that it belongs to. Rows are
    held in memory while their file is open, at most `most_bytes` of them: nothing is put on a disk.
    """

    protocol: ClassVar[str] = "simplr"
    root_marker: ClassVar[str] = ""
    # A kept one would go on with a token after it was replaced.
    cachable: ClassVar[bool] = False

    def __init__(
        self,
        host: str = "",
        *,
        url: str | None = None,
        token: str | None = None,
        link: str | None = None,
        link_password: str | None = None,
        ca_file: str | None = None,
        most_bytes: int = MOST_BYTES,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        if host and url is None and link is None:
            url, token, ca_file = _known(host, token, ca_file)
        self._session: Session = connect(
            url, token, link=link, link_password=link_password, ca_file=ca_file
        )
        self._host = urlsplit(self._session.url).netloc
        self._most_bytes = most_bytes
        self._opened: WeakValueDictionary[str, Held] = WeakValueDictionary()

    def __repr__(self) -> str:
        return f"<SimplrFileSystem of {self._session.url}>"

    def to_dict(self, *, include_password: bool = False) -> dict[str, Any]:
        """How it can be made again, never with a token."""
        found: dict[str, Any] = super().to_dict(include_password=False)
        return {k: v for k, v in found.items() if k not in ("token", "link", "link_password")}

    @classmethod
    def _strip_protocol(cls, path: Any) -> Any:
        """Host and way: `host/project/name`, and `/project/name` where the host goes without saying."""
        if isinstance(path, list):
            return [cls._strip_protocol(one) for one in path]
        text = os.fspath(path).removeprefix("simplr://")
        return text.rstrip("/") if text.strip("/") else ""

    @staticmethod
    def _get_kwargs_from_urls(path: str) -> dict[str, Any]:
        host = path.removeprefix("simplr://").split("/")[0] if path.startswith("simplr://") else ""
        return {"host": host} if host else {}

    # ---- what there is

    def ls(self, path: str, detail: bool = True, **options: Any) -> list[Any]:
        """What lies at an address: projects, resources, versions, releases."""
        place = self._place(path)
        base = "/".join((place.host, *place.ways))
        found = self._entries(place)
        if found is None:
            return [self.info(path)] if detail else [self._strip_protocol(path)]
        listed = [{**one, "name": f"{base}/{one['name']}"} for one in found]
        return listed if detail else [one["name"] for one in listed]

    def info(self, path: str, **options: Any) -> dict[str, Any]:
        """What an address means. Rows have no size before they are read."""
        place, name = self._place(path), self._strip_protocol(path)
        target = self._target(place)
        if target is None:
            return {"name": name, "type": "directory", "size": 0}
        if isinstance(target, _Rows):
            data = target.dataset.data
            return {"name": name, "type": "file", "size": None, "created": data.get("created_at")}
        size, created = target.data.get("size"), target.data.get("created_at")
        return {"name": name, "type": "file", "size": size, "created": created}

    def glob(self, path: str, maxdepth: int | None = None, **options: Any) -> Any:
        """Addresses that fit a pattern; one that ends with a question is itself."""
        plain = self._strip_protocol(path)
        if "?" in plain and "=" in plain.partition("?")[2]:
            return {plain: self.info(plain)} if options.get("detail") else [plain]
        return super().glob(path, maxdepth=maxdepth, **options)

    def modified(self, path: str) -> datetime:
        """When its version was made."""
        target = self._target(self._place(path))
        if target is None:
            raise Invalid(f"“{path}” is a folder.", code="is-a-folder")
        if isinstance(target, Resource):
            return datetime.fromisoformat(str(target.data["created_at"]))
        asked = {name: target.params.get(name) for name in ("release", "version")}
        return datetime.fromisoformat(str(target.dataset.describe(**asked)["created_at"]))

    # ---- reading

    def _open(self, path: str, mode: str = "rb", **options: Any) -> Opened:
        if mode != "rb":
            raise Invalid("What lies at simplr:// is only read.", code="read-only")
        target = self._target(self._place(path))
        if target is None:
            raise Invalid(f"“{path}” is a folder.", code="is-a-folder")
        if isinstance(target, Resource):
            return Ranged(self._session.transport, address("/resources/{}/content", target.id))
        rows = address("/datasets/{}/rows", target.dataset.id)
        params = {"format": target.format, **target.params}
        content = download_into_memory(
            self._session.transport, rows, params=params, most=self._most_bytes
        )
        held = Held(content, still_open=self._question(target))
        self._opened[self._strip_protocol(path)] = held
        return held

    def _question(self, rows: _Rows) -> Callable[[], object]:
        """Asks whether the rows may still be known of; raises the client's errors."""
        asked = {name: rows.params.get(name) for name in ("release", "version")}
        return lambda: rows.dataset.describe(**asked)

    def size(self, path: str) -> int | None:
        """The size in bytes; of rows that of the file that is open, else it is computed."""
        # DuckDB asks again and again while it has the file open.
        opened = self._opened.get(self._strip_protocol(path))
        if opened is not None and not opened.closed:
            return opened.size
        found: int | None = self.info(path)["size"]
        if found is not None:
            return found
        with self._open(path) as anew:
            return anew.size

    # ---- addresses

    def _place(self, path: str) -> _Place:
        plain = self._strip_protocol(path)
        way, _, question = plain.partition("?")
        host, *ways = way.split("/")
        if host not in ("", self._host):
            raise Invalid(
                f"“{host}” is another installation than {self._host}.", code="another-installation"
            )
        asked = dict(parse_qsl(question, keep_blank_values=True))
        for name in asked:
            if name not in _ASKED:
                raise Invalid(f"“{name}” cannot be asked; fields and where can.", code="not-asked")
        return _Place(host, tuple(part for part in ways if part), asked)

    def _entries(self, place: _Place) -> list[dict[str, Any]] | None:
        """What lies in a folder, by its last name; None for a file."""
        ways = place.ways
        if not ways:
            projects = [_folder(one.slug or one.id) for one in self._session.projects()]
            return [*projects, _folder(SHARED)]
        if len(ways) == 1:
            return _listed(self._resources(ways[0]))
        if self._target(place) is not None:
            return None
        dataset = self._dataset(ways[0], ways[1])
        if len(ways) == 2:
            return [_folder(kind) for kind in _KINDS]
        if ways[2] == "versions":
            numbers = [str(one["number"]) for one in dataset.versions()]
            return [_file(f"{number}.parquet") for number in numbers]
        titles = [(one.title, one.id) for one in dataset.releases()]
        return [_file(f"{name}.parquet") for name in _names(titles)]

    def _target(self, place: _Place) -> _Rows | Resource | None:
        """The rows or the file that an address means; None for a folder. Raises NotFound."""
        ways = place.ways
        if len(ways) < 2:
            if ways and ways[0] != SHARED:
                self._session.project(ways[0])
            return None
        if len(ways) == 2:
            return self._resource_or_rows(place)
        if len(ways) == 3 and ways[2] in _KINDS:
            self._dataset(ways[0], ways[1])
            return None
        if len(ways) != 4 or ways[2] not in _KINDS:
            raise NotFound(f"There is nothing at “{'/'.join(ways)}”.")
        name, format_ = _split(ways[3])
        if format_ is None:
            raise NotFound(f"Say in which format: “{ways[3]}.parquet”.")
        dataset = self._dataset(ways[0], ways[1])
        if ways[2] == "releases":
            return _Rows(dataset, format_, {"release": dataset.release(name).id, **place.asked})
        return _Rows(dataset, format_, {"version": name, **place.asked})

    def _resource_or_rows(self, place: _Place) -> _Rows | Resource | None:
        project, last = place.ways
        name, format_ = _split(last)
        there = self._resources(project)
        with suppress(NotFound):
            found = _called(last, there)
            return None if isinstance(found, Dataset) else found
        found = _called(name, there)
        if format_ is None or not isinstance(found, Dataset):
            raise NotFound(f"There is no “{last}” that you may know of.")
        return _Rows(found, format_, dict(place.asked))

    def _dataset(self, project: str, name: str) -> Dataset:
        found = _called(name, self._resources(project))
        if not isinstance(found, Dataset):
            raise NotFound(f"“{name}” is a file, not a data set.")
        return found

    def _resources(self, project: str) -> list[Resource]:
        if project == SHARED:
            return self._session.resources()
        return self._session.project(project).resources()


def _called(name: str, resources: list[Resource]) -> Resource:
    """The resource of this id or title. Raises NotFound, or Conflict for several."""
    said = name.casefold()
    found = [one for one in resources if said in (one.id, one.title.casefold())]
    if not found:
        raise NotFound(f"There is no “{name}” that you may know of.")
    if len(found) > 1:
        ids = ", ".join(one.id for one in found)
        raise Conflict(f"Several are called “{name}”: {ids}.", code="title-ambiguous")
    return found[0]


def _known(host: str, token: str | None, ca_file: str | None) -> tuple[str, str, str | None]:
    """Address and token of a host. SIMPLR_TOKEN is for SIMPLR_URL: no address draws it elsewhere."""
    said = os.environ.get("SIMPLR_URL")
    if said and urlsplit(normal_url(said, allow_plain_http=True)).netloc == host:
        url, own = normal_url(said, allow_plain_http=True), os.environ.get("SIMPLR_TOKEN")
    else:
        url, own = normal_url(host), None
    kept = credentials.stored(url)
    token = token or own or (kept.token if kept else None)
    if token is None:
        raise NotSignedIn(
            f"There is no token for {host}: run `simplr signin {url}`, or set SIMPLR_URL and "
            "SIMPLR_TOKEN."
        )
    return url, token, ca_file or (kept.ca_file if kept else None)


def _split(name: str) -> tuple[str, str | None]:
    """A name without the suffix that says a format, and that format."""
    suffix = PurePosixPath(name).suffix.lower()
    for format_, known in FORMATS.items():
        if suffix == known:
            return name[: -len(known)], format_
    return name, None


def _names(titles: list[tuple[str, str]]) -> list[str]:
    """The titles; the id where a title is another's too, or would be a way."""
    said = [title.casefold() for title, _ in titles]
    return [
        id_ if said.count(title.casefold()) > 1 or set(title) & set("/?*[]") else title
        for title, id_ in titles
    ]


def _listed(resources: list[Resource]) -> list[dict[str, Any]]:
    found = []
    for one, name in zip(resources, _names([(r.title, r.id) for r in resources]), strict=True):
        if isinstance(one, Dataset):
            found += [_file(f"{name}.parquet"), _folder(name)]
        else:
            found.append({**_file(name), "size": one.data.get("size")})
    return found


def _folder(name: str) -> dict[str, Any]:
    return {"name": name, "type": "directory", "size": 0}


def _file(name: str) -> dict[str, Any]:
    return {"name": name, "type": "file", "size": None}


__all__ = ["MOST_BYTES", "SHARED", "SimplrFileSystem"]
