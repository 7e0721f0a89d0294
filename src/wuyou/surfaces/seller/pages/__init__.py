"""The pages of the workbench, one module a question."""
