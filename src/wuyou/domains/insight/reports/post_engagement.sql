-- From a post to what people do about it, and from there to an order
-- 内容到互动到下单：赞、评、藏、转、谢与成交
--
-- One row a post about which anything was done. Reactions, comments, reposts, saves and thanks are counted as the
-- platform noted them, shares as pages say. `engaged` people did one of them. `carted` pressed a product that the post
-- shows and put it into their cart within seven days; `ordered` paid for it, in no other post pressed since;
-- `engaged_ordered` of those did also something about the post before. `paid_minor` sums what the ordered paid, in
-- minor units. The days are those of what was done and pressed; carts and orders may come up to seven days later.
WITH counted AS (
    SELECT
        b.event_id AS event_id,
        b.kind AS kind,
        b.source AS source,
        b.object_kind AS object_kind,
        b.object_id AS object_id,
        b.origin_kind AS origin_kind,
        b.origin_id AS origin_id,
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
deeds AS (
    SELECT c.object_id AS post_id, c.who AS who, c.kind AS step, c.at_ms AS at_ms
    FROM counted c
    WHERE
        c.object_kind = 'post' AND c.at_ms < :until_ms
        AND (c.kind = 'share' OR (c.source = 'server' AND c.kind IN ('like', 'comment', 'repost', 'save', 'thank')))
),
taken AS (
    SELECT
        k.origin_id AS post_id,
        o.who AS who,
        o.kind AS step,
        o.at_ms AS at_ms,
        o.amount AS amount,
        ROW_NUMBER() OVER (PARTITION BY o.event_id ORDER BY k.at_ms DESC, k.event_id DESC) AS place
    FROM counted o
    INNER JOIN counted k
        ON k.person_id = o.person_id AND k.object_kind = o.object_kind AND k.object_id = o.object_id
    WHERE
        o.source = 'server' AND o.kind IN ('order', 'add_to_cart')
        AND k.kind = 'click' AND k.origin_kind = 'post' AND k.at_ms < :until_ms
        AND o.at_ms >= k.at_ms AND o.at_ms < k.at_ms + 604800000
),
engaged_orders AS (
    SELECT t.post_id AS post_id, t.who AS who
    FROM taken t
    INNER JOIN deeds d ON d.post_id = t.post_id AND d.who = t.who
    WHERE t.place = 1 AND t.step = 'order' AND d.at_ms <= t.at_ms
),
steps AS (
    SELECT d.post_id AS post_id, d.who AS who, d.step AS step, CAST(0 AS BIGINT) AS paid_minor
    FROM deeds d
    UNION ALL
    SELECT
        t.post_id AS post_id,
        t.who AS who,
        t.step AS step,
        CASE WHEN t.step = 'order' THEN t.amount ELSE CAST(0 AS BIGINT) END AS paid_minor
    FROM taken t
    WHERE t.place = 1
    UNION ALL
    SELECT e.post_id AS post_id, e.who AS who, 'engaged_order' AS step, CAST(0 AS BIGINT) AS paid_minor
    FROM engaged_orders e
)
SELECT
    s.post_id AS post_id,
    COUNT(DISTINCT s.who) AS people,
    CAST(SUM(CASE WHEN s.step = 'like' THEN 1 ELSE 0 END) AS BIGINT) AS reactions,
    CAST(SUM(CASE WHEN s.step = 'comment' THEN 1 ELSE 0 END) AS BIGINT) AS comments,
    CAST(SUM(CASE WHEN s.step = 'repost' THEN 1 ELSE 0 END) AS BIGINT) AS reposts,
    CAST(SUM(CASE WHEN s.step = 'save' THEN 1 ELSE 0 END) AS BIGINT) AS saves,
    CAST(SUM(CASE WHEN s.step = 'thank' THEN 1 ELSE 0 END) AS BIGINT) AS thanks,
    CAST(SUM(CASE WHEN s.step = 'share' THEN 1 ELSE 0 END) AS BIGINT) AS shares,
    COUNT(
        DISTINCT CASE WHEN s.step IN ('like', 'comment', 'repost', 'save', 'thank', 'share') THEN s.who END
    ) AS engaged,
    COUNT(DISTINCT CASE WHEN s.step = 'add_to_cart' THEN s.who END) AS carted,
    COUNT(DISTINCT CASE WHEN s.step = 'order' THEN s.who END) AS ordered,
    COUNT(DISTINCT CASE WHEN s.step = 'engaged_order' THEN s.who END) AS engaged_ordered,
    CAST(SUM(s.paid_minor) AS BIGINT) AS paid_minor
FROM steps s
GROUP BY s.post_id
ORDER BY s.post_id
