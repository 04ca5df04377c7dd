# `make run` starts the demonstration, `make test` runs every check and test. Both set up what they need in .venv.

PY ?= python3
BIN := .venv/bin
comma := ,
PIP := $(BIN)/python -m pip install -q --disable-pip-version-check --no-compile

# uv installs in seconds what takes pip half a minute. Where there is none to be had, or it cannot reach what pip can,
# pip does the same.
install = { $(BIN)/uv pip install -q --native-tls --python $(BIN)/python $(1) 2>/dev/null || $(PIP) $(1); }

.PHONY: run test check style types imports browser pango bench evidence-bench campaign clean

run: .venv/.core pango
	@exec $(BIN)/qc demo --data var

test: .venv/.dev browser pango
	@$(MAKE) --no-print-directory -j 2 check
	@# The table of what no test ran comes only when all have passed: what failed is to be the last thing said.
	$(BIN)/python -m slipcover --out .coverage.txt -m pytest -n 4 --dist loadscope --no-loadscope-reorder \
	-m 'not campaign and not bench'
	@cat .coverage.txt

check: style types imports

style: .venv/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/.dev
	$(BIN)/mypy

imports: .venv/.dev
	$(BIN)/lint-imports

bench: .venv/.dev
	$(BIN)/python -m pytest -m bench -s

# three to four minutes; writes its tables into docs/evidence.md
evidence-bench: .venv/.dev
	$(BIN)/python -m tests.evidence

campaign: .venv/.dev
	$(BIN)/python -m pytest -m 'campaign and kill' -s
	$(BIN)/python -m pytest -m 'campaign and not kill' -n 2
	QC_EXAMPLES=1000 $(BIN)/python -m pytest -q -n 2 tests/sops tests/qc_service/test_canonical.py
	QC_EVERY_WIDTH=1 $(BIN)/python -m pytest -q -n 2 tests/browser

.venv/.made:
	@$(PY) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	{ echo "Python 3.11 or newer is needed: install it, or name it with PY=/path/to/python3"; exit 1; }
	@$(PY) -c 'import ensurepip, venv' 2>/dev/null || \
	{ echo "Python's venv is missing: apt-get install python3-venv"; exit 1; }
	@$(PY) -m venv --clear .venv
	@$(PIP) uv -c constraints.txt 2>/dev/null || true
	@touch $@

.venv/.core: pyproject.toml constraints.txt | .venv/.made
	@echo "Installing the service into .venv …"
	@$(call install,-e '.[pdf]' -c constraints.txt)
	@touch $@

# It holds all that the service itself needs, and so stands for .core as well.
.venv/.dev: pyproject.toml constraints.txt | .venv/.made
	@echo "Installing the service and the tools of its tests into .venv …"
	@$(call install,-e '.[dev$(comma)postgres$(comma)redis$(comma)pdf]' -c constraints.txt)
	@touch .venv/.core $@

# The browser tests drive Debian's Chromium; nothing else is ever downloaded for them.
browser:
	@have() { command -v chromium || command -v chromium-browser; }; \
	if have >/dev/null 2>&1 || [ -n "$$QC_SKIP_BROWSER" ]; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
		echo "Installing chromium by apt …"; \
		get="env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium"; \
		$$get >/dev/null 2>&1 || { apt-get update -qq && $$get >/dev/null; }; \
	fi; \
	have >/dev/null 2>&1 || echo "The browser tests need Chromium: install chromium, or set QC_SKIP_BROWSER=1"

# Papers and labels become PDFs with Pango; without it the rest of the service works, and the page says what is missing.
pango: | .venv/.core
	@have() { $(BIN)/python -c 'import sys; from ctypes.util import find_library as find; \
		sys.exit(not all(map(find, ("pango-1.0", "pangoft2-1.0", "harfbuzz-subset"))))'; }; \
	if have; then exit 0; fi; \
	need="libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core"; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
		echo "Installing pango by apt …"; \
		get="env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$need"; \
		$$get >/dev/null 2>&1 || { apt-get update -qq && $$get >/dev/null; }; \
	fi; \
	have || echo "PDFs need Pango: apt-get install $$need"

clean:
	rm -rf .venv .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache .coverage.txt dist build
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
