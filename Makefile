# Every command a person types. `make` alone lists them.

PYTHON := .venv/bin/python
# The settings are read by the type checker only; nothing connects to these.
NOWHERE := SIMPLR_SECRET_KEY=x SIMPLR_DATABASE_URL=postgresql://a:b@localhost/d \
	SIMPLR_VAULT_DATABASE_URL=postgresql://a:b@localhost/d \
	SIMPLR_AUDIT_DATABASE_URL=postgresql://a:b@localhost/d
DATA ?= ../shared/data
# Many short processes run here: what was compiled once must stay.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help install install-test demo test check prove protections bench scores docs schema lock sbom clean

help: ## list these commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

install: .venv/server ## make .venv with everything that the server and the demonstration need

install-test: .venv/test ## the same, and what the tests need

.venv/bin/python:
	@sh deploy/make-venv.sh

.venv/server: .venv/bin/python requirements-build.lock requirements.lock pyproject.toml
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-build.lock
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --no-build-isolation --require-hashes -r requirements.lock
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	@touch $@

.venv/test: .venv/server requirements-test.lock
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --no-build-isolation --require-hashes -r requirements-test.lock
	@touch $@

demo: .venv/server ## install, start, load the demonstration institute, run the main job: make demo, or make demo PORT=8010
	@.venv/bin/simplr demo $(if $(PORT),--port $(PORT))

check: .venv/test ## format, lint, types, import contracts, spelling, links
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	$(NOWHERE) MYPYPATH=src .venv/bin/mypy src
	.venv/bin/lint-imports
	.venv/bin/codespell src docs tests devdata benchmarks *.md
	$(PYTHON) docs/check_links.py
	$(PYTHON) tests/protections/run.py --named

test: .venv/test ## everything that the tests need, then all tests
	@sh deploy/test-tools.sh
	# Apart: the driver of the browser leaves a running event loop in its process.
	# Three processes on two cores: one of them always waits for the database, a child or a lock.
	$(PYTHON) -m pytest -n 3 --dist loadgroup -q -m "not prove and not alone" --ignore=tests/browser --ignore=tests/clients --ignore=tests/store --ignore=tests/start
	# Beside it what needs a PostgreSQL for itself: it has one, and the browser's tests wait a good deal.
	@mkdir -p build; $(PYTHON) -m pytest -q -m "alone and not prove" tests/db tests/web > build/alone.log 2>&1 & alone=$$!; \
	$(PYTHON) -m pytest -n 3 --dist loadgroup -q -m "not prove and not alone" tests/browser tests/clients tests/store tests/start; others=$$?; \
	wait $$alone; of_alone=$$?; cat build/alone.log; exit $$((others + of_alone))

protections: .venv/test ## take each protection out and see its test go red
	$(PYTHON) tests/protections/run.py

prove: .venv/test ## full counts, kills and load: make prove ONLY=name, or a list of what is missing
	$(PYTHON) tests/prove.py $(if $(ONLY),--only $(ONLY)) --data $(DATA)

bench: .venv/test ## ratios against what a user would pick instead: make bench ONLY=name
	$(PYTHON) benchmarks/run.py $(if $(ONLY),--only $(ONLY)) --data $(DATA)

scores: .venv/test ## quality on real data: make scores DATA=folder
	$(PYTHON) benchmarks/scores.py --data $(DATA)

docs: .venv/test ## make the generated pages of the manual again
	$(PYTHON) docs/generate.py

schema: .venv/test ## write config/schema again, after a migration was added
	$(PYTHON) -m simplr.operations.start.schema

lock: ## compile the three lock files again, together
	sh deploy/lock.sh

sbom: .venv/bin/python ## write the bill of materials of the server, CycloneDX JSON: build/sbom.json
	$(PYTHON) deploy/sbom.py

clean: ## remove what was built; data folders stay
	rm -rf build .venv .mypy_cache .ruff_cache .pytest_cache
