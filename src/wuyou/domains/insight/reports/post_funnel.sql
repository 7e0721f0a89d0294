-- From a post to an order: who saw it, looked at it, pressed what it shows, and bought that
-- 种草漏斗：曝光、停留、点击、下单
--
-- One row a post. People are counted once in each column. `clicked` pressed an object that was reached from the post;
-- `ordered` paid for such a product within seven days after pressing it, and pressed it in no other post since: a sale is
-- of the last post alone. Only who is signed in can be known to have ordered. `paid_minor` sums what they paid, in minor
-- units. The days are those of the exposures and clicks; orders may come up to seven days later.
WITH counted AS (
    SELECT
        b.event_id AS event_id,
        b.kind AS kind,
        b.object_kind AS object_kind,
        b.object_id AS object_id,
        b.origin_id AS post_id,
        b.origin_kind AS origin_kind,
        b.happened_at_ms AS at_ms,
        b.person_id AS person_id,
        COALESCE(b.value, 0) AS amount,
        CASE
            WHEN b.person_id IS NOT NULL THEN CONCAT('p', CAST(b.person_id AS STRING))
            WHEN b.visitor IS NOT NULL THEN CONCAT('v', b.visitor)
            ELSE CONCAT('s', b.session)
        END AS who
    FROM behaviour b
    WHERE b.happened_at_ms >= :from_ms AND b.happened_at_ms < :until_ms + 604800000 AND b.mark IS NULL
),
steps AS (
    SELECT c.object_id AS post_id, c.who AS who, 'exposed' AS step, CAST(0 AS BIGINT) AS paid_minor
    FROM counted c
    WHERE c.object_kind = 'post' AND c.kind = 'exposure' AND c.at_ms < :until_ms
    UNION ALL
    SELECT c.object_id AS post_id, c.who AS who, 'dwelt' AS step, CAST(0 AS BIGINT) AS paid_minor
    FROM counted c
    WHERE c.object_kind = 'post' AND c.kind = 'dwell' AND c.at_ms < :until_ms
    UNION ALL
    SELECT c.post_id AS post_id, c.who AS who, 'clicked' AS step, CAST(0 AS BIGINT) AS paid_minor
    FROM counted c
    WHERE c.origin_kind = 'post' AND c.kind = 'click' AND c.at_ms < :until_ms
    UNION ALL
    SELECT l.post_id AS post_id, l.who AS who, 'ordered' AS step, l.paid_minor AS paid_minor
    FROM (
        SELECT
            k.post_id AS post_id,
            o.who AS who,
            o.amount AS paid_minor,
            ROW_NUMBER() OVER (PARTITION BY o.event_id ORDER BY k.at_ms DESC, k.event_id DESC) AS place
        FROM counted o
        INNER JOIN counted k
            ON k.person_id = o.person_id AND k.object_kind = o.object_kind AND k.object_id = o.object_id
        WHERE
            o.kind = 'order' AND k.kind = 'click' AND k.origin_kind = 'post' AND k.at_ms < :until_ms
            AND o.at_ms >= k.at_ms AND o.at_ms < k.at_ms + 604800000
    ) l
    WHERE l.place = 1
)
SELECT
    s.post_id AS post_id,
    COUNT(DISTINCT s.who) AS people,
    COUNT(DISTINCT CASE WHEN s.step = 'exposed' THEN s.who END) AS exposed,
    COUNT(DISTINCT CASE WHEN s.step = 'dwelt' THEN s.who END) AS dwelt,
    COUNT(DISTINCT CASE WHEN s.step = 'clicked' THEN s.who END) AS clicked,
    COUNT(DISTINCT CASE WHEN s.step = 'ordered' THEN s.who END) AS ordered,
    CAST(SUM(s.paid_minor) AS BIGINT) AS paid_minor
FROM steps s
GROUP BY s.post_id
ORDER BY s.post_id
