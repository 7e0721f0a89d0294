"""Undoing a load that was not finished."""

from __future__ import annotations

from django.apps import apps

from wuyou.infra import db


@db.requires_transaction
def empty_tables() -> None:
    """Empty every table of ours, numbers beginning anew; whoever calls knows that nobody else's rows are there.

    The triggers that make the ledger's rows final stand aside for it, and are back when the transaction ends.
    """
    ours = sorted(
        model._meta.db_table
        for config in apps.get_app_configs()
        # Those of django-allauth point at people.
        if config.name.startswith(("wuyou.", "allauth."))
        for model in config.get_models()
    )
    guarded = [
        name
        for (name,) in db.rows(
            "SELECT DISTINCT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
            " WHERE NOT t.tgisinternal AND c.relname = ANY(%s)",
            [ours],
        )
    ]
    for name in guarded:
        db.execute(f'ALTER TABLE "{name}" DISABLE TRIGGER USER')
    files = db.rows("SELECT key, names FROM stored_file UNION ALL SELECT key, names FROM discarded_file")
    db.execute(f"TRUNCATE {', '.join(ours)} RESTART IDENTITY")
    for key, names in files:  # a task takes them off the disk
        db.execute("INSERT INTO discarded_file (key, names) VALUES (%s, %s)", [key, names])
    for name in guarded:
        db.execute(f'ALTER TABLE "{name}" ENABLE TRIGGER USER')
