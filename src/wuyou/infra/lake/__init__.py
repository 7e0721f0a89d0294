"""The lake: what people saw and did, and what happened, as Parquet files by day, for whoever counts and learns.

Files follow the tables and never lead them. A day's file is written whole from its table, and again whenever the two
differ; so a compaction that dies anywhere is made up for by the next, and no row is there twice. `lake_day` says what
was found when a file was written: with it every row is accounted for, and a day leaves the table only when its file
holds it.
"""

from wuyou.infra.lake.compaction import KEPT_DAYS, BusyError, compact
from wuyou.infra.lake.erasure import forget_in_files
from wuyou.infra.lake.proof import DayProof, verify
from wuyou.infra.lake.streams import BEHAVIOUR, EVENT, STREAMS

__all__ = [
    "BEHAVIOUR",
    "EVENT",
    "KEPT_DAYS",
    "STREAMS",
    "BusyError",
    "DayProof",
    "compact",
    "forget_in_files",
    "verify",
]
