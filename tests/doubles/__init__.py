"""Payment providers as they behave on the wire: servers of their own, with keys, memories and troubles of their own.

Each checks requests and signs what it says by code that shares nothing with our drivers.
"""
