.DEFAULT_GOAL := help
PYTHON ?= python3
export PYTHON
RUN := .venv/bin
# Files of tests are spread over three or four processes: the embedded engine keeps descriptors of every store that a
# process has opened, and each has a browser. How long each test took is kept in reports/tests.xml.
SPREAD := --numprocesses $$(n=$$(nproc); [ $$n -gt 3 ] && echo 4 || echo 3) --dist loadfile --max-worker-restart 3 --junit-xml reports/tests.xml --durations 25

.PHONY: help setup demo test lint format bench soak image release clean

help: ## Show what there is
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

setup: ## Make .venv with .venv/bin/crawlight
	@scripts/setup

demo: setup ## Set everything up, import a real access log, start the server (ONCE=1: print the export and end)
	@scripts/browser
	@[ -n "$(ONCE)" ] || scripts/system-packages caddy || echo "The demo goes on without its front." >&2
	@$(RUN)/crawlight demo $(if $(ONCE),--once) $(if $(PORT),--port $(PORT))

test: setup ## Set everything up and run every test
	@scripts/system-packages postgresql redis-server nginx caddy apache2-bin poppler-utils
	@scripts/browser
	@$(RUN)/pytest -m "not soak and not image" $(SPREAD) $(ARGS) || { [ $$? = 1 ] && \
		echo "What failed runs again, alone: on a busy machine a real browser may be late. Twice is a failure." && \
		$(RUN)/pytest --last-failed; }

soak: setup image ## Run the tests that take long: more deaths at random moments, and those of the image
	@scripts/system-packages postgresql redis-server nginx caddy apache2-bin poppler-utils
	@scripts/browser
	@$(RUN)/pytest -m soak $(ARGS)

image: setup ## Build the image `crawlight` with Docker and run it: demo, render, import, export, backup, restart
	@scripts/image
	@$(RUN)/pytest -m image $(ARGS)

lint: setup ## Check style, types, and who may import whom
	@$(RUN)/ruff check
	@$(RUN)/ruff format --check
	@$(RUN)/mypy
	@$(RUN)/lint-imports

format: setup ## Format the code
	@$(RUN)/ruff check --fix
	@$(RUN)/ruff format

bench: setup ## Measure against the floor and the peers; benchmarks/README.md says what
	@scripts/system-packages goaccess
	@$(RUN)/python -m pip install -q --upgrade --target .peers -r benchmarks/bots/requirements.txt
	@$(RUN)/python -m benchmarks

release: ## Build wheel, source, SBOM and checksums into dist/; docs/releasing.md has the checklist
	@scripts/release

clean: ## Remove what the other commands made
	rm -rf .venv .peers dist demo-data reports .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
