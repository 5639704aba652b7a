"""A large installation, made by SQL in about a minute: what pages are measured on.

By the published ways it would take days. The rows are what those ways write, without the bytes: no
object of the sealed store, no leaf of the ledger, so that data themselves cannot be opened. It is
made with the rights of the database's superuser and without its checks of references; a query at
the end looks for references that name nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from simplr.config.placement import search_path_of


@dataclass(frozen=True, kw_only=True)
class Size:
    """How much of everything there is."""

    organisations: int = 50
    people: int = 10_000
    groups: int = 500
    projects: int = 3_000
    roles_each: int = 8
    folders_each: int = 2
    resources: int = 100_000
    releases: int = 20_000
    to_people: int = 800_000
    to_groups: int = 180_000
    to_organisations: int = 20_000
    events: int = 500_000
    notices_each: int = 6

    @property
    def grants(self) -> int:
        return self.to_people + self.to_groups + self.to_organisations


WHOLE = Size()
_TITLES = """(ARRAY['Street lights', 'Building permits', 'Air quality', 'School meals', 'Tree survey',
 'Bus ridership', 'Noise complaints', 'Water mains', 'Library loans', 'Parking fines'])"""
_NAMES = "(ARRAY['Maria', 'James', 'Aisha', 'Peter', 'Sofia', 'David', 'Helen', 'Tomas'])"
_LAST = "(ARRAY['Novak', 'Okafor', 'Lindqvist', 'Meyer', 'Rossi', 'Duarte', 'Weiss', 'Brown', 'Haddad'])"
_AGE = "interval '1 second' * (n - {count})"
"""The first was made first: ids are ordered by time, and lists show the newest first."""

# Each name is numbered from 0, so that a reference is arithmetic: the k-th of a kind, or the one that
# a hash of the number falls on. A tenth of all resources lie in one folder.
_STEPS: tuple[tuple[str, str], ...] = (
    (
        "organisations",
        """
CREATE TEMP TABLE l_org AS SELECT n, uuidv7(interval '-30 days') id FROM generate_series(0, %(organisations)s - 1) n;
INSERT INTO accounts_organisation (id, name, created_at) SELECT id, 'Department ' || n, now() FROM l_org;
INSERT INTO licensing_licence (id, organisation_id, issued_at) SELECT uuidv7(), id, now() - interval '20 days' FROM l_org;
""",
    ),
    (
        "people",
        f"""
CREATE TEMP TABLE l_person AS SELECT n, uuidv7(interval '-29 days' + interval '1 second' * n) id,
  (SELECT id FROM l_org o WHERE o.n = p.n %% %(organisations)s) org
  FROM generate_series(0, %(people)s - 1) p(n);
CREATE UNIQUE INDEX ON l_person (n);
INSERT INTO accounts_person (id, password, email, name, organisation_id, is_active, is_administrator, is_auditor, created_at, wants_daily_mail)
  SELECT id, '!', 'person' || n || '@large.example', {_NAMES}[n %% 8 + 1] || ' ' || {_LAST}[n %% 9 + 1] || ' ' || n, org, true,
    n = 1, n = 2, now() - interval '20 days', false FROM l_person;
CREATE TEMP TABLE l_group AS SELECT n, uuidv7(interval '-28 days') id FROM generate_series(0, %(groups)s - 1) n;
INSERT INTO accounts_group (id, organisation_id, name, created_at)
  SELECT g.id, o.id, 'Team ' || g.n, now() FROM l_group g JOIN l_org o ON o.n = g.n %% %(organisations)s;
INSERT INTO accounts_groupmembership (id, group_id, person_id, added_at)
  SELECT uuidv7(), g.id, p.id, now() FROM l_person p CROSS JOIN generate_series(0, 1) k
  JOIN l_group g ON g.n = (p.n * 7 + k * 13) %% %(groups)s;
""",  # noqa: S608
    ),
    (
        "projects",
        f"""
