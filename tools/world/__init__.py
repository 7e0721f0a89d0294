"""Builds what the demo world ships, and a larger world for who has the data: `python -m tools.world --help`."""
