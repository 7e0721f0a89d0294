-- How much is marked, and why
-- 异常流量占比
--
-- One row for each day (by the clock of the installation), source and mark; the empty mark is what counts. `share_bps`
-- is of all events of that day and source, for each ten thousand. An outlet with a high share is to be asked.
WITH counted AS (
    SELECT
        (b.happened_at_ms + :offset_ms) - (b.happened_at_ms + :offset_ms) % 86400000 - :offset_ms AS day_ms,
        b.source AS source,
        COALESCE(b.outlet_id, 0) AS outlet_id,
        COALESCE(b.mark, '') AS mark,
        COUNT(*) AS events
    FROM behaviour b
    WHERE b.happened_at_ms >= :from_ms AND b.happened_at_ms < :until_ms
    GROUP BY
        (b.happened_at_ms + :offset_ms) - (b.happened_at_ms + :offset_ms) % 86400000 - :offset_ms,
        b.source,
        COALESCE(b.outlet_id, 0),
        COALESCE(b.mark, '')
),
whole AS (
    SELECT c.day_ms AS day_ms, c.source AS source, c.outlet_id AS outlet_id, SUM(c.events) AS events
    FROM counted c
    GROUP BY c.day_ms, c.source, c.outlet_id
)
SELECT
    c.day_ms AS day_ms,
    c.source AS source,
    c.outlet_id AS outlet_id,
    c.mark AS mark,
    c.events AS events,
    CAST(FLOOR(CAST(c.events AS DOUBLE) * 10000 / CAST(w.events AS DOUBLE)) AS BIGINT) AS share_bps
FROM counted c
INNER JOIN whole w ON w.day_ms = c.day_ms AND w.source = c.source AND w.outlet_id = c.outlet_id
ORDER BY c.day_ms, c.source, c.outlet_id, c.mark
