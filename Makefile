# Chenghe 诚核. `make demo` and `make test` set everything up themselves.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
HOME_DEMO ?= chenghe-demo
# A network that stumbles is asked again.
PIP    := $(BIN)/python -m pip install --quiet --disable-pip-version-check --retries 10 --timeout 60

.PHONY: demo test install check lock pictures clean bench-search bench-growth bench-import bench-issue bench-verify fuzz load load-messages

demo: $(VENV)/.run
	@$(BIN)/chenghe --home $(HOME_DEMO) demo

test: $(VENV)/.dev
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

install: $(VENV)/.dev

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Search beside its peers; CORPUS and QUERIES may be any files of that shape (docs/benchmarks.md).
CORPUS  ?= ../shared/retrieval/law.corpus.jsonl.gz
QUERIES ?= ../shared/retrieval/law.queries.jsonl
bench-search: $(VENV)/.dev
	@$(BIN)/python -m index.search.bench $(CORPUS) $(QUERIES) --confirmed $(or $(CONFIRMED),$(QUERIES))

bench-growth: $(VENV)/.dev
	@$(BIN)/python -m index.search.bench $(CORPUS) $(QUERIES) --growth

# How many reports a second: each step and the whole (docs/benchmarks.md).
bench-issue: $(VENV)/.dev
	@$(BIN)/python -m verify.issuing.bench

# Import beside bare parsing and inserting; ROWS and BOOK: rows of the CSV and of the workbook (docs/benchmarks.md).
ROWS ?= 1000000
BOOK ?= 50000
bench-import: $(VENV)/.dev
	@$(BIN)/python -m index.records.bench --rows $(ROWS) --book $(BOOK)

# Ten minutes of processor time and more: atheris over the readers, schemathesis over the API; ends with a table. What breaks is kept in fuzz-findings/.
FUZZ_SECONDS ?= 600
FUZZ_EXAMPLES ?= 150
fuzz: $(VENV)/.dev
	@$(BIN)/python -m tests.fuzz --seconds $(FUZZ_SECONDS) --examples $(FUZZ_EXAMPLES)

# Good clients among bad ones for a minute, and restarts under load.
load: $(VENV)/.dev
	@$(BIN)/python -m tests.load

# Five minutes of messages over all channels, whose platforms fail at every fifth call.
load-messages: $(VENV)/.dev
	@$(BIN)/python -m tests.load.messages --seconds 300

# The check beside the bare signature, POST /api/verify beside a bare aiohttp handler, memory, a batch of files (docs/benchmarks.md).
bench-verify: $(VENV)/.dev
	@$(BIN)/python -m verify.bench.credential
	@$(BIN)/python -m verify.bench.http
	@$(BIN)/python -m verify.bench.memory
	@$(BIN)/python -m verify.bench.files

pictures: $(VENV)/.dev
	$(BIN)/python -m tests.pictures docs/images

$(VENV)/bin/python:
	@echo "正在创建虚拟环境 / creating $(VENV)" >&2
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements/run.txt pyproject.toml | $(VENV)/bin/python
	@echo "正在安装锁定的依赖 / installing hashed pins" >&2
	@$(PIP) --require-hashes -r requirements/run.txt
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.run
	@$(PIP) --require-hashes -r requirements/dev.txt
	@touch $@

# Re-pin: needs uv on PATH. Writes no index address.
lock:
	for f in run dev; do uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header requirements/$$f.in -o requirements/$$f.txt -q --upgrade; done

clean:
	rm -rf $(VENV) $(HOME_DEMO) .pytest_cache .mypy_cache .ruff_cache *.egg-info build
