-- From what people come to what
-- 来源：从何处来到何处
--
-- One row for each kind of origin and of object, such as post → product: how many events, people, clicks and orders had
-- an origin at all. What has none was reached directly.
SELECT
    COALESCE(b.origin_kind, '') AS origin_kind,
    COALESCE(b.object_kind, '') AS object_kind,
    COUNT(DISTINCT CASE
        WHEN b.person_id IS NOT NULL THEN CONCAT('p', CAST(b.person_id AS STRING))
        WHEN b.visitor IS NOT NULL THEN CONCAT('v', b.visitor)
        ELSE CONCAT('s', b.session)
    END) AS people,
    COUNT(*) AS events,
    CAST(SUM(CASE WHEN b.kind = 'exposure' THEN 1 ELSE 0 END) AS BIGINT) AS exposures,
    CAST(SUM(CASE WHEN b.kind = 'click' THEN 1 ELSE 0 END) AS BIGINT) AS clicks,
    CAST(SUM(CASE WHEN b.kind = 'order' THEN 1 ELSE 0 END) AS BIGINT) AS orders
FROM behaviour b
WHERE b.happened_at_ms >= :from_ms AND b.happened_at_ms < :until_ms AND b.mark IS NULL
GROUP BY COALESCE(b.origin_kind, ''), COALESCE(b.object_kind, '')
ORDER BY COALESCE(b.origin_kind, ''), COALESCE(b.object_kind, '')
