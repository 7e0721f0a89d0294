from __future__ import annotations

from typing import Any

import django.contrib.postgres.indexes
from django.db import migrations

from wuyou.infra import fulltext

AT_ONCE = 5_000


def cut(apps: Any, editor: Any) -> None:
    """Every thing that is there, but forms of a model, gets the words by which it is found."""
    things = apps.get_model("things", "Thing").objects.exclude(kind="VARIANT").order_by("id")
    last = 0
    while page := list(things.filter(id__gt=last)[:AT_ONCE]):
        for thing in page:
            thing.words = fulltext.vector((f"{thing.name}\n{thing.name_en}", "A"), (thing.brand, "B"))
        things.bulk_update(page, ["words"])
        last = page[-1].id


class Migration(migrations.Migration):
    dependencies = [("things", "0008_words_at_photos")]

    operations = [
        migrations.AddField("thing", "words", fulltext.VectorField(default=""), preserve_default=False),
        migrations.RunPython(cut, migrations.RunPython.noop),
        migrations.AddIndex(
            "thing",
            django.contrib.postgres.indexes.GinIndex(fields=["words"], name="things_by_words", fastupdate=False),
        ),
    ]
