"""关系: who follows whom, who are friends, who keeps whom away, and how a person sorts the people they know.

Nouns: Follow (关注), FriendRequest (好友申请), Friendship (好友), Block (拉黑), SubjectBlock (屏蔽), Mute (免打扰),
Label (标签: one's own class of people), LabelMember, Note (备注), Face (身份), Trait (自述).
States: friend request PENDING → ACCEPTED | DECLINED | WITHDRAWN.
Invariants: a friendship is one row a pair; a pair has at most one pending request; nothing follows, befriends or asks
across a block; labels, notes and mutes are seen by nobody but who made them; a face is never somebody else.
Never: decides who sees an object (that is `wuyou.kernel.sight`; this domain says which tokens a person holds).
"""
