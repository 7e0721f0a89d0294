"""Speed as ratios, with the limits and peers measured in the same run: `make bench NAME=…`."""
