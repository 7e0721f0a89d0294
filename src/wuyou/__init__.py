"""Wuyou 物友: people meet through things, and everyone who moved a sale is paid to the cent."""
