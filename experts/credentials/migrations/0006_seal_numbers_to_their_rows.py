"""Numbers were sealed to their column only; now each is sealed to its row too, and hashed with a key made for hashes."""

from django.db import migrations

from marketplace.kernel import crypto

COLUMN = "credentials_credential.number"


def seal_to_rows(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, public_id, number, kind, country, region FROM credentials_credential WHERE number <> ''"
        )
        for pk, public_id, stored, kind, country, region in cursor.fetchall():
            number = crypto.decrypt(stored, context=COLUMN)
            sealed = crypto.encrypt(number, context=f"{COLUMN}.{public_id}")
            hashed = crypto.keyed_hash(number.upper(), purpose=f"credential:{kind}:{country}:{region}")
            cursor.execute(
                "UPDATE credentials_credential SET number = %s, number_hash = %s WHERE id = %s", [sealed, hashed, pk]
            )


class Migration(migrations.Migration):
    dependencies = [("credentials", "0005_uploads_in_pieces_and_pages_read")]
    operations = [migrations.RunPython(seal_to_rows, migrations.RunPython.noop, elidable=True)]
