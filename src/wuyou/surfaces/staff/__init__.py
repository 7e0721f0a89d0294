"""The staff console: what needs a person now, where the money lies, and how each order, team and refund stands."""
