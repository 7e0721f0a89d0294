-- What each page, list and place brings
-- 版位效果：页面、列表与位置
--
-- One row for each surface, list and place in the list; places from the twentieth on are one. Read it down a list to see
-- how fast attention falls, across lists to see which is worth its room.
WITH placed AS (
    SELECT
        COALESCE(b.surface, '') AS surface,
        COALESCE(b.list, '') AS list,
        CASE WHEN b.position IS NULL THEN 0 WHEN b.position > 20 THEN 20 ELSE b.position END AS place,
        b.kind AS kind,
        COALESCE(b.value, 0) AS amount,
        CASE
            WHEN b.person_id IS NOT NULL THEN CONCAT('p', CAST(b.person_id AS STRING))
            WHEN b.visitor IS NOT NULL THEN CONCAT('v', b.visitor)
            ELSE CONCAT('s', b.session)
        END AS who
    FROM behaviour b
    WHERE
        b.happened_at_ms >= :from_ms AND b.happened_at_ms < :until_ms AND b.mark IS NULL
        AND b.kind IN ('exposure', 'dwell', 'click')
),
summed AS (
    SELECT
        p.surface AS surface,
        p.list AS list,
        p.place AS place,
        COUNT(DISTINCT p.who) AS people,
        SUM(CASE WHEN p.kind = 'exposure' THEN 1 ELSE 0 END) AS exposures,
        SUM(CASE WHEN p.kind = 'click' THEN 1 ELSE 0 END) AS clicks,
        SUM(CASE WHEN p.kind = 'dwell' THEN p.amount ELSE 0 END) AS dwell_ms
    FROM placed p
    GROUP BY p.surface, p.list, p.place
)
SELECT
    s.surface AS surface,
    s.list AS list,
    CAST(s.place AS BIGINT) AS place,
    s.people AS people,
    CAST(s.exposures AS BIGINT) AS exposures,
    CAST(s.clicks AS BIGINT) AS clicks,
    CASE
        WHEN s.exposures > 0 THEN CAST(FLOOR(CAST(s.clicks AS DOUBLE) * 10000 / CAST(s.exposures AS DOUBLE)) AS BIGINT)
    END AS clicks_bps,
    CAST(FLOOR(CAST(s.dwell_ms AS DOUBLE) / 1000) AS BIGINT) AS dwell_s
FROM summed s
ORDER BY s.surface, s.list, s.place
