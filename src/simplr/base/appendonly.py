"""Triggers that refuse to change or delete rows of the ledger, whoever asks by mistake.

They stand beside the rights of the serving role, which lacks UPDATE and DELETE on these tables:
the triggers stop the owner's slips, the rights stop the application (database.md, trap 2).
"""

from __future__ import annotations

from django.db import migrations


def refuse_changes(table: str) -> list[migrations.RunSQL]:
    """Operations for a migration: `table` takes INSERT and SELECT only, TRUNCATE included."""
    return [
        migrations.RunSQL(
            sql=f"""
            CREATE FUNCTION {table}_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION '{table} is append-only' USING ERRCODE = 'insufficient_privilege';
            END $$;
            CREATE TRIGGER {table}_rows BEFORE UPDATE OR DELETE ON {table}
                FOR EACH ROW EXECUTE FUNCTION {table}_is_append_only();
            CREATE TRIGGER {table}_all BEFORE TRUNCATE ON {table}
                FOR EACH STATEMENT EXECUTE FUNCTION {table}_is_append_only();
            """,
            reverse_sql=f"""
            DROP TRIGGER {table}_rows ON {table};
            DROP TRIGGER {table}_all ON {table};
            DROP FUNCTION {table}_is_append_only();
            """,
        )
    ]