CREATE TEMP TABLE l_project AS SELECT n, uuidv7(interval '-27 days' + interval '1 second' * n) id,
  (SELECT id FROM l_org o WHERE o.n = p.n %% %(organisations)s) org,
  (SELECT id FROM l_person q WHERE q.n = (p.n * 3) %% %(people)s) owner
  FROM generate_series(0, %(projects)s - 1) p(n);
CREATE UNIQUE INDEX ON l_project (n);
INSERT INTO access_node (id, kind, organisation_id, path, owner_id, classification, created_at)
  SELECT id, 'project', org, ARRAY[id], owner, 'internal', now() FROM l_project;
INSERT INTO projects_project (node_id, slug, title, aims, status, quota_bytes, used_bytes, created_at)
  SELECT id, 'project-' || n, {_TITLES}[n %% 10 + 1] || ' ' || n, 'What is known of it, year by year.', 'working', 1000000000000, 0, now() - interval '27 days'
  FROM l_project;
INSERT INTO access_roleassignment (id, node_id, person_id, role, given_by_id, given_at)
  SELECT DISTINCT ON (r.id, p.id) uuidv7(), r.id, p.id,
    (ARRAY['owner', 'steward', 'steward', 'analyst', 'analyst', 'viewer', 'viewer', 'guest'])[k %% 8 + 1], r.owner, now()
  FROM l_project r CROSS JOIN generate_series(0, %(roles_each)s - 1) k
  JOIN l_person p ON p.n = (r.n * 3 + k * 1201) %% %(people)s ORDER BY r.id, p.id, k;
CREATE TEMP TABLE l_folder AS SELECT n, uuidv7(interval '-26 days' + interval '1 second' * n) id, n %% %(projects)s project
  FROM generate_series(0, %(projects)s * %(folders_each)s - 1) n;
CREATE UNIQUE INDEX ON l_folder (n);
INSERT INTO access_node (id, kind, parent_id, organisation_id, project_id, path, owner_id, classification, created_at)
  SELECT f.id, 'folder', p.id, p.org, p.id, ARRAY[p.id, f.id], p.owner, 'internal', now() FROM l_folder f JOIN l_project p ON p.n = f.project;
INSERT INTO resources_folder (node_id, project_id, title, description)
  SELECT f.id, p.id, 'Folder ' || f.n, '' FROM l_folder f JOIN l_project p ON p.n = f.project;
""",  # noqa: S608
    ),
    (
        "resources",
        f"""
CREATE TEMP TABLE l_resource AS
  SELECT n, uuidv7(interval '-20 days' + interval '1 second' * n) id, uuidv7(interval '-20 days' + interval '1 second' * n) version,
    CASE WHEN n %% 10 = 3 THEN 0 ELSE abs(hashint4(n)::bigint) %% (%(projects)s * %(folders_each)s) END folder FROM generate_series(0, %(resources)s - 1) n;
CREATE UNIQUE INDEX ON l_resource (n);
INSERT INTO access_node (id, kind, parent_id, organisation_id, project_id, path, owner_id, classification, created_at)
  SELECT r.id, 'resource', f.id, p.org, p.id, ARRAY[p.id, f.id, r.id], p.owner, 'confidential', now()
  FROM l_resource r JOIN l_folder f ON f.n = r.folder JOIN l_project p ON p.n = f.project;
INSERT INTO resources_resource (node_id, project_id, kind, title, description, usage_terms, created_at)
  SELECT r.id, p.id, CASE WHEN r.n %% 5 = 0 THEN 'file' ELSE 'dataset' END,
    {_TITLES}[r.n %% 10 + 1] || ' of ' || 1990 + r.n %% 36 || ', part ' || r.n, 'As it was delivered by the office in charge.', '', now() - interval '20 days' + interval '1 second' * r.n
  FROM l_resource r JOIN l_folder f ON f.n = r.folder JOIN l_project p ON p.n = f.project;
INSERT INTO access_node (id, kind, parent_id, organisation_id, project_id, path, owner_id, classification, created_at)
  SELECT r.version, 'version', r.id, p.org, p.id, ARRAY[p.id, f.id, r.id, r.version], p.owner, 'confidential', now()
  FROM l_resource r JOIN l_folder f ON f.n = r.folder JOIN l_project p ON p.n = f.project;
