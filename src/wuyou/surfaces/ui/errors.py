"""Errors at the edge: kind → status, code → sentence. The only place that knows both."""

from __future__ import annotations

import json
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from prometheus_client import Counter

from wuyou.domains.moderation.types import Category
from wuyou.kernel.errors import DomainError, ErrorKind
from wuyou.surfaces.ui import judging

STATUS = {
    ErrorKind.INVALID: 422,
    ErrorKind.FORBIDDEN: 403,
    ErrorKind.NOT_FOUND: 404,
    ErrorKind.CONFLICT: 409,
    ErrorKind.LIMIT: 429,
    ErrorKind.UNAVAILABLE: 503,
}

TEXTS: dict[str, object] = {
    "pictures.unreadable": gettext_lazy(
        "We cannot read this picture. Please send a photo as JPEG, PNG, WebP or HEIC; nothing that moves."
    ),
    "pictures.too_large": gettext_lazy("This file is too large: a picture has at most %(megabytes)s MB."),
    "pictures.too_wide": gettext_lazy("This picture has too many pixels: at most %(megapixels)s million."),
    "films.unreadable": gettext_lazy("We cannot read this film to its end. Please send an MP4 or MOV file."),
    "films.unplayable": gettext_lazy(
        "Browsers cannot play this film. Please send an MP4 with H.264, HEVC or AV1, and sound as AAC, MP3 or Opus."
    ),
    "films.too_large": gettext_lazy("This file is too large: a film has at most %(megabytes)s MB."),
    "films.too_long": gettext_lazy("This film is too long: at most %(seconds)s seconds."),
    "films.busy": gettext_lazy("Many films are arriving just now. Please send yours again in a minute."),
    "films.too_wide": gettext_lazy("This film has too many pixels: at most 3840 × 2160."),
    "storage.file_gone": gettext_lazy("This upload has waited too long. Please send the file again."),
    "idempotency.key_malformed": gettext_lazy("The idempotency key must be 1 to 200 printable ASCII characters."),
    "idempotency.key_reused": gettext_lazy("This idempotency key was used before for another request."),
    "identity.handle_malformed": gettext_lazy(
        "A name to sign in with has 3 to 30 lower-case letters, digits or underscores and begins with a letter."
    ),
    "identity.handle_taken": gettext_lazy("Somebody already has the name “%(handle)s”."),
    "identity.name_malformed": gettext_lazy("Please give a name of 1 to 40 characters."),
    "identity.password_too_weak": gettext_lazy("This password is too easy to guess. Use at least 10 characters."),
    "identity.too_many_sign_ins": gettext_lazy("Too many tries. Please wait %(minutes)s minutes and try again."),
    "identity.export_not_found": gettext_lazy("This copy is no longer kept. You can ask for a new one."),
    "identity.too_many_exports": gettext_lazy("At most %(most)s copies a day. Please ask again tomorrow."),
    "identity.still_open": gettext_lazy("Something is still open. It has to come to its end first."),
    "identity.contact_malformed": gettext_lazy("Please give an e-mail address or a phone number."),
    "identity.contact_taken": gettext_lazy("This belongs to another account. Sign in with it, or use another one."),
    "identity.way_in_missing": gettext_lazy("Choose a password, or give an e-mail address or phone to get codes."),
    "identity.last_way_in": gettext_lazy("Without this nobody could sign in to your account any more."),
    "identity.session_not_found": gettext_lazy("You are not signed in there any more."),
    "identity.code_wrong": gettext_lazy("This is not the code, or it was used already."),
    "identity.too_many_code_tries": gettext_lazy("Too many wrong codes. Please ask for a new one."),
    "identity.second_factor_needed": gettext_lazy(
        "Your account asks for a second factor: a code of your app or a recovery code has to come along."
    ),
    "identity.sender_unavailable": gettext_lazy(
        "We could not send the message. Nothing was changed; please try again."
    ),
    "identity.document_malformed": gettext_lazy("This name and number cannot be those of an identity card."),
    "identity.document_taken": gettext_lazy("This document already proves another account."),
    "identity.too_young": gettext_lazy("A real name can be proven from the age of %(years)s."),
    "identity.already_proven": gettext_lazy("Your real name is proven already."),
    "identity.person_not_found": gettext_lazy("We could not find this person."),
    "insight.report_not_found": gettext_lazy("There is no such report."),
    "insight.range_malformed": gettext_lazy("Please give days of which the first comes first, and at most %(most)s."),
    "catalog.product_not_found": gettext_lazy("We could not find this product. It may have been taken off the shelf."),
    "catalog.variant_not_found": gettext_lazy("This choice is no longer sold."),
    "catalog.shop_not_found": gettext_lazy("We could not find this shop."),
    "catalog.invitation_not_found": gettext_lazy("Nobody asks you to work there, or no longer."),
    "catalog.clerk_not_found": gettext_lazy("We could not find this person."),
    "catalog.clerk_there": gettext_lazy("They work in the shop already, or have been asked to."),
    "catalog.too_many_clerks": gettext_lazy("At most %(most)s people can work in a shop."),
    "catalog.photo_not_found": gettext_lazy("We could not find this photograph."),
    "catalog.photo_name_unknown": gettext_lazy(
        "No photograph called “%(name)s” is put aside or belongs to this product. Upload it first."
    ),
    "catalog.too_many_photos": gettext_lazy("At most %(most)s photographs are possible here. Take some away first."),
    "catalog.staff_only": gettext_lazy("Only the staff of this site may do this."),
    "catalog.keyword_not_found": gettext_lazy("We could not find this keyword, or it is not for this."),
    "catalog.keyword_malformed": gettext_lazy(
        "Please give the keyword a name of 1 to 20 characters, without “|”, in both languages."
    ),
    "catalog.keyword_taken": gettext_lazy("There is such a keyword already, perhaps a retired one."),
    "catalog.too_many_keywords": gettext_lazy("At most %(most)s keywords are possible here."),
    "catalog.text_malformed": gettext_lazy("Please give a text of 1 to 120 characters."),
    "catalog.price_out_of_range": gettext_lazy("The team price must be below the price alone, and both above zero."),
    "notifications.subscription_malformed": gettext_lazy("This browser's push service cannot be used."),
    "notifications.too_many_at_once": gettext_lazy("At most %(most)s notifications can be marked at once."),
    "moderation.words_refused": gettext_lazy(
        "This cannot be published with the words “%(words)s” in it. The rule is: %(category)s."
    ),
    "moderation.picture_refused": gettext_lazy("This picture cannot be published here. The rule is: %(category)s."),
    "moderation.paused": gettext_lazy(
        "You have had too many warnings lately. You can publish again from %(until)s on."
    ),
    "moderation.subject_not_found": gettext_lazy("There is nothing here, or nothing that you may see."),
    "moderation.own_subject": gettext_lazy("This is your own: you can change it or take it back."),
    "moderation.too_many_reports": gettext_lazy("At most %(most)s reports a day. Please go on tomorrow."),
    "moderation.text_malformed": gettext_lazy("Please give a text of at most %(longest)s characters."),
    "moderation.case_not_found": gettext_lazy("We could not find this case."),
    "moderation.decision_not_found": gettext_lazy("We could not find this decision."),
    "moderation.already_decided": gettext_lazy("Somebody else has decided this a moment ago."),
    "moderation.outcome_impossible": gettext_lazy("This cannot be done here. Choose another way."),
    "moderation.appeal_too_late": gettext_lazy("One can no longer appeal against this decision."),
    "moderation.appealed_already": gettext_lazy("You have appealed against this decision already."),
    "moderation.appeal_not_found": gettext_lazy("We could not find this appeal."),
    "moderation.same_staff": gettext_lazy("Somebody else has to decide this: you decided before, or it is your own."),
    "moderation.staff_only": gettext_lazy("Only staff can do this."),
    "moderation.rule_not_found": gettext_lazy("We could not find this rule. It may have been retired already."),
    "moderation.rule_malformed": gettext_lazy("Line %(line)s of the file cannot be read as a rule."),
    "moderation.too_many_rules": gettext_lazy("At most %(most)s rules in one file."),
    "social.asked_recently": gettext_lazy("You asked not long ago. You may ask again in %(days)s days."),
    "social.audience_too_large": gettext_lazy("At most %(most)s people, labels, things and circles can be named."),
    "social.label_malformed": gettext_lazy("Please give the label a name of 1 to 20 characters."),
    "social.label_not_found": gettext_lazy("We could not find this label."),
    "social.label_taken": gettext_lazy("You already have a label “%(label)s”."),
    "social.not_yourself": gettext_lazy("You can do this with others only, not with yourself."),
    "social.note_malformed": gettext_lazy("A note has at most 200 characters."),
    "social.reason_malformed": gettext_lazy("Please say in 1 to 200 characters why you ask."),
    "social.request_closed": gettext_lazy("This request was already answered or withdrawn."),
    "social.request_not_found": gettext_lazy("We could not find this request."),
    "social.unblock_first": gettext_lazy("You have blocked this person. Unblock them first."),
    "channels.channel_not_found": gettext_lazy("There is no such channel."),
    "channels.editors_only": gettext_lazy("Only editors define channels and place posts."),
    "channels.staff_only": gettext_lazy("Only staff say who is an editor."),
    "channels.slug_malformed": gettext_lazy(
        "The name in the address has 2 to 16 small letters, digits or hyphens, and begins with a letter."
    ),
    "channels.slug_taken": gettext_lazy("Another channel has this name in its address."),
    "channels.text_malformed": gettext_lazy(
        "Please look at the names, the description and the reason: one is empty, too long, or cannot be shown."
    ),
    "channels.position_malformed": gettext_lazy("A place is a whole number of at most %(most)s."),
    "channels.rule_empty": gettext_lazy("This rule asks for nothing, and would take everything. Say what it takes."),
    "channels.rule_malformed": gettext_lazy(
        "A part of the rule lies outside of its bounds: %(field)s, from %(least)s to %(most)s."
    ),
    "channels.rule_contradicts": gettext_lazy("The rule asks for #%(topic)s and shuts it out too."),
    "channels.thing_unknown": gettext_lazy("The rule names a thing that nobody may know of: %(thing)s."),
    "channels.rule_changed": gettext_lazy("Somebody else has saved a rule meanwhile. Please look at it first."),
    "channels.post_not_found": gettext_lazy("There is no such post that is open to everyone."),
    "channels.not_in_future": gettext_lazy("Choose a moment that is still to come, within a year."),
    "channels.hand_not_found": gettext_lazy("No editor has placed this post here."),
    "channels.too_many_channels": gettext_lazy("There are %(most)s channels already. Close one, or change one."),
    "content.post_not_found": gettext_lazy("We could not find this post."),
    "content.photo_not_found": gettext_lazy("We could not find this picture."),
    "content.film_not_found": gettext_lazy("We could not find this film."),
    "content.film_misplaced": gettext_lazy(
        "Only a video has a film, and no other pictures than the one that stands for it."
    ),
    "content.comment_not_found": gettext_lazy("We could not find this comment."),
    "content.series_not_found": gettext_lazy("We could not find this series of yours."),
    "content.text_malformed": gettext_lazy("Please look at what you wrote: it is empty, too long, or cannot be shown."),
    "content.post_incomplete": gettext_lazy(
        "There is not enough to publish yet: photos or words; an article needs a title and a text, a video its film."
    ),
    "content.tag_malformed": gettext_lazy("A tag names one thing, and a place on a picture or a moment of the video."),
    "aftersales.already_running": gettext_lazy("You have asked for this order already; go on there."),
    "aftersales.amount_out_of_range": gettext_lazy(
        "The amount has to be above zero, and at most what the goods cost and is left."
    ),
    "aftersales.claim_not_found": gettext_lazy("We could not find this refund or return."),
    "aftersales.lines_malformed": gettext_lazy("Choose at least one piece, and none that was given back before."),
    "aftersales.not_claimable": gettext_lazy("Nothing can be asked back for this order as it stands."),
    "aftersales.photo_not_found": gettext_lazy("We could not find this picture."),
    "aftersales.staff_only": gettext_lazy("Only our staff decide, and never about what is their own."),
    "aftersales.text_malformed": gettext_lazy("Please say it in 1 to 2,000 characters."),
    "aftersales.too_many_photos": gettext_lazy("At most %(most)s pictures fit here."),
    "aftersales.wrong_state": gettext_lazy("This has moved on meanwhile; please look at it again."),
    "catalog.too_many_variants": gettext_lazy("A product has at most %(most)s variants."),
    "inventory.below_reserved": gettext_lazy(
        "So many cannot be taken away: they are kept for orders, or are not there."
    ),
    "orders.carrier_unknown": gettext_lazy("We know no carrier of this name."),
    "orders.number_malformed": gettext_lazy("A tracking number has 6 to 32 letters and digits."),
    "payments.bill_not_ready": gettext_lazy("The provider has no bill of that day yet."),
    "payments.bill_malformed": gettext_lazy("The bill that came is not whole, or cannot be read."),
    "payments.discrepancy_not_found": gettext_lazy("There is no such difference."),
    "payments.discrepancy_resolved": gettext_lazy("Somebody has resolved this before."),
    "payments.resolution_missing": gettext_lazy("Please say what it was, in at most 500 characters."),
    "payments.staff_only": gettext_lazy("Only staff may do this."),
    "inventory.not_reserved": gettext_lazy("Fewer of these are kept for the order than that."),
    "orders.pieces_malformed": gettext_lazy(
        "Name lines of this order, each once, and no more pieces than are still to be sent."
    ),
    "orders.parcel_there": gettext_lazy("This order has a parcel of this number already."),
    "orders.parcel_not_found": gettext_lazy("There is no parcel on its way here of which this could be said."),
    "orders.scan_malformed": gettext_lazy("A place has at most 60 characters, and a delivered parcel has arrived."),
    "seller.amount_malformed": gettext_lazy("We cannot read “%(said)s” as an amount. Write it like %(example)s."),
    "seller.currency_stays": gettext_lazy("What is sold in %(currency)s stays in %(currency)s."),
    "seller.columns_missing": gettext_lazy("The file has no column: %(columns)s."),
    "seller.columns_unknown": gettext_lazy("We do not know these columns, or they stand there twice: %(columns)s."),
    "seller.lines_disagree": gettext_lazy("Another line says something else of “%(title)s”."),
    "seller.picture_unknown": gettext_lazy("There is no picture called “%(picture)s”."),
    "seller.keyword_unknown": gettext_lazy("There is no keyword called “%(word)s” for goods."),
    "seller.keyword_unclear": gettext_lazy("Several keywords are called “%(word)s”. Write %(clear)s for one of them."),
    "seller.stock_unseen": gettext_lazy("A line that changes stock says in stock_seen what was there."),
    "seller.lines_wrong": gettext_lazy("Nothing was taken over; the file has to be looked at again."),
    "seller.table_empty": gettext_lazy("There is no line below the names of the columns."),
    "seller.table_too_large": gettext_lazy("This file is too large: at most %(megabytes)s MB."),
    "seller.table_unreadable": gettext_lazy("We cannot read line %(line)s: it has to be CSV in UTF-8 or GB 18030."),
    "seller.too_many_lines": gettext_lazy("At most %(most)s lines in one file."),
    "complaints.already_decided": gettext_lazy("Our staff have decided about this order already."),
    "complaints.already_running": gettext_lazy("You have complained about this order already; go on there."),
    "complaints.complaint_not_found": gettext_lazy("We could not find this complaint."),
    "complaints.not_complainable": gettext_lazy("Nothing to complain about here: not paid, given back, or too old."),
    "complaints.photo_not_found": gettext_lazy("We could not find this picture."),
    "complaints.staff_only": gettext_lazy("Only our staff decide, and never about what is their own."),
    "complaints.text_malformed": gettext_lazy("Please say it in 1 to 2,000 characters."),
    "complaints.too_many_photos": gettext_lazy("At most %(most)s pictures fit here."),
    "complaints.wrong_state": gettext_lazy("This complaint has moved on meanwhile; please look at it again."),
    "content.too_many": gettext_lazy("That is more than fits here: at most %(most)s."),
    "content.topic_malformed": gettext_lazy("A topic is one word of up to 30 letters, digits or Chinese signs."),
    "content.not_in_future": gettext_lazy("Choose a moment that is still to come, within a year."),
    "content.already_published": gettext_lazy("This post is published already."),
    "content.not_yet_published": gettext_lazy("This post is not published yet."),
    "content.series_name_taken": gettext_lazy("You have a series of this title already."),
    "messaging.conversation_not_found": gettext_lazy("We could not find this conversation."),
    "messaging.message_not_found": gettext_lazy("We could not find this message."),
    "messaging.message_empty": gettext_lazy("Please write something first."),
    "messaging.message_too_long": gettext_lazy("At most %(most)s characters in one message."),
    "messaging.message_malformed": gettext_lazy("This message holds something that cannot be sent."),
    "messaging.too_many_photos": gettext_lazy("At most %(most)s photos in one message."),
    "messaging.client_id_malformed": gettext_lazy("A client id has 8 to 64 letters, digits, dashes and underscores."),
    "messaging.client_id_reused": gettext_lazy("This client id was used before in another conversation."),
    "messaging.too_late": gettext_lazy("A message can be changed or withdrawn within %(minutes)s minutes only."),
    "messaging.awaiting_answer": gettext_lazy("They have not answered yet. You can go on once they do."),
    "messaging.door_closed": gettext_lazy("They take messages from people they know only."),
    "messaging.nothing_in_common": gettext_lazy("Choose 1 to 12 things that you both have."),
    "messaging.too_many_today": gettext_lazy("At most %(most)s a day. Please go on tomorrow."),
    "messaging.not_yourself": gettext_lazy("You can do this with others only, not with yourself."),
    "messaging.group_name_malformed": gettext_lazy("Please give the group a name of 1 to 40 characters."),
    "messaging.group_too_large": gettext_lazy("A group has at most %(most)s members."),
    "messaging.friends_only": gettext_lazy("Only friends can be brought into a group."),
    "messaging.admins_only": gettext_lazy("Only who runs the group can do this."),
    "messaging.not_a_group": gettext_lazy("This is a conversation of two."),
    "social.age_not_proven": gettext_lazy("No real-name proof says yet that you are an adult."),
    "social.age_refuted": gettext_lazy("Your real-name proof says otherwise."),
    "social.age_too_open": gettext_lazy("Under 18, an age can be shown to friends and chosen people only."),
    "social.face_malformed": gettext_lazy(
        "Please give the face a name of 1 to 40 characters, and at most 200 characters of words."
    ),
    "social.face_not_found": gettext_lazy("We could not find this face."),
    "social.too_many_faces": gettext_lazy("You have %(most)s faces already. Please remove one first."),
    "social.too_many_traits": gettext_lazy("You have said %(most)s of these already. Please take one back first."),
    "social.trait_malformed": gettext_lazy("Please say it in 1 to 30 characters a word; an age is one of the list."),
    "social.trait_not_found": gettext_lazy("You do not say this of yourself any more."),
    "social.copy_offered": gettext_lazy("You have already offered this to somebody."),
    "social.gift_closed": gettext_lazy("This gift has moved on, so this is no longer possible."),
    "social.gift_malformed": gettext_lazy(
        "Please say in 1 to 120 characters what it is, and with it at most 500 characters."
    ),
    "social.gift_needs_copy": gettext_lazy("A thing is given by handing on a copy that you have on record."),
    "social.gift_not_found": gettext_lazy("We could not find this gift."),
    "social.gift_not_wanted": gettext_lazy("This person takes gifts only from people they know."),
    "social.reminder_not_found": gettext_lazy("We could not find this reminder."),
    "social.too_many_gifts": gettext_lazy("%(most)s gifts of yours wait for an answer. Please wait for some of them."),
    "social.too_many_thanks": gettext_lazy("You have thanked %(most)s times today. Please go on tomorrow."),
    "social.words_malformed": gettext_lazy("Words of thanks have at most 500 characters."),
    "things.brand_not_found": gettext_lazy("This thing names no brand."),
    "things.thing_not_found": gettext_lazy("We could not find this thing."),
    "things.holding_not_found": gettext_lazy("We could not find this, or it is not yours to change."),
    "things.shelf_not_found": gettext_lazy("We could not find this shelf."),
    "things.text_malformed": gettext_lazy("This text is empty, too long, or holds signs that cannot be shown."),
    "things.fields_malformed": gettext_lazy(
        "Please give up to 20 notes with different names, each of at most 200 characters."
    ),
    "things.rating_out_of_range": gettext_lazy("Please give 1 to 5 stars."),
    "things.tree_malformed": gettext_lazy("These two do not belong together in this way."),
    "things.question_malformed": gettext_lazy(
        "Ask for 1 to 1,000 things in common, and for 20 things to have at most."
    ),
    "things.not_yours": gettext_lazy("Only staff may say which things are the same."),
    "things.move_refused": gettext_lazy("It cannot change in this way from where it stands."),
    "things.too_many": gettext_lazy("That is too many: at most %(limit)s."),
    "things.shelf_name_taken": gettext_lazy("You already have a shelf named “%(name)s”."),
    "things.photo_not_found": gettext_lazy("We could not find this photo."),
    "things.too_many_photos": gettext_lazy("A thing has at most %(most)s photos. Take some away first."),
    "things.source_reserved": gettext_lazy("Say that it was a gift, or that you add it yourself."),
    "things.review_not_found": gettext_lazy("We could not find this review, or it is not yours to change."),
    "things.annotation_not_found": gettext_lazy("We could not find this, or it is not yours to change."),
    "things.region_malformed": gettext_lazy("Please mark a region that lies in the picture."),
    "things.target_malformed": gettext_lazy("Please point at one thing at a time."),
    "things.not_the_maker": gettext_lazy("Only the shop that sells this, and staff, may describe its parts."),
    "things.part_not_found": gettext_lazy("We could not find this part."),
    "things.part_number_taken": gettext_lazy("Another part has the number “%(number)s” already."),
    "things.parts_malformed": gettext_lazy(
        "A part is there 1 to %(most)s times, and lies in no part of itself, nor deeper than %(deepest)s levels."
    ),
    "things.drawing_not_found": gettext_lazy("We could not find this drawing."),
    "things.drawing_title_taken": gettext_lazy(
        "There is a drawing named “%(title)s” already. Publish a new version of it instead."
    ),
    "things.figure_not_found": gettext_lazy("We could not find this figure."),
    "things.figure_taken": gettext_lazy(
        "“%(quantity)s” is there already under this condition. Publish a new version of it instead."
    ),
    "things.figure_malformed": gettext_lazy(
        "Please give the value as a number of at most 20 digits, 10 of them after the point."
    ),
    "things.version_superseded": gettext_lazy("A newer version was published meanwhile. Please look at it first."),
    "things.words_not_found": gettext_lazy("We could not find what you want to thank for."),
    "things.picture_not_found": gettext_lazy("We could not find this picture."),
    "things.too_many_pictures": gettext_lazy("At most %(most)s pictures go with it."),
    "things.import_malformed": gettext_lazy(
        "We cannot read this file: it must be a CSV table with a column of titles, of at most 100,000 rows."
    ),
    "inventory.out_of_stock": gettext_lazy("Sold out: fewer are left than you asked for."),
    "inventory.quantity_out_of_range": gettext_lazy("Please choose a quantity between 1 and 1,000,000."),
    "ledger.account_held": gettext_lazy("Nothing is paid out of this account while it is held."),
    "ledger.account_overdrawn": gettext_lazy("There is not enough left in the account for this."),
    "ledger.account_unknown": gettext_lazy("Nothing was ever booked on this account."),
    "ledger.batch_unknown": gettext_lazy("There is no such payout batch."),
    "ledger.key_reused": gettext_lazy("This was booked before with other contents."),
    "ledger.malformed_account": gettext_lazy("This is not the name of an account."),
    "ledger.malformed_journal": gettext_lazy("This cannot be booked as it is written."),
    "ledger.malformed_payee": gettext_lazy("Nobody can be paid at such a place: 4 to 40 letters, digits and hyphens."),
    "ledger.malformed_payout": gettext_lazy(
        "This payout cannot be made. Please check its number, its payee and its amount."
    ),
    "ledger.not_held": gettext_lazy("This account is not held."),
    "ledger.not_retriable": gettext_lazy(
        "Only what failed or was skipped can be tried again, once, while something is owed."
    ),
    "ledger.payout_exceeds_balance": gettext_lazy("This is more than is owed."),
    "ledger.payout_line_unknown": gettext_lazy("There is no such payout."),
    "ledger.payout_no_reused": gettext_lazy("This payout number belongs to another payout."),
    "ledger.payout_provider_unavailable": gettext_lazy("The provider does not answer. We will ask again."),
    "ledger.payout_provider_unknown": gettext_lazy("No such provider pays out here."),
    "ledger.payout_refused": gettext_lazy("The provider refuses this payout."),
    "ledger.reason_missing": gettext_lazy("Say why, in up to 200 characters."),
    "ledger.second_person_needed": gettext_lazy("Whoever asked for it cannot approve it: a second person must."),
    "ledger.staff_only": gettext_lazy("Only staff may do this."),
    "ledger.statement_unknown": gettext_lazy("There is no such statement."),
    "ledger.write_off_decided": gettext_lazy("This write-off was decided before."),
    "ledger.write_off_exceeds_debt": gettext_lazy("No more can be written off than is owed."),
    "ledger.write_off_open": gettext_lazy("A write-off of this account waits to be decided."),
    "ledger.write_off_unknown": gettext_lazy("There is no such write-off."),
    "payments.amount_not_positive": gettext_lazy("The amount must be above zero."),
    "payments.intent_handed_over": gettext_lazy(
        "This payment was begun with another provider, where it can still be made."
    ),
    "payments.intent_not_found": gettext_lazy("We could not find this payment."),
    "payments.intent_not_open": gettext_lazy("This payment is already made or closed."),
    "payments.intent_number_reused": gettext_lazy("This number belongs to another payment."),
    "payments.notice_forged": gettext_lazy("The signature is not the payment provider's."),
    "payments.notice_malformed": gettext_lazy("This is not a notice of the payment provider."),
    "payments.dispute_not_found": gettext_lazy("There is no such dispute."),
    "payments.notice_not_found": gettext_lazy("There is no such notice, or it is older than notices are kept."),
    "payments.notice_stale": gettext_lazy("This notice was signed too long ago, or in the future."),
    "payments.number_malformed": gettext_lazy(
        "A number has 1 to 64 letters, digits, dots, dashes, colons or underscores."
    ),
    "payments.provider_refused": gettext_lazy("The payment provider refused. You have not been charged."),
    "payments.provider_unavailable": gettext_lazy(
        "The payment provider does not answer. Nothing is paid twice: look again in a moment, or pay again."
    ),
    "payments.provider_unknown": gettext_lazy("There is no such payment provider."),
    "payments.refund_exceeds_capture": gettext_lazy("This is more than is left of the payment."),
    "payments.refund_not_failed": gettext_lazy("Only a refund that was given up can be tried again by hand."),
    "payments.refund_not_found": gettext_lazy("We could not find this refund."),
    "payments.refund_number_reused": gettext_lazy("This number belongs to another refund."),
    "promotions.promotion_not_found": gettext_lazy("We could not find this promotion. It may be over."),
    "promotions.promotion_malformed": gettext_lazy("Something is missing or does not go together: %(field)s."),
    "promotions.promotion_over": gettext_lazy("This promotion has not begun, or it is over."),
    "promotions.none_left": gettext_lazy("All of them are gone."),
    "promotions.person_limit_reached": gettext_lazy("You have had as many of it as one person may: %(most)s."),
    "promotions.funds_missing": gettext_lazy("This may cost more than what is available. Nothing was set aside."),
    "promotions.voucher_unusable": gettext_lazy("One of the coupons cannot be used for this order. Please look again."),
    "promotions.not_combinable": gettext_lazy("These coupons cannot be used together."),
    "promotions.voucher_gone": gettext_lazy("The coupon of this order was used elsewhere meanwhile."),
    "orders.order_not_found": gettext_lazy("We could not find this order."),
    "orders.lines_malformed": gettext_lazy("Please choose 1 to 50 different goods of one shop, 1 to 999 pieces each."),
    "orders.not_sold_in_teams": gettext_lazy("This choice is not sold to teams."),
    "orders.amount_out_of_range": gettext_lazy("This order costs more than any order may."),
    "orders.wrong_state": gettext_lazy("The order has moved on, so this is no longer possible."),
    "orders.refund_out_of_range": gettext_lazy("A refund must be above zero and at most what is left of the order."),
    "orders.cart_full": gettext_lazy("Your cart is full: it holds 50 different goods."),
    "alliance.link_not_found": gettext_lazy("We could not find this link."),
    "alliance.not_yourself": gettext_lazy("You can only do this for yourself."),
    "alliance.partner_malformed": gettext_lazy("The partner must be another publisher."),
    "alliance.plan_locked": gettext_lazy("The shop has promised not to pay less before %(locked_until)s."),
    "alliance.share_malformed": gettext_lazy(
        "A place is shared with another person, for more than nothing and less than everything."
    ),
    "alliance.slot_shared": gettext_lazy("A place of this name is shared otherwise already."),
    "alliance.subsidy_malformed": gettext_lazy(
        "A subsidy has a name, a rate, a cap, a budget and an end after its beginning."
    ),
    "alliance.staff_only": gettext_lazy("Only the staff of this site may do this."),
    "alliance.collaboration_not_found": gettext_lazy("There is no such collaboration."),
    "alliance.collaboration_malformed": gettext_lazy(
        "A collaboration has a name of its own of up to 80 characters, and terms of up to 2,000."
    ),
    "alliance.no_applications": gettext_lazy("This collaboration takes nobody in now."),
    "alliance.participation_changed": gettext_lazy("This has changed meanwhile. Please look again."),
    "alliance.activity_not_found": gettext_lazy("There is no such activity."),
    "alliance.activity_malformed": gettext_lazy("Please check what you said of the activity."),
    "alliance.activity_closed": gettext_lazy("This activity takes no more goods."),
    "alliance.no_recruiter": gettext_lazy("Who recruits merchants is asked to by the site first."),
    "alliance.enrolment_not_found": gettext_lazy("There is no such enrolment."),
    "alliance.enrolment_changed": gettext_lazy("This was decided or taken back meanwhile."),
    "alliance.rate_too_low": gettext_lazy("The activity asks for a higher rate."),
    "alliance.already_enrolled": gettext_lazy("These goods are in this activity already."),
    "alliance.selection_not_found": gettext_lazy("There is no such list, or it is not open to you."),
    "alliance.selection_malformed": gettext_lazy(
        "Please give the list a name of 1 to 60 characters, and say no more than 120 of what is in it."
    ),
    "alliance.selection_name_taken": gettext_lazy("You have a list of this name already."),
    "alliance.selection_full": gettext_lazy("There is room for %(most)s. Take something out first."),
    "alliance.library_malformed": gettext_lazy("Please choose 1 to 50 goods, and somebody else to offer them to."),
    "alliance.library_exclusive": gettext_lazy("These goods are offered to one publisher alone."),
    "alliance.path_malformed": gettext_lazy("A link must lead to a page of this site."),
    "alliance.plan_backdated": gettext_lazy("A plan begins now or later; what held before stays."),
    "alliance.plan_malformed": gettext_lazy("Please check the plan: “%(field)s” is out of range."),
    "alliance.product_not_found": gettext_lazy("There is no such product to link to."),
    "alliance.publisher_not_found": gettext_lazy("We could not find this publisher."),
    "alliance.slot_not_found": gettext_lazy("We could not find this place for links."),
    "alliance.slot_malformed": gettext_lazy("Please give the place a name of 1 to 40 characters."),
    "alliance.hold_not_found": gettext_lazy("We could not find this, or it is not yours."),
    "alliance.hold_decided": gettext_lazy("This was decided meanwhile. Please look again."),
    "alliance.second_person_needed": gettext_lazy("Somebody else has to decide this."),
    "alliance.words_malformed": gettext_lazy("Please say why, in at most 1,000 characters."),
    "awards.award_malformed": gettext_lazy("Please check what you said of the award."),
    "awards.award_not_found": gettext_lazy("There is no such award."),
    "awards.not_due": gettext_lazy("This award is not given for this month, or not yet."),
    "awards.honour_not_found": gettext_lazy("We could not find this award, or it is not yours."),
    "awards.honour_ended": gettext_lazy("This award was declined or withdrawn. Please look again."),
    "awards.reason_missing": gettext_lazy("Please say why, in at most 500 characters."),
    "awards.staff_only": gettext_lazy("Only the staff of this site may do this."),
    "alliance.visitor_malformed": gettext_lazy("This browser could not be recognised. Please reload the page."),
    "groupbuy.campaign_not_found": gettext_lazy("This product is not sold to teams."),
    "groupbuy.campaign_malformed": gettext_lazy("Please check the campaign: “%(field)s” is out of range."),
    "groupbuy.campaign_overlaps": gettext_lazy("This product is already sold to teams at that time."),
    "groupbuy.campaign_closed": gettext_lazy("This group buy is not open now."),
    "groupbuy.team_not_found": gettext_lazy("We could not find this team. Its leader may not have paid yet."),
    "groupbuy.team_full": gettext_lazy("This team is full. Join another one, or open your own."),
    "groupbuy.team_closed": gettext_lazy("This team has already ended. Join another one, or open your own."),
    "groupbuy.already_member": gettext_lazy("You are already in this team."),
    "groupbuy.too_many_pieces": gettext_lazy("At most %(most)s in one team order."),
    "groupbuy.person_limit_reached": gettext_lazy("At most %(most)s for one person in this group buy."),
    "groupbuy.campaign_sold_out": gettext_lazy("This group buy is sold out."),
    "groupbuy.new_buyers_only": gettext_lazy("Only people who have never bought here may join this team."),
    "groupbuy.wrong_product": gettext_lazy("This team buys another product."),
    "surface.form_malformed": gettext_lazy("Please check what you entered."),
    "surface.no_file": gettext_lazy("Please choose a file first."),
    "surface.nothing_chosen": gettext_lazy("Please tick what you mean first."),
    "surface.audience_empty": gettext_lazy("Please choose at least one label, person or thing."),
    "surface.nobody_called": gettext_lazy("We could not find anybody called @%(handle)s."),
    "surface.sign_in_first": gettext_lazy("Please sign in first."),
    "surface.sign_in_failed": gettext_lazy("This name and password do not belong together."),
    "surface.password_wrong": gettext_lazy("This is not your password."),
    "surface.price_changed": gettext_lazy("The price has changed. Please look again before you order."),
    "surface.not_allowed": gettext_lazy("You are not allowed to do this."),
    "api.not_understood": gettext_lazy("We could not understand this request."),
    "api.json_malformed": gettext_lazy("The body is not JSON, or it is nested too deeply."),
    "api.key_missing": gettext_lazy(
        "This request needs an Idempotency-Key header, so that sending it again does no harm."
    ),
    "api.csrf_failed": gettext_lazy("This request did not come from a page of ours. Send the X-CSRFToken header."),
    "api.no_such_place": gettext_lazy("There is nothing at this address."),
    "api.method_not_allowed": gettext_lazy("This address does not offer that method."),
    "api.body_too_large": gettext_lazy("This is more than is taken here: 64 KiB, and more only in files."),
    "api.media_type_unsupported": gettext_lazy("Send the body as application/json, and files as multipart/form-data."),
    "api.failed": gettext_lazy("Something went wrong on our side. Nothing is done twice: send the same request again."),
    "api.unavailable": gettext_lazy("The database cannot be reached at the moment. Please try again."),
}
"""A sentence for every code. A code without one fails the suite."""

