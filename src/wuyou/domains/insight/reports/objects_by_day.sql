-- What was seen, looked at and pressed of every object, day by day
-- 对象每日曝光、停留与点击
--
-- One row for each object and day (by the clock of the installation) on which anything happened to it. `people` counts
-- everybody who was there: signed in, else a browser, else a visit. `dwell_s` is whole seconds of all of them together;
-- `dwell_median_ms` is how long the one in the middle looked in all that day, of those who did (of two, the shorter).
-- `clicks_bps` is clicks for each ten thousand exposures. `onward` counts what was pressed further on from the object,
-- such as the products in a post. What is marked (programs, too many, impossible) is left out.
WITH told AS (
    SELECT
        (b.happened_at_ms + :offset_ms) - (b.happened_at_ms + :offset_ms) % 86400000 - :offset_ms AS day_ms,
        b.object_kind AS object_kind,
        b.object_id AS object_id,
        b.origin_kind AS origin_kind,
        b.origin_id AS origin_id,
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
counted AS (
    SELECT
        t.day_ms AS day_ms,
        t.object_kind AS object_kind,
        t.object_id AS object_id,
        t.kind AS kind,
        t.amount AS amount,
        t.who AS who
    FROM told t
    UNION ALL
    SELECT
        t.day_ms AS day_ms,
        t.origin_kind AS object_kind,
        t.origin_id AS object_id,
        'onward' AS kind,
        CAST(0 AS BIGINT) AS amount,
        t.who AS who
    FROM told t
    WHERE t.kind = 'click' AND t.origin_id IS NOT NULL
),
looked AS (
    SELECT
        c.day_ms AS day_ms,
        c.object_kind AS object_kind,
        c.object_id AS object_id,
        c.who AS who,
        CAST(SUM(c.amount) AS BIGINT) AS dwell_ms
    FROM counted c
    WHERE c.kind = 'dwell'
    GROUP BY c.day_ms, c.object_kind, c.object_id, c.who
),
ranked AS (
    SELECT
        l.day_ms AS day_ms,
        l.object_kind AS object_kind,
        l.object_id AS object_id,
        l.dwell_ms AS dwell_ms,
        ROW_NUMBER() OVER (
            PARTITION BY l.day_ms, l.object_kind, l.object_id ORDER BY l.dwell_ms, l.who
        ) AS place,
        COUNT(*) OVER (PARTITION BY l.day_ms, l.object_kind, l.object_id) AS of_all
    FROM looked l
),
summed AS (
    SELECT
        c.day_ms AS day_ms,
        c.object_kind AS object_kind,
        c.object_id AS object_id,
        COUNT(DISTINCT c.who) AS people,
        SUM(CASE WHEN c.kind = 'exposure' THEN 1 ELSE 0 END) AS exposures,
        SUM(CASE WHEN c.kind = 'dwell' THEN c.amount ELSE 0 END) AS dwell_ms,
        SUM(CASE WHEN c.kind = 'click' THEN 1 ELSE 0 END) AS clicks,
        SUM(CASE WHEN c.kind = 'onward' THEN 1 ELSE 0 END) AS onward
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
    COALESCE(r.dwell_ms, CAST(0 AS BIGINT)) AS dwell_median_ms,
    CAST(s.clicks AS BIGINT) AS clicks,
    CASE
        WHEN s.exposures > 0 THEN CAST(FLOOR(CAST(s.clicks AS DOUBLE) * 10000 / CAST(s.exposures AS DOUBLE)) AS BIGINT)
    END AS clicks_bps,
    CAST(s.onward AS BIGINT) AS onward
FROM summed s
LEFT JOIN ranked r
    ON
        r.day_ms = s.day_ms AND r.object_kind = s.object_kind AND r.object_id = s.object_id
        AND r.place * 2 >= r.of_all AND r.place * 2 <= r.of_all + 1
ORDER BY s.day_ms, s.object_kind, s.object_id
