# Everything sets itself up: `make demo` and `make test` need Python >= 3.11 and make, nothing else.
.POSIX:
PYTHON ?= python3
PORT ?= 8000
RUN = .venv/bin/python

.PHONY: demo test lint bench up setup setup-dev lock clean

demo: setup
	@PORT="$(PORT)" $(RUN) manage.py demo

up: setup
	@PORT="$(PORT)" $(RUN) manage.py up

test: setup-dev
	@$(RUN) -m tests.browser.chromium
	$(RUN) -m pytest -q -n 3 --dist loadfile --no-loadscope-reorder

lint: setup-dev
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy .
	$(RUN) -c 'from importlinter.cli import lint_imports_command; lint_imports_command()'
	git ls-files -z 'templates/*.html' | xargs -0 .venv/bin/djade --target-version 5.2 --check
	$(RUN) manage.py makemigrations --check --dry-run
	$(RUN) manage.py spectacular --validate --fail-on-warn --file /dev/null

bench: setup-dev
	$(RUN) -m benchmarks

setup: .venv/ready
setup-dev: .venv/ready-dev

.venv/ready: requirements.lock
	@PYTHON="$(PYTHON)" sh config/make_venv.sh requirements.lock
	@touch .venv/ready

.venv/ready-dev: requirements-dev.lock
	@PYTHON="$(PYTHON)" sh config/make_venv.sh requirements-dev.lock
	@touch .venv/ready .venv/ready-dev

lock:
	uv pip compile -q pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header -o requirements.lock
	uv pip compile -q pyproject.toml --group dev -c requirements.lock --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header -o requirements-dev.lock

clean:
	rm -rf .venv var
