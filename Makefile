# Everything goes through Nox; what a fresh machine lacks is set up first.

PYTHON ?= python3
PKG ?=
ARGS ?=
NOX = .venv/bin/nox

# In every syntax that an older Python can read.
define set_up
@command -v $(PYTHON) >/dev/null || { echo "There is no $(PYTHON); install Python 3.11 or newer, or name it: make PYTHON=…" >&2; exit 1; }
@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("$(PYTHON) is Python %d.%d; 3.11 or newer is needed: make PYTHON=python3.12 …" % sys.version_info[:2])'
@$(PYTHON) tools/bootstrap.py
endef
options = $(if $(strip $(PKG)$(ARGS)),-- $(PKG) $(ARGS))

.PHONY: help check sweep test site bench bench-compare bench-site lint lock clean

help: ## list the commands
	@sed -n 's/^\([a-z-]*\):.* ## \(.*\)/make \1|\2/p' Makefile | awk -F'|' '{ printf "  %-19s %s\n", $$1, $$2 }'
	@echo 'Options go into ARGS: make check PKG=six ARGS="--variations none"'

check: ## check projects: make check PKG="six requests"; every tracked project without PKG
	$(set_up) check
	@$(NOX) -s check $(options)

sweep: ## check everything that is due: make sweep ARGS="--jobs 2"
	$(set_up) check
	@$(NOX) -s sweep $(options)

test: ## run the linters and the tests
	$(set_up) test
	@$(NOX) -s lint tests $(options)

site: ## build the report into docs/_build/html
	$(set_up) site
	@$(NOX) -s site $(options)

bench: ## compare the time of a check with that of bare builds, and write docs/bench.toml
	$(set_up) bench
	@$(NOX) -s bench $(options)

bench-compare: ## measure comparisons of wheels beside diffoscope, and write docs/bench-compare.toml
	$(set_up) bench-compare
	@$(NOX) -s bench-compare $(options)

bench-site: ## measure how the report grows with the number of projects
	$(set_up) site
	@$(NOX) -s bench-site $(options)

lint: ## run the linters only
	$(set_up) lint
	@$(NOX) -s lint

lock: ## write the lock files in requirements/ anew
	$(set_up) lock
	@$(NOX) -s lock

clean: ## remove everything that these commands made, but not the results
	rm -rf .venv .nox docs/_build .mypy_cache .ruff_cache .pytest_cache .hypothesis