INSERT INTO resources_version (node_id, resource_id, number, original_id, original_name, table_path, media_type, size,
    rows_in, rows_kept, rows_made, rows_each, rows_quarantined, cells_quarantined, mode, key, changes, text_refusal, created_at)
  SELECT version, id, 1, gen_random_uuid(), 'part-' || n || '.csv', '[]', 'text/csv', 1000 + n, 100 + n %% 900,
    100 + n %% 900 - (n %% 97 = 0)::int, 0, 1, (n %% 97 = 0)::int, 0, 'replace', '{{}}', '{{}}', '{{}}', now() - interval '20 days' + interval '1 second' * n
  FROM l_resource;
CREATE TEMP TABLE l_part AS SELECT n, version, uuidv7() id FROM l_resource WHERE n %% 5 <> 0;
INSERT INTO datasets_part (id, version_id, number, object_id) SELECT id, version, 1, gen_random_uuid() FROM l_part;
INSERT INTO datasets_field (id, version_id, part_id, position, name, source_name, title, meaning, type, format, personal, personal_kind,
    confidence, evidence, unit, is_key, missing_codes, missing_count, distinct_count, distinct_is_exact, quarantined_count, inconsistent_count)
  SELECT uuidv7(), p.version, p.id, k, f, f, '', '', CASE k WHEN 0 THEN 'text' ELSE 'decimal' END, '', 'none', '', 'certain', '', '', false, '{{}}', 0, 90, true, 0, 0
  FROM l_part p CROSS JOIN unnest(ARRAY['identifier', 'district', 'opened_on', 'amount', 'state', 'note']) WITH ORDINALITY u(f, k);
""",  # noqa: S608
    ),
    (
        "releases",
        """
CREATE TEMP TABLE l_release AS SELECT n, uuidv7(interval '-10 days' + interval '1 second' * n) id, n * 5 + 1 resource
  FROM generate_series(0, least(%(releases)s, %(resources)s / 5) - 1) n;
CREATE UNIQUE INDEX ON l_release (resource);
INSERT INTO access_node (id, kind, parent_id, organisation_id, project_id, path, owner_id, classification, created_at)
  SELECT e.id, 'release', r.id, p.org, p.id, ARRAY[p.id, f.id, r.id, e.id], p.owner, 'confidential', now()
  FROM l_release e JOIN l_resource r ON r.n = e.resource JOIN l_folder f ON f.n = r.folder JOIN l_project p ON p.n = f.project;
INSERT INTO sharing_release (node_id, resource_id, title, purpose, fields, follows, version_id, row_count, created_at)
  SELECT e.id, r.id, 'Research ' || e.n, '', '[{"name": "district", "mask": {"kind": "keep"}}]', 'each-accepted', r.version, 100, now()
  FROM l_release e JOIN l_resource r ON r.n = e.resource;
""",
    ),
    (
        "grants",
        """
INSERT INTO access_grant (id, node_id, release_id, person_id, group_id, organisation_id, link_password, actions, conditions, note, granted_by_id,
    granted_at, until, revoked_at, revoked_by_id)
  SELECT uuidv7(interval '-9 days' + interval '100 milliseconds' * g.n), r.id, e.id, t.person, t.grp, t.org, '',
    CASE g.n %% 3 WHEN 0 THEN ARRAY['read'] WHEN 1 THEN ARRAY['download'] ELSE ARRAY['describe'] END, '{}', '', p.owner, now() - interval '9 days',
    CASE WHEN g.n %% 4 = 0 THEN now() + interval '1 day' * (g.n %% 300 + 1) END,
    CASE WHEN g.n %% 10 = 9 THEN now() - interval '1 day' END, CASE WHEN g.n %% 10 = 9 THEN p.owner END
  FROM generate_series(0, %(to_people)s + %(to_groups)s + %(to_organisations)s - 1) g(n)
  CROSS JOIN LATERAL (SELECT
    CASE WHEN g.n < %(to_people)s THEN (SELECT id FROM l_person WHERE l_person.n = abs(hashint4(g.n + 7)::bigint) %% %(people)s) END person,
    CASE WHEN g.n >= %(to_people)s AND g.n < %(to_people)s + %(to_groups)s THEN (SELECT id FROM l_group WHERE l_group.n = g.n %% %(groups)s) END grp,
    CASE WHEN g.n >= %(to_people)s + %(to_groups)s THEN (SELECT id FROM l_org WHERE l_org.n = g.n %% %(organisations)s) END org) t
  JOIN l_resource r ON r.n = abs(hashint4(g.n)::bigint) %% %(resources)s
  JOIN l_folder f ON f.n = r.folder JOIN l_project p ON p.n = f.project
  LEFT JOIN l_release e ON e.resource = r.n AND g.n %% 2 = 0;
