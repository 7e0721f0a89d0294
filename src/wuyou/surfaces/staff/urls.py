"""The console's addresses."""

from __future__ import annotations

from django.urls import path, register_converter
from django.urls.converters import IntConverter, StringConverter

from wuyou.surfaces.staff.pages import (
    accounts,
    alliance,
    awards,
    bills,
    books,
    channels,
    claims,
    complaints,
    disputes,
    events,
    holds,
    judging,
    judging_rules,
    keywords,
    letters,
    notices,
    orders,
    overview,
    packets,
    payments,
    payouts,
    refunds,
    reversals,
    teams,
    ties,
    transfers,
)

app_name = "staff"


class NumberConverter(StringConverter):
    """A number of an order, a payment intent or a refund, as payments allow them."""

    regex = "[A-Za-z0-9._:-]{1,64}"


class KeyConverter(IntConverter):
    """A row's key: what a 64-bit column may hold."""

    regex = "[0-9]{1,18}"


register_converter(NumberConverter, "payment_number")
register_converter(KeyConverter, "row_key")

urlpatterns = [
    path("", overview.overview, name="overview"),
    path("teams", teams.teams, name="teams"),
    path("teams/<slug:token>", teams.team, name="team"),
    path("teams/<slug:token>/waive", teams.waive, name="waive"),
    path("teams/<slug:token>/dissolve", teams.dissolve, name="dissolve"),
    path("orders", orders.orders, name="orders"),
    path("orders/<payment_number:order_no>", orders.order, name="order"),
    path("refunds", refunds.refunds, name="refunds"),
    path("refunds/<payment_number:refund_no>", refunds.refund, name="refund"),
    path("refunds/<payment_number:refund_no>/retry", refunds.retry, name="retry-refund"),
    path("complaints", complaints.complaints, name="complaints"),
    path("complaints/<row_key:complaint_id>", complaints.complaint, name="complaint"),
    path("complaints/<row_key:complaint_id>/decide", complaints.decide, name="decide-complaint"),
    path("mismatches", payments.mismatches, name="mismatches"),
    path("notices", notices.notices, name="notices"),
    path("notices/<row_key:notice_id>", notices.notice, name="notice"),
    path("notices/bank", payments.bank_notices, name="bank-notices"),
    path("discrepancies", bills.discrepancies, name="discrepancies"),
    path("discrepancies/<row_key:discrepancy_id>", bills.discrepancy, name="discrepancy"),
    path("discrepancies/<row_key:discrepancy_id>/resolve", bills.resolve, name="resolve-discrepancy"),
    path("bills", bills.bills, name="bills"),
    path("disputes", disputes.disputes, name="disputes"),
    path("disputes/<row_key:dispute_id>", disputes.dispute, name="dispute"),
    path("accounts", accounts.accounts, name="accounts"),
    path("accounts/<path:code>", accounts.statement, name="statement"),
    path("payouts", payouts.payouts, name="payouts"),
    path("payouts/<payment_number:number>", payouts.payout, name="payout"),
    path("payouts/<payment_number:number>/retry", payouts.retry, name="retry-payout"),
    path("debts", payouts.debts, name="debts"),
    path("debts/hold", payouts.hold, name="hold-account"),
    path("debts/lift", payouts.lift, name="lift-hold"),
    path("debts/ask", payouts.ask_write_off, name="ask-write-off"),
    path("debts/<payment_number:number>/decide", payouts.decide_write_off, name="decide-write-off"),
    path("transfers", transfers.transfers, name="transfers"),
    path("books", books.books, name="books"),
    path("dead-letters", letters.letters, name="letters"),
    path("dead-letters/<row_key:letter_id>", letters.letter, name="letter"),
    path("dead-letters/<row_key:letter_id>/retry", letters.retry, name="retry-letter"),
    path("packets", packets.packets, name="packets"),
    path("keywords", keywords.keywords, name="keywords"),
    path("keywords/add", keywords.add_keyword, name="add-keyword"),
    path("keywords/<row_key:keyword_id>", keywords.change_keyword, name="change-keyword"),
    path("awards", awards.awards, name="awards"),
    path("awards/add", awards.add_award, name="add-award"),
    path("awards/<row_key:award_id>/end", awards.end_award, name="end-award"),
    path("awards/honours/<row_key:honour_id>/withdraw", awards.withdraw_honour, name="withdraw-honour"),
    path("alliance", alliance.alliance_page, name="alliance"),
    path("alliance/recruiters", alliance.let_recruit, name="let-recruit"),
    path("alliance/subsidies", alliance.add_subsidy, name="add-subsidy"),
    path("alliance/activities", alliance.open_activity, name="open-activity"),
    path("alliance/activities/<row_key:activity_id>", alliance.activity, name="activity"),
    path("alliance/enrolments/<row_key:enrolment_id>/decide", alliance.decide_enrolment, name="decide-enrolment"),
    path("alliance/reversals", reversals.reversals, name="reversals"),
    path("alliance/holds", holds.holds, name="holds"),
    path("alliance/holds/<row_key:hold_id>", holds.hold, name="hold"),
    path("alliance/holds/<row_key:hold_id>/decide", holds.decide, name="decide-hold"),
    path("ties", ties.ties, name="ties"),
    path("moderation", judging.cases, name="cases"),
    path("moderation/<row_key:case_id>", judging.case, name="case"),
    path("moderation/<row_key:case_id>/decide", judging.decide, name="decide-case"),
    path("moderation/<row_key:case_id>/pictures/<row_key:number>", judging.case_picture, name="case-picture"),
    path("moderation/<row_key:case_id>/film", judging.case_film, name="case-film"),
    path(
        "moderation/<row_key:case_id>/pictures/<row_key:number>/forbid", judging.forbid_picture, name="forbid-picture"
    ),
    path("moderation/appeals", judging.appeals, name="appeals"),
    path("moderation/appeals/<row_key:appeal_id>", judging.appeal, name="appeal"),
    path("moderation/appeals/<row_key:appeal_id>/answer", judging.answer_appeal, name="answer-appeal"),
    path("moderation/terms", judging_rules.terms, name="terms"),
    path("moderation/terms/add", judging_rules.add_term, name="add-term"),
    path("moderation/terms/import", judging_rules.import_terms, name="import-terms"),
    path("moderation/terms/<row_key:rule_id>/retire", judging_rules.retire_term, name="retire-term"),
    path("moderation/pictures", judging_rules.picture_rules, name="picture-rules"),
    path("moderation/pictures/add", judging_rules.add_picture, name="add-picture-rule"),
    path("moderation/pictures/<row_key:rule_id>/retire", judging_rules.retire_picture, name="retire-picture-rule"),
    path("moderation/people/<row_key:person_id>", judging.strikes, name="strikes"),
    path("channels", channels.channels, name="channels"),
    path("channels/new", channels.new_channel, name="new-channel"),
    path("channels/post", channels.post, name="channel-post"),
    path("channels/editors", channels.editors, name="channel-editors"),
    path("channels/<row_key:channel_id>", channels.channel, name="channel"),
    path("channels/<row_key:channel_id>/describe", channels.describe_channel, name="describe-channel"),
    path("channels/<row_key:channel_id>/open", channels.open_channel, name="open-channel"),
    path("channels/<row_key:channel_id>/rule", channels.save_rule, name="save-channel-rule"),
    path("channels/<row_key:channel_id>/place", channels.place_post, name="place-post"),
    path("claims", claims.claims, name="claims"),
    path("claims/<row_key:claim_id>", claims.claim, name="claim"),
    path("claims/<row_key:claim_id>/decide", claims.decide, name="decide-claim"),
    path("events", events.events, name="events"),
]
