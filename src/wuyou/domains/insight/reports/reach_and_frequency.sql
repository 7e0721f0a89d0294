-- How many people were reached, and how often each
-- 触达与频次
--
-- One row for each number of exposures that anybody had to a kind of objects: `people` had exactly so many, and
-- `people_at_least` so many or more; the first row of a kind is therefore its reach. Ten stands for ten and more.
WITH each_one AS (
    SELECT
        b.object_kind AS object_kind,
        CASE
            WHEN b.person_id IS NOT NULL THEN CONCAT('p', CAST(b.person_id AS STRING))
            WHEN b.visitor IS NOT NULL THEN CONCAT('v', b.visitor)
            ELSE CONCAT('s', b.session)
        END AS who
    FROM behaviour b
    WHERE b.happened_at_ms >= :from_ms AND b.happened_at_ms < :until_ms AND b.mark IS NULL AND b.kind = 'exposure'
),
times AS (
    SELECT e.object_kind AS object_kind, e.who AS who, COUNT(*) AS seen
    FROM each_one e
    GROUP BY e.object_kind, e.who
),
bounded AS (
    SELECT t.object_kind AS object_kind, t.who AS who, CASE WHEN t.seen > 10 THEN 10 ELSE t.seen END AS frequency
    FROM times t
),
histogram AS (
    SELECT b.object_kind AS object_kind, b.frequency AS frequency, COUNT(*) AS people
    FROM bounded b
    GROUP BY b.object_kind, b.frequency
)
SELECT
    h.object_kind AS object_kind,
    CAST(h.frequency AS BIGINT) AS frequency,
    h.people AS people,
    CAST(
        SUM(h.people) OVER (
            PARTITION BY h.object_kind ORDER BY h.frequency DESC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS BIGINT
    ) AS people_at_least
FROM histogram h
ORDER BY h.object_kind, h.frequency
