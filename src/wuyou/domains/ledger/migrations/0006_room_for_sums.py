from django.db import migrations

# The sums of an account change with every booking, those of a page's accounts often in one statement: with room beside
# them no index is told, and the page is cleaned as it is read.
ROOM = "ALTER TABLE ledger_account SET (fillfactor = 50)"
AS_BEFORE = "ALTER TABLE ledger_account RESET (fillfactor)"


class Migration(migrations.Migration):
    dependencies = [("ledger", "0005_reserve")]

    operations = [migrations.RunSQL(ROOM, AS_BEFORE)]
