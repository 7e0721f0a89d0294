"""The town talks: taps, comments, answers, thanks, follows, what is said of goods that came, and the reading circle."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from wuyou.domains.content import operations as content
from wuyou.domains.content import queries as posts
from wuyou.domains.content.types import Comment, Post, PostKind, ReactionKind
from wuyou.domains.messaging import operations as messaging
from wuyou.domains.messaging import queries as talks
from wuyou.domains.messaging.types import Draft
from wuyou.domains.orders import queries as bought
from wuyou.domains.orders.types import FulfilmentState
from wuyou.domains.social import operations as social
from wuyou.domains.social import queries as relations
from wuyou.domains.social.types import AppreciatedKind
from wuyou.domains.things import operations as things
from wuyou.domains.things import queries as said_of_things
from wuyou.domains.things.types import ReviewDraft
from wuyou.infra.sight import get_viewer
from wuyou.kernel.actor import Actor
from wuyou.kernel.sight import PUBLIC, make_viewer
from wuyou.surfaces.cli.demo.life.neighbours import Neighbours, who_may_meet
from wuyou.surfaces.cli.demo.life.plans import Plan
from wuyou.surfaces.cli.demo.life.rhythm import Moment, draw
from wuyou.surfaces.cli.demo.life.written import Line, Written

_LOOKED_AT = 24
"""So many of the newest posts are talked about."""
_TO_GUESTS = 4
"""So many of the town tap at a visitor's post, at most; half as many say something, and follow its author."""
_KINDS = (*[ReactionKind.LIKE] * 7, ReactionKind.USEFUL, ReactionKind.FUNNY, ReactionKind.MOVED)
_ANSWERED_AFTER = timedelta(seconds=40)
_WELCOMED_FOR = timedelta(hours=3)
"""So long after it a visitor's post is said something kind to."""
_BETWEEN_LINES, _BETWEEN_TALKS = timedelta(seconds=50), timedelta(hours=5)


def react(moment: Moment) -> Plan | None:
    """Tap at one of the newest posts, and keep every fifth for oneself."""
    person = moment.pick("person", sorted(moment.neighbours.ids))
    if person is None:
        return None
    viewer = get_viewer(person)
    newest = [post for post in posts.list_newest(viewer, limit=_LOOKED_AT).items if post.owner_id != person]
    received = posts.responses_by_post(viewer, [post.id for post in newest])
    free = [post for post in newest if received[post.id].mine is None]
    free = [post for post in free if _has_room(moment.neighbours, post, received[post.id].reactions)]
    post = _recent(moment, free)
    if post is None:
        return None
    kind = moment.pick("kind", _KINDS) or ReactionKind.LIKE

    def deed() -> None:
        content.react(actor=Actor(person), post_id=post.id, kind=kind, now=moment.now)
        if not moment.draw("save", 5):
            content.save_post(actor=Actor(person), post_id=post.id, now=moment.now)

    return Plan("react", deed)


def comment(moment: Moment, written: Written) -> Plan | None:
    """Say the next line that is written for one of the newest posts, or something kind under a visitor's."""
    newest = posts.list_newest(make_viewer(None), limit=_LOOKED_AT).items
    for post in moment.shuffle("posts", newest):
        lines = _lines_of(moment.neighbours, written, post)
        plan = _say_next(moment, post, lines) if lines else _greet(moment, written, post)
        if plan is not None:
            return plan
    return None


def answer_guest(moment: Moment, written: Written) -> Plan | None:
    """The author of a post answers what a visitor says there, once a visitor and post."""
    newest = posts.list_newest(make_viewer(None), limit=_LOOKED_AT).items
    for post in newest:
        if moment.neighbours.is_guest(post.owner_id):
            continue
        all_said = _comments(post)
        guests = [each for each in all_said if moment.neighbours.is_guest(each.owner_id)]
        answered = {each.answers_id for each in all_said if each.owner_id == post.owner_id}
        heard = {each.owner_id for each in guests if each.id in answered}
        for said in guests:
            if said.owner_id not in heard and moment.now - said.written_at >= _ANSWERED_AFTER:
                text = moment.pick("answer", written.answers) or ""
                return _comment(post.owner_id, post, text, moment, answers_id=said.id)
    return None


