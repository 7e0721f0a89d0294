"""Payments (支付): what people owe by number, what the provider says of it, and what goes back.

Nouns: Intent (a sum that one person is asked for, under one number), Charge (the provider's side of it), Refund (a part
of it that returns, under its own number), Notice (what a provider tells us unasked), Mismatch (what it told us that
cannot be true), Provider (the port).

Invariants:
* One intent is captured once and booked once (`capture:{intent_no}`), however often and by whichever way we hear of
  it: the synchronous answer, a notice, a poll.
* No state goes back: what arrives late or out of order changes nothing.
* Refunds of an intent, promised or returned, never exceed what it captured; each is booked once
  (`refunded:{refund_no}`).
* Wrong amounts, currencies and references book nothing and wait for staff.

It never knows what was bought (`purpose` is the caller's word), never talks to a provider inside a transaction, and
never believes a notice whose signature it has not checked.
"""
