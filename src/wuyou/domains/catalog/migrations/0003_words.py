from __future__ import annotations

from typing import Any

import django.contrib.postgres.indexes
from django.db import migrations

from wuyou.infra import fulltext


def cut(apps: Any, editor: Any) -> None:
    """Every product that is there gets the words by which it is found."""
    products = apps.get_model("catalog", "Product")
    for product in products.objects.only("title", "title_en").iterator(1_000):
        product.words = fulltext.vector((f"{product.title}\n{product.title_en}", "A"))
        product.save(update_fields=["words"])


class Migration(migrations.Migration):
    dependencies = [("catalog", "0002_withheld_products")]

    operations = [
        migrations.AddField("product", "words", fulltext.VectorField(default=""), preserve_default=False),
        migrations.RunPython(cut, migrations.RunPython.noop),
        migrations.AddIndex(
            "product",
            django.contrib.postgres.indexes.GinIndex(fields=["words"], name="products_by_words", fastupdate=False),
        ),
    ]
