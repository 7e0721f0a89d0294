"""What the storefront's templates are given: frozen, complete and in the reader's language."""
