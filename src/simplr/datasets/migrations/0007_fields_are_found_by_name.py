from __future__ import annotations

from django.db import migrations

NAMED = """
CREATE INDEX field_by_words ON datasets_field
USING gin (upper(name::text) gin_trgm_ops, upper(title::text) gin_trgm_ops)
"""


class Migration(migrations.Migration):
    dependencies = [("datasets", "0006_versions_have_a_structure")]
    operations = [migrations.RunSQL(NAMED, "DROP INDEX field_by_words")]