_FALLBACK = gettext_lazy("This is not possible.")

_REFUSALS = Counter("wuyou_refusals_total", "Anticipated refusals", ["code"])


def text_of(error: DomainError) -> str:
    """The sentence for a refusal, in the reader's language, with its facts."""
    text = text_of_code(error.code)
    return text % {name: _shown(fact) for name, fact in error.facts.items()} if "%(" in text else text


def _shown(fact: object) -> object:
    """A fact as people read it: a moment in their zone, a rule by its name."""
    match fact:
        case datetime():
            return date_format(localtime(fact), "DATETIME_FORMAT")
        case Category():
            return judging.title_of(fact)
        case _:
            return fact


def text_of_code(code: str) -> str:
    """The sentence for a code, in the reader's language."""
    return str(TEXTS.get(code, _FALLBACK))


def status_of(error: DomainError) -> int:
    """The HTTP status for a refusal."""
    return STATUS[error.kind]


def count_refusal(error: DomainError) -> None:
    """Show in the metrics that this was refused."""
    _REFUSALS.labels(error.code).inc()


def refusal(request: HttpRequest, error: DomainError) -> HttpResponse:
    """A page that says what is not possible and where to go on; to a part of a page, only the sentence as a toast."""
    count_refusal(error)
    sentence = text_of(error)
    if request.headers.get("HX-Request") == "true" and "X-Sheet" not in request.headers:
        headers = {"HX-Reswap": "none", "HX-Trigger": json.dumps({"toast": sentence})}
        return HttpResponse(status=status_of(error), headers=headers)
    return _page(request, status_of(error), sentence)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(request, 400, _("We could not understand this request."))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(request, 403, _("You are not allowed to do this."))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _page(request, 403, _("This form is too old. Please go back, reload the page and send it again."))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(request, 404, _("There is nothing here, or nothing that you may see."))


def too_many(request: HttpRequest) -> HttpResponse:
    return _page(request, 429, _("That was too often. Please wait a few minutes and try again."))


def server_error(request: HttpRequest) -> HttpResponse:
    return _page(request, 500, _("Something went wrong on our side. Nothing was charged twice; please try again."))


def _page(request: HttpRequest, status: int, sentence: str) -> HttpResponse:
    return render(request, "ui/refusal.html", {"status": status, "sentence": sentence}, status=status)
