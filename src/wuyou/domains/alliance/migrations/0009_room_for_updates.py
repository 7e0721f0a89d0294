from django.db import migrations

# Each of these rows is written when a sale is paid and changes when it is received and settled, all of a page within
# moments of each other. Half a page of room keeps the new rows beside the old ones: no index is told, and the page is
# cleaned as it is read.
ROOM = """
ALTER TABLE alliance_conversion SET (fillfactor = 50);
ALTER TABLE alliance_commission SET (fillfactor = 50);
"""
AS_BEFORE = """
ALTER TABLE alliance_conversion RESET (fillfactor);
ALTER TABLE alliance_commission RESET (fillfactor);
"""


class Migration(migrations.Migration):
    dependencies = [("alliance", "0008_voucher_origins")]

    operations = [migrations.RunSQL(ROOM, AS_BEFORE)]
