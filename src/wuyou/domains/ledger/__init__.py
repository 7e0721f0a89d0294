"""Double-entry books 复式记账: every movement of money in the house, and nothing else.

Nouns: Account (科目), Transfer (debit → credit, amount > 0), Journal (凭证: transfers that stand or fall together),
Balance, Checkpoint, Reason (事由), Statement (对账单), Payout (出款).

Invariants: a transfer moves money between two accounts of one currency, so all balances of a currency sum to zero;
journals and transfers are never changed, a correction is a new journal; one key is one journal; an account that may
not go below zero never does, whoever races. `queries.verify` proves all of it from the rows.

It never decides who is owed what, never talks to a bank, and knows no order, shop or publisher but by name.
"""
