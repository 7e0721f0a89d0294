"""私信: what people say to each other, at once or whenever the other looks.

Nouns: Conversation (会话, of two people or of a group), Participant (参与者), Message (消息), MessagePhoto and
MessageThing (what it shows), Change (变动, a line of what a person's screens have not heard yet), Inbox (their
counter), DoorSetting (门, who may write or call), DailyUse (每日次数).
States: participant ASKED → MEMBER | DECLINED; MEMBER → LEFT.
Invariants: two people have one conversation; messages of a conversation are numbered without gaps; one client id is one
message; what was seen does not become unseen; nobody reads what was said before they came or after they left; nothing
new passes a block; a person's changes are numbered without gaps in the order of their commits.
Never: decides who sees a thing (a card shows what its reader's own sight shows), or carries anything to a screen itself
(screens read changes from a cursor).
"""
