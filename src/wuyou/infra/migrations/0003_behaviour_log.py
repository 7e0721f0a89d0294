"""The behaviour log. Django cannot say that a table is partitioned, so SQL does."""

from django.db import migrations, models

TABLE = """
CREATE TABLE behaviour_event (
    event_id uuid NOT NULL,
    day date NOT NULL,
    received_at_ms bigint NOT NULL,
    happened_at_ms bigint NOT NULL,
    kind text NOT NULL,
    source text NOT NULL,
    person_id bigint,
    visitor uuid,
    session uuid,
    outlet_id bigint,
    object_kind text,
    object_id bigint,
    surface text,
    list text,
    position smallint,
    origin_kind text,
    origin_id bigint,
    value bigint,
    mark text,
    PRIMARY KEY (event_id, day)
) PARTITION BY RANGE (day)
"""


class Migration(migrations.Migration):
    dependencies = [("infra", "0002_stored_files")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(TABLE, "DROP TABLE behaviour_event")],
            state_operations=[
                migrations.CreateModel(
                    name="BehaviourEvent",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "event_id", "day", blank=True, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("event_id", models.UUIDField()),
                        ("day", models.DateField()),
                        ("received_at_ms", models.BigIntegerField()),
                        ("happened_at_ms", models.BigIntegerField()),
                        ("kind", models.TextField()),
                        ("source", models.TextField()),
                        ("person_id", models.BigIntegerField(null=True)),
                        ("visitor", models.UUIDField(null=True)),
                        ("session", models.UUIDField(null=True)),
                        ("outlet_id", models.BigIntegerField(null=True)),
                        ("object_kind", models.TextField(null=True)),
                        ("object_id", models.BigIntegerField(null=True)),
                        ("surface", models.TextField(null=True)),
                        ("list", models.TextField(null=True)),
                        ("position", models.SmallIntegerField(null=True)),
                        ("origin_kind", models.TextField(null=True)),
                        ("origin_id", models.BigIntegerField(null=True)),
                        ("value", models.BigIntegerField(null=True)),
                        ("mark", models.TextField(null=True)),
                    ],
                    options={"db_table": "behaviour_event"},
                ),
            ],
        ),
    ]
