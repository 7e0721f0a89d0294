"""通知: what happened to a person, kept as ids and looked at again each time it is told.

Nouns: Notification (通知).
Invariants: one fact is told to a person once; a row holds ids and small facts, never what somebody wrote; what its
reader may not see or hear of at this moment is neither listed nor counted.
Never: decides who may see what; the domains above say so through the sources named in `config/wiring.py`.
"""
