"""The console's pages, one module a subject; each page answers one question."""
