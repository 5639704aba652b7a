"""The OpenAPI document, prepared for the page that shows it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from simplr import VERSION
from simplr.api.endpoints import api

_GROUPS = {
    "projects": gettext_lazy("Projects"),
    "resources": gettext_lazy("Resources"),
    "datasets": gettext_lazy("Data sets"),
    "intake": gettext_lazy("Putting files"),
    "releases": gettext_lazy("Releases"),
    "grants": gettext_lazy("Grants"),
    "requests": gettext_lazy("Requests for access"),
}


def page() -> dict[str, Any]:
    """The context of templates/api/page.html."""
    document = api.get_openapi_schema(path_prefix="/api/v1/")
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            tag = (operation.get("tags") or ["other"])[0]
            groups.setdefault(tag, []).append(_operation(path, method, operation))
    return {
        "server": settings.BASE_URL,
        "version": VERSION,
        "openapi_url": "/api/v1/openapi.json",
        "groups": [
            {"name": _GROUPS.get(tag, tag.capitalize()), "text": "", "operations": operations}
            for tag, operations in groups.items()
        ],
        "snippets": _snippets(),
    }


def _operation(path: str, method: str, operation: dict[str, Any]) -> dict[str, Any]:
    return {
        "method": method.upper(),
        "path": path,
        "summary": operation.get("description") or operation.get("summary", ""),
        "needs": "",
        "parameters": [
            {
                "name": parameter["name"],
                "where": parameter["in"],
                "text": _type_of(parameter.get("schema", {})),
                "required": bool(parameter.get("required")),
            }
            for parameter in operation.get("parameters", [])
        ],
        "answers": [
            {"status": status, "text": answer.get("description", "")}
            for status, answer in operation.get("responses", {}).items()
            if str(status).startswith("2")
        ],
        "example": f'curl -H @- {settings.BASE_URL}{path} <<< "Authorization: Bearer $SIMPLR_TOKEN"'
        if method == "get"
        else "",
    }


def _type_of(schema: dict[str, Any]) -> str:
    kinds = [part.get("type", "") for part in schema.get("anyOf", [schema])]
    words = [kind for kind in kinds if kind and kind != "null"]
    if choices := schema.get("enum"):
        return _("one of %(choices)s") % {"choices": ", ".join(map(str, choices))}
    return " / ".join(words)


def _snippets() -> list[dict[str, str]]:
    url = settings.BASE_URL
    return [
        {
            "label": "curl",
            "text": f'curl -H @- {url}/api/v1/me <<< "Authorization: Bearer $SIMPLR_TOKEN"',
        },
        {
            "label": "Python",
            "text": "import simplr_client\n\n"
            f'with simplr_client.connect("{url}") as session:\n    print(session.me())',
        },
        {"label": "simplr", "text": f"simplr signin {url}\nsimplr list"},
    ]
