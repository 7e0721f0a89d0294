# Two commands on a fresh machine: `make run` and `make test`.
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.PHONY: help run setup test check bench mutants domain clean reset

BIN := .venv/bin

help: ## show what make can do
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

run: setup ## start the whole platform on this machine; Ctrl-C stops it
	@exec $(BIN)/wuyou run --demo $(ARGS)

setup: ## make or refresh the environment and the built pages
	@sh tools/bootstrap.sh setup

test: setup ## run the test suite (ARGS="tests/kernel -x" for a part)
	@chromium="$$(sh tools/bootstrap.sh chromium)" && PYTHONDONTWRITEBYTECODE= WUYOU_CHROMIUM="$$chromium" $(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder $(ARGS)

check: setup ## formatting, lint, types, layers
	@sh tools/bootstrap.sh check

bench: setup ## measure one thing: make bench NAME=groupbuy
	@$(if $(NAME),$(BIN)/python -m bench.$(NAME) $(ARGS),ls bench/*.py | sed -n 's#bench/\([a-z][a-z0-9_]*\)\.py#  make bench NAME=\1#p')

mutants: setup ## change what decides who sees what, spot by spot: do the tests notice?
	@$(BIN)/python tools/mutants.py

domain: setup ## lay out a new domain: make domain NAME=reviews
	@$(if $(NAME),$(BIN)/python tools/new_domain.py $(NAME),echo "Say which: make domain NAME=reviews" && exit 1)

clean: ## remove what make made; the installation's state in var/ stays
	@rm -rf .venv .tools node_modules src/wuyou/surfaces/ui/static/ui/dist .mypy_cache .ruff_cache .import_linter_cache .pytest_cache .hypothesis mutants
	@find $(wildcard src tests bench tools) -name __pycache__ -type d -prune -exec rm -rf {} + && find src -name '*.mo' -delete

reset: ## remove the installation's state too: database, media, secret key
	@if [ -x $(BIN)/wuyou ]; then $(BIN)/wuyou postgres destroy; fi
	@rm -rf var
