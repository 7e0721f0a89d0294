"""订单: what was bought, paid, sent, received and given back.

Nouns: Cart, Order, OrderLine, Refund (a promise to give money back).
Invariants: payment, fulfilment and refund are separate axes; an order is paid once; refunds never exceed what was paid;
a held order is not sent; the money of an order lies in exactly one account of the ledger at any stage.
Never: knows teams (groupbuy) or who earns (alliance); both hear of orders by event.
"""
