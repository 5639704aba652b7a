"""Four ways in, one list: each operation of the API, the client's method, the command.

The ids, methods and paths are those of the OpenAPI document; a contract test compares, in both
directions, so that an operation without a method or a command fails the build. An exception says
its reason here, where it is seen.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Operation:
    """One operation and how it is reached from Python and from the command line."""

    id: str
    method: str
    path: str
    client: str
    """Such as `Session.projects`; empty with a reason."""
    command: str
    """Such as `project list`; empty with a reason."""
    reason: str = ""


def _operation(
    asked: str, name: str, client: str = "", command: str = "", reason: str = ""
) -> Operation:
    method, _, path = asked.partition(" ")
    return Operation(name, method, path, client, command, reason)


_o = _operation

OPERATIONS = (
    _o(
        "GET /health",
        "show_health",
        "Session.health",
        "api",
        "`simplr status` asks at the server; from afar, `simplr api /health`",
    ),
    _o("GET /health/live", "show_live", reason="load balancers ask it; people ask `show_health`"),
    _o("GET /health/ready", "show_ready", reason="load balancers ask it; people ask `show_health`"),
    _o(
        "POST /unseal",
        "unseal",
        reason="the root key is given where the installation runs (`simplr unseal`), never from afar",
    ),
    _o("GET /metrics", "show_metrics", "Session.metrics", "api", "`simplr api /metrics` prints it"),
    _o("GET /me", "show_me", "Session.me", "whoami"),
    _o("GET /projects", "list_projects", "Session.projects", "project list"),
    _o("POST /projects", "create_project", "Session.create_project", "project create"),
    _o("GET /projects/{project}", "show_project", "Session.project", "project show"),
    _o("PATCH /projects/{project}", "change_project", "Project.change", "project change"),
    _o("GET /projects/{project}/members", "list_members", "Project.members", "project members"),
    _o("POST /projects/{project}/members", "give_role", "Project.add_member", "project members"),
    _o(
        "DELETE /projects/{project}/members/{person}",
        "take_role",
        "Project.remove_member",
        "project members",
    ),
    _o("GET /projects/{project}/resources", "list_project_resources", "Project.resources", "list"),
    _o("GET /resources", "list_resources", "Session.resources", "list"),
    _o("GET /resources/{resource}", "show_resource", "Session.resource", "show"),
    _o("PATCH /resources/{resource}", "change_resource", "Resource.change", "edit"),
    _o("DELETE /resources/{resource}", "remove_resource", "Resource.delete", "delete"),
    _o("GET /places/{place}/contents", "list_contents", "Project.contents", "folder list"),
    _o("POST /places/{place}/folders", "create_folder", "Project.create_folder", "folder make"),
    _o("GET /folders/{folder}", "show_folder", "Session.folder", "folder show"),
    _o("PATCH /folders/{folder}", "change_folder", "Folder.change", "folder change"),
    _o("GET /trash", "list_trash", "Session.trash", "trash list"),
    _o("POST /acts", "act_on_several", "Session.act", "trash put"),
    _o("GET /resources/{resource}/versions", "list_versions", "Resource.versions", "versions"),
    _o("GET /resources/{resource}/content", "get_content", "Resource.content", "get"),
    _o("GET /resources/{resource}/preview", "get_preview", "Resource.preview", "preview"),
    _o("GET /resources/{resource}/text", "get_text", "Resource.text", "text"),
    _o("POST /projects/{project}/uploads", "put_file", "Session.upload", "put"),
    *(
        _o(
            asked,
            name,
            reason="tus, an open protocol: `simplr put` and `Session.upload` speak it for large files",
        )
        for asked, name in (
            ("POST /projects/{project}/tus", "begin_resumable_upload"),
            ("HEAD /tus/{upload}", "show_resumable_upload"),
            ("PATCH /tus/{upload}", "append_to_upload"),
            ("DELETE /tus/{upload}", "end_resumable_upload"),
        )
    ),
    _o("GET /projects/{project}/uploads", "list_uploads", "Project.uploads", "uploads"),
    _o("GET /uploads/{upload}", "show_upload", "Session.find_upload", "put"),
    _o("GET /uploads/{upload}/understanding", "show_understanding", "Upload.understanding", "put"),
    _o("GET /uploads/{upload}/recipe", "show_upload_recipe", "Upload.recipe", "put"),
    _o("POST /uploads/{upload}/read-as", "read_upload_as", "Upload.read_as", "put"),
    _o("POST /uploads/{upload}/recipe/try", "try_recipe", "Upload.try_recipe", "put"),
    _o("POST /uploads/{upload}/keep", "keep_upload", "Upload.keep", "put"),
    _o("DELETE /uploads/{upload}", "cancel_upload", "Upload.cancel", "put"),
    _o("GET /datasets/{dataset}", "show_dataset", "Dataset.describe", "show"),
    _o("GET /datasets/{dataset}/schema", "get_schema", "Dataset.schema", "schema"),
    _o("GET /datasets/{dataset}/profile", "get_profile", "Dataset.profile", "profile"),
    _o("GET /datasets/{dataset}/quality", "get_quality", "Dataset.quality", "quality"),
    _o("PATCH /datasets/{dataset}/fields/{name}", "change_field", "Dataset.change_field", "field"),
    _o(
        "GET /datasets/{dataset}/dictionary",
        "get_dictionary",
        "Dataset.dictionary",
        "dictionary export",
    ),
    _o(
        "POST /datasets/{dataset}/dictionary",
        "import_dictionary",
        "Dataset.import_dictionary",
        "dictionary import",
    ),
    _o("GET /datasets/{dataset}/comments", "list_comments", "Dataset.comments", "comment list"),
    _o("POST /datasets/{dataset}/comments", "add_comment", "Dataset.comment", "comment add"),
    _o("PATCH /comments/{comment}", "change_comment", "Session.change_comment", "comment change"),
    _o("DELETE /comments/{comment}", "remove_comment", "Session.remove_comment", "comment remove"),
    _o("GET /datasets/{dataset}/rows", "get_rows", "Dataset.rows", "get"),
    _o("GET /datasets/{dataset}/sample", "get_sample", "Dataset.sample", "sample"),
    _o(
        "GET /datasets/{dataset}/quarantine",
        "get_quarantine",
        "Dataset.quarantine",
        "quarantine show",
    ),
    _o(
        "GET /datasets/{dataset}/quarantine/groups",
        "list_quarantine_groups",
        "Dataset.quarantine_groups",
        "quarantine groups",
    ),
    _o(
        "GET /datasets/{dataset}/quarantine/file",
        "export_quarantine",
        "Dataset.save_quarantine",
        "quarantine export",
    ),
    _o("POST /datasets/{dataset}/mendings", "mend_quarantine", "Dataset.mend", "quarantine mend"),
    _o(
        "POST /datasets/{dataset}/mendings/file",
        "mend_by_file",
        "Dataset.mend_by_file",
        "quarantine mend",
    ),
    _o(
        "GET /datasets/{dataset}/mendings/{mending}",
        "show_mending",
        "Dataset.mending",
        "quarantine mending",
    ),
    _o(
        "DELETE /datasets/{dataset}/mendings/{mending}",
        "cancel_mending",
        "Dataset.cancel_mending",
        "quarantine cancel",
    ),
    _o("GET /datasets/{dataset}/recipe", "get_recipe", "Session.recipe", "recipe show"),
    _o("POST /datasets/{dataset}/again", "put_again", "Session.put_again", "recipe apply"),
    _o(
        "POST /datasets/{dataset}/releases",
        "create_release",
        "Dataset.create_release",
        "release create",
    ),
    _o("GET /datasets/{dataset}/releases", "list_releases", "Dataset.releases", "release list"),
    _o(
        "POST /datasets/{dataset}/releases/preview",
        "preview_release",
        "Dataset.preview_release",
        "release preview",
    ),
    _o("GET /releases/{release}", "show_release", "Session.release", "release show"),
    _o(
        "POST /releases/{release}/accept",
        "accept_version",
        "Release.accept",
        "release accept",
    ),
    _o("POST /grants", "give_grant", "Session.grant", "grant"),
    _o("GET /grants", "list_my_grants", "Session.grants", "grants"),
    _o("DELETE /grants/{grant}", "revoke_grant", "Session.revoke", "revoke"),
    _o("GET /resources/{resource}/grants", "list_grants", "Resource.grants", "grants"),
    _o("GET /resources/{resource}/access", "list_access", "Resource.access", "access"),
    _o("GET /resources/{resource}/why", "explain_access", "Resource.why", "why"),
    _o("GET /resources/{resource}/uses", "list_uses", "Resource.uses", "uses"),
    _o("GET /tokens", "list_tokens", "Session.tokens", "token list"),
    _o("POST /tokens", "create_token", "Session.create_token", "token create"),
    _o("DELETE /tokens/{token}", "revoke_token", "Session.revoke_token", "token revoke"),
    _o("GET /programs", "list_programs", "Session.programs", "program list"),
    _o("POST /programs", "create_program", "Session.create_program", "program create"),
    _o("DELETE /programs/{program}", "revoke_program", "Session.revoke_program", "program revoke"),
    _o(
        "GET /programs/{program}/tokens",
        "list_program_tokens",
        "Session.program_tokens",
        "program tokens",
    ),
    _o("GET /notices", "list_notices", "Session.notices", "notice list"),
    _o("POST /notices/read", "read_notices", "Session.read_notices", "notice read"),
    _o("POST /notices/digest", "set_digest", "Session.set_digest", "notice mail"),
    _o("GET /alerts", "list_alerts", "Session.alerts", "alerts list"),
    _o("GET /alerts/{alert}", "show_alert", "Session.alert", "alerts show"),
    _o("POST /alerts/{alert}/decision", "decide_alert", "Session.decide_alert", "alerts dismiss"),
    _o(
        "GET /resources/{resource}/versions/{version}",
        "show_version",
        "Resource.version",
        "version show",
    ),
    _o("GET /datasets/{dataset}/structure", "get_structure", "Dataset.structure", "structure"),
    _o("POST /datasets/{dataset}/comparisons", "compare_versions", "Dataset.compare", "compare"),
    _o(
        "GET /datasets/{dataset}/comparisons/{comparison}",
        "show_comparison",
        "Dataset.comparison",
        "compare",
    ),
    _o(
        "POST /resources/{resource}/versions/{version}/restore",
        "restore_version",
        "Resource.restore",
        "version restore",
    ),
    _o("GET /people", "list_people", "Session.people", "people"),
    _o("PATCH /people/{person}", "change_person", "Session.change_person", "person"),
    _o("GET /invitations", "list_invitations", "Session.invitations", "invitation list"),
    _o("POST /invitations", "create_invitation", "Session.invite", "invite"),
    _o(
        "DELETE /invitations/{invitation}",
        "revoke_invitation",
        "Session.revoke_invitation",
        "invitation revoke",
    ),
    _o("POST /resources/{resource}/requests", "ask_for_access", "Session.ask_for_access", "ask"),
    _o("GET /requests", "list_requests", "Session.access_requests", "request list"),
    _o("GET /requests/{request}", "show_request", "Session.access_request", "request show"),
    _o(
        "POST /requests/{request}/answer",
        "answer_request",
        "Session.answer_request",
        "request grant",
    ),
    _o(
        "DELETE /requests/{request}",
        "withdraw_request",
        "Session.withdraw_request",
        "request withdraw",
    ),
    _o("GET /licences", "list_licences", "Session.licences", "licence list"),
    _o("POST /licences", "issue_licence", "Session.issue_licence", "licence issue"),
    _o("DELETE /licences/{licence}", "revoke_licence", "Session.revoke_licence", "licence revoke"),
    _o("GET /organisations", "list_organisations", "Session.organisations", "organisation list"),
    _o(
        "POST /organisations",
        "create_organisation",
        "Session.create_organisation",
        "organisation create",
    ),
    _o("GET /people/{person}/departure", "show_departure", "Session.departure", "leaver show"),
    _o("POST /people/{person}/departure", "let_go", "Session.let_go", "leaver let-go"),
    _o("GET /groups", "list_groups", "Session.groups", "group list"),
    _o("POST /groups", "create_group", "Session.create_group", "group create"),
    _o("POST /groups/{group}/members", "add_to_group", "Session.add_to_group", "group add"),
    _o(
        "DELETE /groups/{group}/members/{person}",
        "remove_from_group",
        "Session.remove_from_group",
        "group remove",
    ),
    _o("GET /ledger", "list_events", "Session.ledger", "ledger list"),
    _o("GET /ledger/export", "export_ledger", "Session.ledger_export", "ledger export"),
    _o(
        "GET /ledger/checkpoints",
        "list_checkpoints",
        "Session.ledger_checkpoints",
        "ledger checkpoints",
    ),
    _o("GET /ledger/verify", "verify_ledger", "Session.ledger_verify", "ledger verify"),
    _o("GET /scans", "show_scans", "Session.scans", "scan"),
    _o("POST /scans", "order_scan", "Session.scan", "scan"),
    _o("GET /jobs/{job}", "show_job", "Session.job", "job"),
    _o("POST /jobs/{job}/cancel", "cancel_job", "Session.cancel_job", "job"),
)

ONLY_HERE = {
    "alerts confirm": "the other answer of `decide_alert`",
    "move": "one of the acts of `act_on_several`",
    "request decline": "`answer_request`, by a no",
    "recipe export": "`get_recipe`, whole",
    "trash bring-back": "one of the acts of `act_on_several`",
    "trash erase": "one of the acts of `act_on_several`",
    "api": "any GET as it is, for a look at what is sent",
    "signin": "keeps a token on this machine; the token is made on the page",
    "signout": "forgets the token on this machine",
}
"""Commands that stand for no operation of their own."""
