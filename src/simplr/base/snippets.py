"""Ready lines to open a data set in Python, R, on the command line and with curl.

They name the installation itself as the source of the client, and never hold a token.
"""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from simplr.base.client_wheel import wheel_name
from simplr.base.r_package import archive_name


def snippets(dataset_id: UUID, *, release_id: UUID | None = None) -> list[dict[str, str]]:
    """[{label, text}] for one data set, or for one release of it."""
    url, given = settings.BASE_URL.rstrip("/"), {"release": str(release_id)} if release_id else {}
    return [
        {"label": _("Python"), "text": _python(url, dataset_id, release_id)},
        {"label": _("R"), "text": _r(url, dataset_id, release_id)},
        {"label": _("Command line"), "text": _command(dataset_id, release_id)},
        {"label": _("curl"), "text": _curl(url, dataset_id, given)},
    ]


def _python(url: str, dataset_id: UUID, release_id: UUID | None) -> str:
    release = f'release="{release_id}"' if release_id else ""
    return (
        f"# pip install {url}/client/{wheel_name()} pyarrow pandas\n"
        "import simplr_client\n"
        "\n"
        f'with simplr_client.connect("{url}") as session:\n'
        f'    data = session.dataset("{dataset_id}").to_pandas({release})'
    )


def _r(url: str, dataset_id: UUID, release_id: UUID | None) -> str:
    release = f', release = "{release_id}"' if release_id else ""
    return (
        '# install.packages(c("data.table", "httr2", "bit64"))\n'
        f'# install.packages("{url}/client/{archive_name()}", repos = NULL, type = "source")\n'
        "library(simplr)\n"
        "\n"
        f'con <- simplr_connect("{url}")  # the token is in SIMPLR_TOKEN\n'
        f'data <- simplr_read(con, "{dataset_id}"{release})'
    )


def _command(dataset_id: UUID, release_id: UUID | None) -> str:
    release = f" --release {release_id}" if release_id else ""
    return f"simplr get {dataset_id}{release} -o data.parquet"


def _curl(url: str, dataset_id: UUID, given: dict[str, str]) -> str:
    query = urlencode({"format": "csv", **given})
    return (
        f'curl --fail -o data.csv -H @- "{url}/api/v1/datasets/{dataset_id}/rows?{query}" \\\n'
        '    <<< "Authorization: Bearer $SIMPLR_TOKEN"'
    )