def thank(moment: Moment) -> Plan | None:
    """Thank the author of a post that one has not thanked for."""
    person = moment.pick("person", sorted(moment.neighbours.ids))
    if person is None:
        return None
    newest = [
        post
        for post in posts.list_newest(get_viewer(person), limit=_LOOKED_AT).items
        if post.owner_id != person and (post.kind is PostKind.ARTICLE or draw(f"{post.id}/thanked", 3) == 0)
        and not moment.neighbours.is_guest(post.owner_id)
    ]  # fmt: skip
    thanked = relations.appreciated_by(person, AppreciatedKind.POST, [post.id for post in newest])
    post = _recent(moment, [post for post in newest if post.id not in thanked])
    if post is None:
        return None
    return Plan("thank", lambda: content.thank_for_post(actor=Actor(person), post_id=post.id, now=moment.now))


def follow(moment: Moment) -> Plan | None:
    """Follow somebody whose posts one sees."""
    person = moment.pick("person", sorted(moment.neighbours.ids))
    if person is None:
        return None
    viewer = get_viewer(person)
    authors = {post.owner_id for post in posts.list_newest(viewer, limit=_LOOKED_AT).items} - {person}
    followed = {tied.person_id for tied in relations.list_followed(viewer, person, limit=100).items}
    author = moment.pick("author", sorted(authors - followed))
    if author is None:
        return None
    if moment.neighbours.is_guest(author):
        theirs = {tied.person_id for tied in relations.list_followers(get_viewer(author), author, limit=100).items}
        if len(theirs & moment.neighbours.ids) >= _TO_GUESTS // 2:
            return None
    return Plan("follow", lambda: social.follow(actor=Actor(person), person_id=author, now=moment.now))


def review(moment: Moment, written: Written) -> Plan | None:
    """Say something of what one has received; each text is said once."""
    received = bought.list_orders(fulfilment=FulfilmentState.RECEIVED, limit=100).items
    pictures = {product_id: picture for picture, product_id in moment.neighbours.products.items()}
    mine = [order for order in received if order.buyer_id in moment.neighbours.ids]
    for order in moment.shuffle("orders", mine)[:_LOOKED_AT]:
        product_id = order.lines[0].product_id
        texts = written.reviews.get(pictures.get(product_id, ""), ())
        thing = said_of_things.things_by_product([product_id]).get(product_id) if texts else None
        if thing is None:
            continue
        viewer = get_viewer(order.buyer_id)
        told = said_of_things.list_reviews(viewer, thing.id, limit=100).items
        left = [each for each in texts if each.text not in {one.text for one in told}]
        if not left or order.buyer_id in {one.owner_id for one in told}:
            continue
        draft = ReviewDraft(left[0].text, left[0].rating, audience=PUBLIC)
        actor, thing_id = Actor(order.buyer_id), thing.id
        deed = partial(things.write_review, actor=actor, thing_id=thing_id, draft=draft, now=moment.now)
        return Plan("review", deed)
    return None


def chat(moment: Moment, written: Written) -> Plan | None:
    """The reading circle goes on talking: a few lines, then nothing for hours."""
    first = moment.neighbours.living.get(written.circle[0][0].who) if written.circle else None
    if first is None or not moment.is_day:
        return None
    viewer = get_viewer(first)
    found = [line for line in talks.list_conversations(viewer)[0] if line.conversation.name == written.circle_name]
    if not found:
        return None
    conversation_id = found[0].conversation.id
    lines = [line for talk in written.circle for line in talk]
    begins = {len([line for talk in written.circle[:place] for line in talk]) for place in range(len(written.circle))}
    latest = talks.list_messages(viewer, conversation_id, limit=50)
    texts = [line.text for line in lines]
    places = [texts.index(message.text) for message in latest if message.text in texts]
    place = (places[-1] + 1) % len(lines) if places else 0
    pause = _BETWEEN_TALKS if place in begins else _BETWEEN_LINES
    if latest and moment.now - latest[-1].sent_at < pause:
        return None
    line = lines[place]
    return Plan(
        "chat",
        lambda: messaging.send_message(
            actor=Actor(moment.neighbours.living[line.who]),
            conversation_id=conversation_id,
            client_id=f"life-{moment.slot}",
            draft=Draft(line.text),
            now=moment.now,
        ),
    )


