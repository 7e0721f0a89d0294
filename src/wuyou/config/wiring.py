"""Who listens to what: the only list of event → handler. And who says which tokens of sight a person holds,
and who holds something of a person.

One subscriber is one cursor: its events are handled in commit order, one batch a transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from wuyou.domains.aftersales import operations as aftersales_operations
from wuyou.domains.aftersales import policies as aftersales_policies
from wuyou.domains.aftersales import queries as aftersales
from wuyou.domains.alliance import handlers as alliance
from wuyou.domains.alliance import operations as alliance_operations
from wuyou.domains.alliance import policies as alliance_policies
from wuyou.domains.alliance import queries as alliance_queries
from wuyou.domains.awards import operations as awards_operations
from wuyou.domains.awards import policies as awards_policies
from wuyou.domains.awards import queries as awards
from wuyou.domains.catalog import handlers as catalog
from wuyou.domains.catalog import operations as catalog_operations
from wuyou.domains.catalog import policies as catalog_policies
from wuyou.domains.catalog import queries as catalog_queries
from wuyou.domains.channels import handlers as channels_handlers
from wuyou.domains.channels import operations as channels_operations
from wuyou.domains.channels import policies as channels_policies
from wuyou.domains.channels import queries as channels
from wuyou.domains.complaints import operations as complaints_operations
from wuyou.domains.complaints import policies as complaints_policies
from wuyou.domains.complaints import queries as complaints
from wuyou.domains.content import events as content_events
from wuyou.domains.content import handlers as content_handlers
from wuyou.domains.content import operations as content_operations
from wuyou.domains.content import policies as content_policies
from wuyou.domains.content import queries as content
from wuyou.domains.feed import operations as feed_operations
from wuyou.domains.feed import policies as feed_policies
from wuyou.domains.feed import queries as feed
from wuyou.domains.groupbuy import events as groupbuy_events
from wuyou.domains.groupbuy import handlers as groupbuy
from wuyou.domains.groupbuy import policies as groupbuy_policies
from wuyou.domains.groupbuy import queries as groupbuy_queries
from wuyou.domains.identity import events as identity_events
from wuyou.domains.identity import operations as identity_operations
from wuyou.domains.identity import policies as identity_policies
from wuyou.domains.identity import queries as identity_queries
from wuyou.domains.insight import operations as insight_operations
from wuyou.domains.insight import policies as insight_policies
from wuyou.domains.ledger import events as ledger_events
from wuyou.domains.ledger import policies as ledger_policies
from wuyou.domains.messaging import operations as messaging_operations
from wuyou.domains.messaging import policies as messaging_policies
from wuyou.domains.messaging import queries as messaging_queries
from wuyou.domains.moderation import events as moderation_events
from wuyou.domains.moderation import operations as moderation_operations
from wuyou.domains.moderation import policies as moderation_policies
from wuyou.domains.moderation import queries as moderation
from wuyou.domains.moderation.types import Source as JudgedSource
from wuyou.domains.moderation.types import SubjectKind
from wuyou.domains.notifications import handlers as notifications_handlers
from wuyou.domains.notifications import operations as notifications_operations
from wuyou.domains.notifications import policies as notifications_policies
from wuyou.domains.notifications import queries as notifications
from wuyou.domains.notifications.types import Kind
from wuyou.domains.orders import events as orders_events
from wuyou.domains.orders import handlers as orders
from wuyou.domains.orders import operations as orders_operations
from wuyou.domains.orders import policies as orders_policies
from wuyou.domains.orders import queries as orders_queries
from wuyou.domains.payments import events as payments_events
from wuyou.domains.payments import policies as payments_policies
from wuyou.domains.payments import queries as payments_queries
from wuyou.domains.promotions import policies as promotions_policies
from wuyou.domains.promotions import queries as promotions
from wuyou.domains.social import events as social_events
from wuyou.domains.social import handlers as social_handlers
from wuyou.domains.social import operations as social_operations
from wuyou.domains.social import policies as social_policies
from wuyou.domains.social import queries as social
from wuyou.domains.things import events as things_events
from wuyou.domains.things import handlers as things_handlers
from wuyou.domains.things import operations as things_operations
from wuyou.domains.things import policies as things_policies
from wuyou.domains.things import queries as things
from wuyou.infra.events import Subscriber
from wuyou.infra.lake import person as lake
from wuyou.infra.person_data import PersonData
from wuyou.infra.sight import Source

SUBSCRIBERS = (
    Subscriber(
        "orders",
        {
            payments_events.PaymentCaptured: orders.on_payment_captured,
            payments_events.RefundSucceeded: orders.on_refund_succeeded,
            payments_events.PaymentDisputed: orders.on_payment_disputed,
            payments_events.PaymentDisputeEnded: orders.on_payment_dispute_ended,
        },
    ),
    Subscriber(
        "arrivals",
        {
            orders_events.OrderReceived: orders.on_order_received,
            orders_events.OrderRefunded: orders.on_order_refunded,
        },
    ),
    Subscriber(
        "alliance",
        {
            orders_events.OrderRefunded: alliance.on_order_refunded,
            orders_events.OrderDisputed: alliance.on_order_disputed,
            orders_events.DisputeEnded: alliance.on_dispute_ended,
            ledger_events.PayoutEnded: alliance.on_payout_ended,
        },
        {
            orders_events.OrderPaid: alliance.on_orders_paid,
            orders_events.OrderReceived: alliance.on_orders_received,
            orders_events.OrderCompleted: alliance.on_orders_completed,
        },
        {orders_events.OrderPaid: "order_id"},
    ),
    Subscriber(
        "groupbuy",
        {
            orders_events.OrderPaidLate: groupbuy.on_order_paid_late,
            orders_events.OrderReceived: groupbuy.on_order_received,
            orders_events.OrderClosed: groupbuy.on_order_closed,
            orders_events.OrderRefunded: groupbuy.on_order_refunded,
            orders_events.RefundReturned: groupbuy.on_refund_returned,
        },
        {orders_events.OrderPaid: groupbuy.on_orders_paid},
    ),
    Subscriber(
        "behaviour",
        {
            content_events.PostReacted: content_handlers.on_post_reacted,
            content_events.CommentWritten: content_handlers.on_comment_written,
            content_events.PostPublished: content_handlers.on_post_published,
            social_events.PersonFollowed: social_handlers.on_person_followed,
            social_events.PersonAppreciated: social_handlers.on_person_appreciated,
        },
        {orders_events.OrderPaid: orders.on_orders_paid},
    ),
    Subscriber(
        "ties",
        {
            groupbuy_events.TeamFormed: groupbuy.on_team_formed,
            orders_events.OrderReceived: orders.on_goods_received,
        },
    ),
    Subscriber(
        "content",
        {
            things_events.ThingMerged: content_handlers.on_thing_merged,
            moderation_events.SubjectWithheld: content_handlers.on_subject_withheld,
            moderation_events.SubjectReleased: content_handlers.on_subject_released,
            moderation_events.SubjectRemoved: content_handlers.on_subject_removed,
        },
    ),
    Subscriber(
        "channels",
        {
            content_events.PostPublished: channels_handlers.on_post_published,
            content_events.PostChanged: channels_handlers.on_post_changed,
            content_events.PostRemoved: channels_handlers.on_post_removed,
            content_events.CommentWritten: channels_handlers.on_comment_written,
            content_events.PostReacted: channels_handlers.on_post_reacted,
            moderation_events.SubjectReleased: channels_handlers.on_subject_released,
        },
    ),
    Subscriber(
        "notifications",
        {
            identity_events.ExportReady: notifications_handlers.on_export_ready,
            identity_events.SignedInAnew: notifications_handlers.on_signed_in_anew,
            identity_events.WaysInChanged: notifications_handlers.on_ways_in_changed,
        },
    ),
    Subscriber(
        "judgements",
        {
            moderation_events.SubjectWithheld: things_handlers.on_subject_withheld,
            moderation_events.SubjectReleased: things_handlers.on_subject_released,
            moderation_events.SubjectRemoved: things_handlers.on_subject_removed,
        },
    ),
    Subscriber(
        "faces",
        {
            moderation_events.SubjectWithheld: social_handlers.on_subject_withheld,
            moderation_events.SubjectReleased: social_handlers.on_subject_released,
        },
    ),
    Subscriber(
        "shelves",
        {
            moderation_events.SubjectWithheld: catalog.on_subject_withheld,
            moderation_events.SubjectReleased: catalog.on_subject_released,
        },
    ),
)

SIGHT_SOURCES: tuple[Source, ...] = (social.sight_tokens_sql, things.sight_tokens_sql)

STREAM_COUNTS: Mapping[str, Callable[[list[int]], dict[int, int]]] = {"talk": messaging_queries.count_unread_by_person}
"""The numbers beside the places of the navigation, which streams keep fresh: for many people at once."""

PERSON_DATA: tuple[PersonData, ...] = (
    PersonData("groupbuy", groupbuy_policies.PERSON_COLUMNS, export=groupbuy_queries.export_person),
    PersonData(
        "awards", awards_policies.PERSON_COLUMNS, export=awards.export_person, erase=awards_operations.erase_person
    ),
    PersonData(
        "alliance",
        alliance_policies.PERSON_COLUMNS,
        export=alliance_queries.export_person,
        erase=alliance_operations.erase_person,
        obstacles=alliance_queries.obstacles_of,
    ),
    PersonData(
        "complaints",
        complaints_policies.PERSON_COLUMNS,
        export=complaints.export_person,
        erase=complaints_operations.erase_person,
        obstacles=complaints.obstacles_of,
        pictures=complaints.pictures_of_person,
    ),
    PersonData(
        "aftersales",
        aftersales_policies.PERSON_COLUMNS,
        export=aftersales.export_person,
        erase=aftersales_operations.erase_person,
        obstacles=aftersales.obstacles_of,
        pictures=aftersales.pictures_of_person,
    ),
    PersonData(
        "orders",
        orders_policies.PERSON_COLUMNS,
        export=orders_queries.export_person,
        erase=orders_operations.erase_person,
        obstacles=orders_queries.obstacles_of,
    ),
    PersonData("promotions", promotions_policies.PERSON_COLUMNS, export=promotions.export_person),
    PersonData(
        "channels",
        channels_policies.PERSON_COLUMNS,
        export=channels.export_person,
        erase=channels_operations.erase_person,
    ),
    PersonData("feed", feed_policies.PERSON_COLUMNS, export=feed.export_person, erase=feed_operations.erase_person),
    PersonData(
        "messaging",
        messaging_policies.PERSON_COLUMNS,
        export=messaging_queries.export_person,
        erase=messaging_operations.erase_person,
        pictures=messaging_queries.pictures_of_person,
    ),
    PersonData(
        "content",
        content_policies.PERSON_COLUMNS,
        export=content.export_person,
        erase=content_operations.erase_person,
        pictures=content.pictures_of_person,
        films=content.films_of_person,
    ),
    PersonData(
        "payments",
        payments_policies.PERSON_COLUMNS,
        export=payments_queries.export_person,
        obstacles=payments_queries.obstacles_of,
    ),
    PersonData(
        "things",
        things_policies.PERSON_COLUMNS,
        export=things.export_person,
        erase=things_operations.erase_person,
        pictures=things.pictures_of_person,
    ),
    PersonData(
        "catalog",
        catalog_policies.PERSON_COLUMNS,
        export=catalog_queries.export_person,
        erase=catalog_operations.erase_person,
        pictures=catalog_queries.pictures_of_person,
        obstacles=catalog_queries.obstacles_of,
    ),
    PersonData(
        "social",
        social_policies.PERSON_COLUMNS,
        export=social.export_person,
        erase=social_operations.erase_person,
    ),
    PersonData(
        "moderation",
        moderation_policies.PERSON_COLUMNS,
        export=moderation.export_person,
        erase=moderation_operations.erase_person,
    ),
    PersonData(
        "notifications",
        notifications_policies.PERSON_COLUMNS,
        export=notifications.export_person,
        erase=notifications_operations.erase_person,
    ),
    PersonData("insight", insight_policies.PERSON_COLUMNS, erase=insight_operations.erase_person),
    PersonData("ledger", ledger_policies.PERSON_COLUMNS),
    PersonData("behaviour", lake.PERSON_COLUMNS, export=lake.export_person, erase=lake.erase_person),
    PersonData(
        "identity",
        identity_policies.PERSON_COLUMNS,
        export=identity_queries.export_person,
        erase=identity_operations.erase_person,
    ),
)
"""Who holds something of a person, from the top of the ladder downwards: rows go before what they point at."""

TIE_OCCASIONS = (social.occasion_of_friendship, things.occasion_of_thing)
"""Who knows a reason to write to somebody; the first that does is asked no further."""

NOTIFICATION_ACTORS: notifications.Actors = social.origins_of
"""Of whom a person hears at all, and how they know them."""

NOTIFICATION_SOURCES: dict[Kind, notifications.Source] = {
    Kind.FOLLOWED: social.followers_among,
    Kind.FRIEND_REQUESTED: social.pending_among,
    Kind.FRIENDSHIP_BEGAN: social.friends_among,
    Kind.GIFT_OFFERED: social.offered_gifts_among,
    Kind.GIFT_ACCEPTED: social.accepted_gifts_among,
    Kind.GIFT_RECEIVED: social.given_gifts_among,
    Kind.APPRECIATED: content.thanks_among,
    Kind.TIE_FADING: social.reminders_among,
    Kind.MESSAGE: messaging_queries.unread_among,
    Kind.CALLED_OUT: messaging_queries.messages_among,
    Kind.GOODS_ARRIVED: things.visible_holdings_among,
    Kind.THREAD_REPLIED: things.visible_replies_among,
    Kind.POST_COMMENTED: content.visible_comments_among,
    Kind.COMMENT_ANSWERED: content.visible_comments_among,
    Kind.POST_REACTED: content.visible_posts_among,
    Kind.POST_REPOSTED: content.visible_posts_among,
    Kind.TEAM_FORMED: notifications.every_id,
    Kind.TEAM_ENDED: notifications.every_id,
    Kind.EXPERIENCE_ASKED: notifications.every_id,
    Kind.REFUND_RETURNED: notifications.every_id,
    Kind.ORDER_SHIPPED: notifications.every_id,
    Kind.PARCEL_SENT: notifications.every_id,
    Kind.COMPLAINT_MADE: complaints.complaints_among,
    Kind.COMPLAINT_MOVED: complaints.complaints_among,
    Kind.CLAIM_MADE: aftersales.claims_among,
    Kind.CLAIM_MOVED: aftersales.claims_among,
    Kind.EXPORT_READY: notifications.every_id,
    Kind.SIGNED_IN_ANEW: notifications.every_id,
    Kind.WAYS_IN_CHANGED: notifications.every_id,
    Kind.CASE_DECIDED: moderation.decisions_among,
    Kind.APPEAL_ANSWERED: moderation.decisions_among,
    Kind.REPORT_ANSWERED: notifications.every_id,
    Kind.CLERK_INVITED: catalog_queries.open_invitations_among,
    Kind.PLAN_INVITED: notifications.every_id,
    Kind.PLAN_APPLIED: notifications.every_id,
    Kind.PLAN_ANSWERED: notifications.every_id,
    Kind.PLAN_ENDED: notifications.every_id,
    Kind.ENROLMENT_DECIDED: notifications.every_id,
    Kind.ACTIVITY_FOR_ONE: alliance_queries.activities_for_among,
    Kind.RATE_CUT: notifications.every_id,
    Kind.PAYOUT_PAID: notifications.every_id,
    Kind.PAYOUT_FAILED: notifications.every_id,
    Kind.COMMISSION_HELD: notifications.every_id,
    Kind.COMMISSION_REVERSED: notifications.every_id,
    Kind.COMMISSION_DECIDED: notifications.every_id,
    Kind.COMMISSION_ANSWERED: notifications.every_id,
    Kind.AWARD_GIVEN: awards.honours_among,
    Kind.AWARD_WITHDRAWN: awards.honours_among,
}
"""Whether what a notification is about may still be seen by who was told; a kind that is not here is told to nobody."""

MODERATION_SUBJECTS: dict[SubjectKind, JudgedSource] = {
    SubjectKind.REVIEW: things.REVIEWS,
    SubjectKind.ANNOTATION: things.ANNOTATIONS,
    SubjectKind.ANSWER: things.ANSWERS,
    SubjectKind.COPY: things.COPIES,
    SubjectKind.POST: content.POSTS,
    SubjectKind.COMMENT: content.COMMENTS,
    SubjectKind.MESSAGE: messaging_queries.MESSAGES,
    SubjectKind.PERSON: social.PEOPLE,
    SubjectKind.FACE: social.FACES,
    SubjectKind.PRODUCT: catalog_queries.PRODUCTS,
    SubjectKind.SHOP: catalog_queries.SHOPS,
}
"""What can be judged: what of it a member sees and may report, what staff see, and what can be decided of it."""
