import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import simplr.access.fields
import simplr.base.ids


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0006_tokens_rest"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="accesstoken",
            name="renewable_until",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="application",
            name="public_id",
            field=models.UUIDField(default=simplr.base.ids.new_id, editable=False, unique=True),
        ),
        migrations.AddField(
            model_name="application",
            name="registered_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="application",
            name="revoked_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="application",
            name="scopes",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=100), default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="codegrant",
            name="made",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.OAUTH2_PROVIDER_ACCESS_TOKEN_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="codegrant",
            name="until",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="devicegrant",
            name="made",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.OAUTH2_PROVIDER_ACCESS_TOKEN_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="devicegrant",
            name="until",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="refreshtoken",
            name="scope",
            field=models.TextField(blank=True),
        ),
        migrations.AlterField(
            model_name="codegrant",
            name="code",
            field=simplr.access.fields.FingerprintField(max_length=255, unique=True),
        ),
        migrations.AlterField(
            model_name="devicegrant",
            name="device_code",
            field=simplr.access.fields.FingerprintField(max_length=100),
        ),
        migrations.AlterField(
            model_name="devicegrant",
            name="user_code",
            field=simplr.access.fields.FingerprintField(max_length=100, unique=True),
        ),
        migrations.AddConstraint(
            model_name="refreshtoken",
            constraint=models.CheckConstraint(
                condition=models.Q(("token", "")), name="refresh_token_is_never_kept"
            ),
        ),
    ]
