"""One module a place of the storefront."""
