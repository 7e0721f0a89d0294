"""Where pages and outlets hand in what people saw and did. A program of its own: quick, and nobody waits for it."""
