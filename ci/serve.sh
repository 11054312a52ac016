#!/bin/sh
# What the container runs: the fake service, for other containers and for ports that are published. The token is the
# only valid key of clients, and that of the control API. Further options of `stillthere serve` are arguments.
set -eu
if [ -z "${STILLTHERE_TOKEN:-}" ]; then
  echo "stillthere: set STILLTHERE_TOKEN: other machines can reach the port of a container, so it needs a key" >&2
  exit 2
fi
exec stillthere serve --host 0.0.0.0 --port "${STILLTHERE_PORT:-8765}" --allow-remote --token "$STILLTHERE_TOKEN" \
  --allow-host "${STILLTHERE_HOST:-stillthere}" "$@"
