"""The workbench of who runs a shop: what waits for them, what they sell, and what they are owed.

Every page is about one shop, which its address names. Who does not run it finds nothing there.
"""
