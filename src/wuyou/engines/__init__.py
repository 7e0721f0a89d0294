"""The heavy thinking, without Django and without SQL; usable as a library."""
