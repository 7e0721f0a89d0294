"""The command line: `wuyou --help`."""