def _recent(moment: Moment, newest: Sequence[Post]) -> Post | None:
    """One of these posts, the newer the likelier."""
    if not newest:
        return None
    return newest[min(moment.draw("recent", len(newest)), moment.draw("recent too", len(newest)))]


def _has_room(neighbours: Neighbours, post: Post, reactions: int) -> bool:
    return not neighbours.is_guest(post.owner_id) or reactions < _TO_GUESTS


def _lines_of(neighbours: Neighbours, written: Written, post: Post) -> Sequence[Line]:
    """What is written down for a post: for those of the world, whoever may be signed in as one of them."""
    handle = neighbours.find_handle(post.owner_id)
    if handle is None:
        return ()
    return written.lines_of(handle, post) or (
        () if neighbours.is_guest(post.owner_id) else written.retold_lines_of(handle, post)
    )


def _say_next(moment: Moment, post: Post, lines: Sequence[Line]) -> Plan | None:
    """The first line of a post after the last that was said."""
    people = moment.neighbours.people
    said = {(each.owner_id, each.text): each.id for each in _comments(post)}
    places = [place for place, line in enumerate(lines) if (people[line.who], line.text) in said]
    rest = lines[places[-1] + 1 if places else 0 :]
    line = rest[0] if rest else None
    if line is None or line.who not in moment.neighbours.living:
        return None
    answers_id = None
    if line.answers is not None:
        answered = lines[line.answers]
        answers_id = said.get((people[answered.who], answered.text))
        if answers_id is None:
            return None
    return _comment(people[line.who], post, line.text, moment, answers_id=answers_id)


def _greet(moment: Moment, written: Written, post: Post) -> Plan | None:
    """Something kind under the post of a visitor; who is new here is welcomed too."""
    age = moment.now - (post.published_at or post.made_at)
    if not moment.neighbours.is_guest(post.owner_id) or not _ANSWERED_AFTER <= age < _WELCOMED_FOR:
        return None
    is_new = moment.neighbours.find_handle(post.owner_id) is None
    kind_words = (*written.greetings, *(written.welcomes if is_new else ()))
    all_said = _comments(post)
    by_town = [each for each in all_said if each.owner_id in moment.neighbours.ids]
    if len(by_town) >= _TO_GUESTS // 2:
        return None
    met = who_may_meet(moment.neighbours, post.owner_id, {each.owner_id for each in by_town})
    person = moment.pick("greets", met)
    text = moment.pick("greeting", [each for each in kind_words if each not in {one.text for one in all_said}])
    return _comment(person, post, text, moment) if person and text else None


def _comment(person: int, post: Post, text: str, moment: Moment, answers_id: int | None = None) -> Plan:
    return Plan(
        "comment",
        lambda: content.write_comment(
            actor=Actor(person), post_id=post.id, text=text, answers_id=answers_id, now=moment.now
        ),
    )


def _comments(post: Post) -> list[Comment]:
    """What is said under a post that is open to everyone, oldest first; its author sees it all. Cost: two queries."""
    viewer = get_viewer(post.owner_id)
    began = posts.list_comments(viewer, post.id, limit=100).items
    answers = posts.comments_by_thread(viewer, [each.id for each in began])
    return sorted([*began, *(each for thread in answers.values() for each in thread)], key=lambda each: each.id)
