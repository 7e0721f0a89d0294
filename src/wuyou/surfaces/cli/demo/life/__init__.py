"""The town goes on: its people live at the real clock once the world is loaded, through the same doors as everybody."""
