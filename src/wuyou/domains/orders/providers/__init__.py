"""Ports of orders to the world outside."""
