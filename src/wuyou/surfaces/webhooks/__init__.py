"""Where payment providers tell us things: every word is checked before it is believed."""
