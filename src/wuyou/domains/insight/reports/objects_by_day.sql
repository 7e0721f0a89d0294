-- What was seen, looked at and pressed of every object, day by day
-- 对象每日曝光、停留与点击
--
-- One row for each object and day (by the clock of the installation) on which anything happened to it. `people` counts
-- everybody who was there: signed in, else a browser, else a visit. `dwell_s` is whole seconds of all of them together.
-- `clicks_bps` is clicks for each ten thousand exposures. What is marked (programs, too many, impossible) is left out.
WITH counted AS (
    SELECT
        (b.happened_at_ms + :offset_ms) - (b.happened_at_ms + :offset_ms) % 86400000 - :offset_ms AS day_ms,
        b.object_kind AS object_kind,
        b.object_id AS object_id,
        b.kind AS kind,
        COALESCE(b.value, 0) AS amount,
        CASE
            WHEN b.person_id IS NOT NULL THEN CONCAT('p', CAST(b.person_id AS STRING))
            WHEN b.visitor IS NOT NULL THEN CONCAT('v', b.visitor)
            ELSE CONCAT('s', b.session)
        END AS who
    FROM behaviour b
    WHERE b.happened_at_ms >= :from_ms AND b.happened_at_ms < :until_ms AND b.mark IS NULL AND b.object_id IS NOT NULL
),
summed AS (
    SELECT
        c.day_ms AS day_ms,
        c.object_kind AS object_kind,
        c.object_id AS object_id,
        COUNT(DISTINCT c.who) AS people,
        SUM(CASE WHEN c.kind = 'exposure' THEN 1 ELSE 0 END) AS exposures,
        SUM(CASE WHEN c.kind = 'dwell' THEN c.amount ELSE 0 END) AS dwell_ms,
        SUM(CASE WHEN c.kind = 'click' THEN 1 ELSE 0 END) AS clicks
    FROM counted c
    GROUP BY c.day_ms, c.object_kind, c.object_id
)
SELECT
    s.day_ms AS day_ms,
    s.object_kind AS object_kind,
    s.object_id AS object_id,
    s.people AS people,
    CAST(s.exposures AS BIGINT) AS exposures,
    CAST(FLOOR(CAST(s.dwell_ms AS DOUBLE) / 1000) AS BIGINT) AS dwell_s,
    CAST(s.clicks AS BIGINT) AS clicks,
    CASE
        WHEN s.exposures > 0 THEN CAST(FLOOR(CAST(s.clicks AS DOUBLE) * 10000 / CAST(s.exposures AS DOUBLE)) AS BIGINT)
    END AS clicks_bps
FROM summed s
ORDER BY s.day_ms, s.object_kind, s.object_id