""",
    ),
    (
        "events and notices",
        """
INSERT INTO base_event (id, at, code, outcome, actor_kind, actor_id, organisation_id, project_id, node_id, subject_kind, subject_id, details)
  SELECT uuidv7(interval '-8 days' + interval '1 second' * g.n), now() - interval '8 days' + interval '1 second' * g.n,
    (ARRAY['sharing:rows:read', 'resources:content:read', 'sharing:sample:read', 'access:grant:given'])[g.n %% 4 + 1],
    CASE WHEN g.n %% 50 = 0 THEN 'refused' ELSE 'ok' END, 'person', q.id, p.org, p.id, r.id, 'resource', r.id, '{}'
  FROM generate_series(0, %(events)s - 1) g(n) JOIN l_resource r ON r.n = abs(hashint4(g.n)::bigint) %% %(resources)s
  JOIN l_folder f ON f.n = r.folder JOIN l_project p ON p.n = f.project JOIN l_person q ON q.n = (g.n * 7) %% %(people)s;
INSERT INTO accounts_notice (id, person_id, code, node_id, at, read_at)
  SELECT uuidv7(interval '-1 day' * k), p.id, 'granted', r.id, now() - interval '1 day' * k, CASE WHEN k > 3 THEN now() END
  FROM l_person p CROSS JOIN generate_series(1, %(notices_each)s) k JOIN l_resource r ON r.n = (p.n * 11 + k) %% %(resources)s;
""",
    ),
)
_LOOSE = """
SELECT (SELECT count(*) FROM access_grant g LEFT JOIN access_node n ON n.id = g.node_id WHERE n.id IS NULL)
     + (SELECT count(*) FROM access_grant g LEFT JOIN accounts_person p ON p.id = g.person_id WHERE p.id IS NULL AND g.person_id IS NOT NULL)
     + (SELECT count(*) FROM access_node n LEFT JOIN access_node u ON u.id = n.parent_id WHERE u.id IS NULL AND n.parent_id IS NOT NULL)
     + (SELECT count(*) FROM resources_version v LEFT JOIN access_node n ON n.id = v.node_id WHERE n.id IS NULL)
"""


def fill(connection: Any, size: Size = WHOLE) -> dict[str, int]:
    """Make it, over a superuser's connection to the main database; how many rows there are."""
    values = {name: getattr(size, name) for name in Size.__dataclass_fields__}
    path = ", ".join(search_path_of("default"))
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL search_path = pg_temp, {path}")
        cursor.execute("SET LOCAL session_replication_role = replica; SET LOCAL work_mem = '256MB'")
        for _name, step in _STEPS:
            for statement in filter(str.strip, step.split(";\n")):
                cursor.execute(statement % values)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute(f"SET search_path = {path}")
        loose = cursor.execute(_LOOSE).fetchone()[0]
        if loose:
            raise RuntimeError(f"{loose} references name nothing")
        return {
            name: cursor.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608
            for name, table in (
                ("organisations", "accounts_organisation"),
                ("people", "accounts_person"),
                ("projects", "projects_project"),
                ("resources", "resources_resource"),
                ("nodes", "access_node"),
                ("grants", "access_grant"),
                ("events", "base_event"),
            )
        }
