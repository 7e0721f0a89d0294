"""Every write of the alliance."""

from wuyou.domains.alliance.operations.attributing import confirm_conversions, record_conversions
from wuyou.domains.alliance.operations.collaborations import (
    answer_application,
    answer_invitation,
    apply_to_join,
    close_collaboration,
    end_participation,
    invite,
    open_collaboration,
)
from wuyou.domains.alliance.operations.erasure import erase_person
from wuyou.domains.alliance.operations.following import carry_click, follow_offer, follow_tag
from wuyou.domains.alliance.operations.holds import (
    answer_hold_appeal,
    appeal_hold,
    end_hold_by_time,
    hold_conversion,
    punish_hold,
    release_hold,
)
from wuyou.domains.alliance.operations.libraries import open_library
from wuyou.domains.alliance.operations.plans import set_plan, set_subsidy
from wuyou.domains.alliance.operations.privileges import claim_voucher, open_packet, stop_promotion
from wuyou.domains.alliance.operations.publishing import (
    add_slot,
    bind_visitor,
    ensure_link,
    ensure_publisher,
    let_shops_find,
    record_click,
    set_slot_keywords,
)
from wuyou.domains.alliance.operations.recruiting import (
    close_activity,
    decide_enrolment,
    enrol,
    let_recruit,
    open_activity,
    tell_of_activity,
    withdraw_enrolment,
)
from wuyou.domains.alliance.operations.reversals import collect_reversals_of, drop_reversals, open_reversals
from wuyou.domains.alliance.operations.selections import (
    change_selection,
    copy_selection,
    follow_pick,
    make_selection,
    pick,
    remove_selection,
    unpick,
)
from wuyou.domains.alliance.operations.settling import reverse_commissions, settle_orders

__all__ = [
    "add_slot",
    "answer_application",
    "answer_hold_appeal",
    "answer_invitation",
    "appeal_hold",
    "apply_to_join",
    "bind_visitor",
    "carry_click",
    "change_selection",
    "claim_voucher",
    "close_activity",
    "close_collaboration",
    "collect_reversals_of",
    "confirm_conversions",
    "copy_selection",
    "decide_enrolment",
    "drop_reversals",
    "end_hold_by_time",
    "end_participation",
    "enrol",
    "ensure_link",
    "ensure_publisher",
    "erase_person",
    "follow_offer",
    "follow_pick",
    "follow_tag",
    "hold_conversion",
    "invite",
    "let_recruit",
    "let_shops_find",
    "make_selection",
    "open_activity",
    "open_collaboration",
    "open_library",
    "open_packet",
    "open_reversals",
    "pick",
    "punish_hold",
    "record_click",
    "record_conversions",
    "release_hold",
    "remove_selection",
    "reverse_commissions",
    "set_plan",
    "set_slot_keywords",
    "set_subsidy",
    "settle_orders",
    "stop_promotion",
    "tell_of_activity",
    "unpick",
    "withdraw_enrolment",
]
