"""Settings, URLs, wiring of events to handlers, schedule."""
