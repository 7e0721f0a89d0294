"""The stream of a person: what is new, as it becomes so, over server-sent events. A program of its own."""
