# Every target makes the virtual environment by itself: python3 and a package registry are all it needs.
PY := .venv/bin/python
RUN_READY := .venv/.ready-to-run
TEST_READY := .venv/.ready-to-test

.PHONY: demo test lint format bench clean
.DEFAULT_GOAL := demo

# $(call install,REQUIREMENT)
define install
	@if command -v uv >/dev/null 2>&1; then \
	  { test -x $(PY) || uv venv --quiet --python '>=3.11' .venv; } && uv pip install --quiet --python $(PY) -e '$(1)'; \
	else \
	  { test -x $(PY) || python3 -m venv .venv; } && $(PY) -m pip install --quiet --disable-pip-version-check -e '$(1)'; \
	fi
	@touch $@
endef

$(RUN_READY): pyproject.toml
	$(call install,.)

$(TEST_READY): pyproject.toml
	$(call install,.[test])

demo: $(RUN_READY)
	@.venv/bin/stillthere demo

test: export OPENBLAS_NUM_THREADS = 1
test: $(TEST_READY)
	$(PY) -m pytest -n 2 -q

lint: $(TEST_READY)
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy

format: $(TEST_READY)
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

bench: export OPENBLAS_NUM_THREADS = 1
bench: $(RUN_READY)
	@$(PY) benchmarks/conversation.py

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist
