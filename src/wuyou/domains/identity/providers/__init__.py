"""What identity asks of the outside: senders of messages, and who proves real names."""
