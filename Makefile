# Everything here sets itself up: a virtual environment in .venv and the dashboard's build.
# make run: the drill on http://127.0.0.1:8470   make test: every test   make help: the rest

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PAGE := src/hinomi/apps/web/page/index.html
PAGE_SOURCES := $(shell find dashboard -type f -not -path '*/node_modules/*' -not -path '*/dist/*' 2>/dev/null)
PORT ?= 8470
DATA ?= hinomi-data

# Where the machine forbids it, each of the many processes below would compile its modules anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup setup-dev run test pictures docs bench nation chaos audit fuzz verify proof lint types contracts wheel lock clean

help:
	@grep -E '^# make|^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/'

setup: $(VENV)/.installed $(PAGE) ## virtual environment with .venv/bin/hinomi, and the page

$(VENV)/.uv:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@touch $@

$(VENV)/.installed: $(VENV)/.uv requirements/run.txt requirements/page.txt requirements/photos.txt pyproject.toml
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/run.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --no-deps -r requirements/page.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --no-deps -r requirements/photos.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $@

# pysteps comes as source only: where there is no compiler all but the rain's next hour works, and
# the screen does not wait for it. It is imported when the first radar picture comes.
$(VENV)/.installed-nowcast: $(VENV)/.installed requirements/nowcast.txt
	@nice -n 10 $(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/nowcast.txt \
	  && touch $@ || echo "hinomi[nowcast] could not be built here (no compiler?): no rain nowcast." >&2

$(PAGE): $(VENV)/.installed $(PAGE_SOURCES)
	cd dashboard && npm ci --no-audit --no-fund --loglevel=error
	cd dashboard && PYTHON=$(abspath $(BIN)/python) npm run --silent build
	@touch $@

setup-dev: setup $(VENV)/.installed-dev ## setup, and what tests and checks need

$(VENV)/.installed-dev: $(VENV)/.installed requirements/dev.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/dev.txt
	@touch $@ $(VENV)/.installed-nowcast

run: setup ## start Hinomi with the drill playing, and open the dashboard
	@(sleep 3; xdg-open "http://127.0.0.1:$(PORT)/?status=exercise" >/dev/null 2>&1 || true) &
	@($(MAKE) --silent --no-print-directory $(VENV)/.installed-nowcast &)
	$(BIN)/hinomi run --data $(DATA) --port $(PORT)

test: setup-dev ## every test (a browser test is skipped by name where no Chromium is found)
	cd dashboard && npm run --silent check && npm test --silent
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not alone"
	$(BIN)/pytest -m alone $$(grep -rl --include='test_*.py' 'mark\.alone' tests)

lint: setup-dev ## style, spelling, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/codespell src tests docs benchmarks verify proof dashboard/src *.md
	$(BIN)/mypy
	$(BIN)/lint-imports

pictures: setup-dev ## take all pictures of the docs anew, in docs/pictures
	HINOMI_PICTURES=docs/pictures $(BIN)/pytest -q -m pictures tests/apps/page tests/docs

docs: setup-dev ## the documentation's site, Japanese and English, in site/; any warning is an error
	$(BIN)/python -m docs.site.build

bench: setup-dev ## speed side by side with peers; writes docs/benchmarks.md
	$(BIN)/python -m benchmarks.run

nation: setup-dev ## 47 prefectures and the state's hub on this machine (NATION_MINUTES=3: the short form)
	$(BIN)/python -m benchmarks.nation

chaos: setup-dev ## kill, cut off and fill up real processes under load; the last line is faults, lost (CHAOS=short)
	$(BIN)/python -m chaos

fuzz: setup-dev ## strange requests to every address, with and without credentials, ten minutes (FUZZ_SECONDS)
	HINOMI_FUZZ_SECONDS=$(or $(FUZZ_SECONDS),600) $(BIN)/pytest tests/apps/web/test_fuzz.py tests/apps/web/test_outsiders.py -k "strange or schemathesis" --timeout 3600

audit: setup-dev ## known vulnerabilities of what is locked (offline: ADVISORIES="PyPI.zip npm.zip", in OSV's form)
	$(BIN)/python deploy/audit.py $(ADVISORIES)

verify: setup-dev ## models against others' numbers: one table, non-zero if any falls short
	$(BIN)/python -m verify

proof: setup-dev ## others' software run on us: QGIS, GDAL, CKAN, suites; one table, non-zero if any falls short
	$(BIN)/python -m proof

wheel: setup-dev ## dist/*.whl with the page inside
	rm -rf dist
	$(BIN)/uv build --quiet --wheel --out-dir dist .
	$(BIN)/python -m zipfile -l dist/*.whl | grep 'hinomi/apps/web/page/index.html'

lock: $(VENV)/.uv ## renew requirements/*.txt (hashes, no addresses)
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header \
	  --group dev --all-extras pyproject.toml -o requirements/dev.txt
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header \
	  --extra reports --extra photos --extra models -c requirements/dev.txt pyproject.toml -o requirements/run.txt
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header \
	  --extra nowcast -c requirements/dev.txt pyproject.toml -o requirements/nowcast.txt

clean: ## remove what setup made
	rm -rf $(VENV) dist dashboard/node_modules src/hinomi/apps/web/page
