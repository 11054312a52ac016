# The fake Realtime service in a container: docs/ci.md shows how clients reach it.
ARG PYTHON=3.12.8-slim-bookworm

FROM python:${PYTHON} AS build
WORKDIR /source
COPY pyproject.toml README.md LICENSE ./
COPY harness ./harness
COPY stillthere ./stillthere
COPY fixtures/audio ./fixtures/audio
COPY scenarios ./scenarios
RUN python -m pip wheel --no-cache-dir --wheel-dir /wheels .

FROM python:${PYTHON}
RUN --mount=type=bind,from=build,source=/wheels,target=/wheels \
    python -m pip install --no-cache-dir --no-compile --no-index --find-links=/wheels stillthere \
    && useradd --system --no-create-home --shell /usr/sbin/nologin stillthere
COPY --chmod=755 ci/serve.sh /usr/local/bin/serve-stillthere
USER stillthere
ENV PYTHONUNBUFFERED=1 STILLTHERE_PORT=8765
EXPOSE 8765
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f'http://127.0.0.1:{os.environ[\"STILLTHERE_PORT\"]}/healthz', timeout=2)"]
ENTRYPOINT ["serve-stillthere"]
