"""On PostgreSQL an index over pairs of characters; and the synonyms to begin with."""

from django.db import migrations

CREATE = """
CREATE INDEX search_text_grams ON search_searchtext USING gin (string_to_array(grams, ' ')) WITH (fastupdate = off)
"""


def create(apps, schema_editor):
    """Only where there is a PostgreSQL; elsewhere texts are looked through."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(CREATE)


def drop(apps, schema_editor):
    """Drop the index."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX IF EXISTS search_text_grams")


def synonyms(apps, schema_editor):
    """The words to begin with; the table is the office's own from here on."""
    from gongkai.core.search.synonyms import DEFAULTS

    model = apps.get_model("search", "Synonym")
    model.objects.bulk_create([model(words=list(group)) for group in DEFAULTS])


class Migration(migrations.Migration):
    dependencies = [("search", "0001_initial")]

    operations = [
        migrations.RunPython(create, drop),
        migrations.RunPython(synonyms, migrations.RunPython.noop),
    ]
