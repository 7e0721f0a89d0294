"""Channels: what editors define, and where each published post is placed.

Nouns: Channel, ChannelRule, Placement, Hand, Judged, Editor.
Invariants: a placement is no sight: whatever is read of a channel is read again with its reader's eyes. A rule never
overrides a hand. A rule that was saved stays on record. Nothing of a reader goes into a judgement.
Never: who may see a post (sight), whether it may be published (moderation), what pleases whom (feed).
"""
