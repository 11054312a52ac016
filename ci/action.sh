#!/usr/bin/env bash
# The steps of action.yml: `action.sh install`, `action.sh run`. Inputs come as environment variables and stay data:
# they are put into arguments, never into shell text.
#
#   STILLTHERE_VERSION    a version, or a requirement such as >=0.1
#   STILLTHERE_PATH       a folder or a wheel to install instead; without both, it is the Action's own version
#   STILLTHERE_PYTHON     the interpreter; python by default
#   STILLTHERE_SCENARIOS  scenarios, folders or globs, one a line; nothing: those that `run` finds by itself
#   STILLTHERE_CLIENT     the client; nothing: that of `run`
#   STILLTHERE_ARGS       further arguments of `run`, one a line
#   STILLTHERE_OUT        the folder for the reports; stillthere-report by default
set -euo pipefail

venv="${STILLTHERE_VENV:-${RUNNER_TEMP:-${TMPDIR:-/tmp}}/stillthere-venv}"
bin="$venv/bin"
[ -d "$venv/Scripts" ] && bin="$venv/Scripts"

# Each line of a variable as an element of the array `lines`, without blank lines.
lines_of() {
  lines=()
  local line
  while IFS= read -r line || [ -n "$line" ]; do
    line="${line%$'\r'}"
    line="${line#"${line%%[![:space:]]*}"}"
    line="${line%"${line##*[![:space:]]}"}"
    [ -n "$line" ] && lines+=("$line")
  done <<< "$1"
  return 0
}

requirement() {
  local version="${STILLTHERE_VERSION:-}"
  if [ -n "${STILLTHERE_PATH:-}" ]; then
    printf '%s' "$STILLTHERE_PATH"
  elif [ -z "$version" ]; then
    printf '%s' "${GITHUB_ACTION_PATH:-stillthere}"
  elif [[ "$version" =~ ^[0-9][0-9A-Za-z.+!-]*$ ]]; then
    printf 'stillthere==%s' "$version"
  elif [[ "$version" =~ ^[\<\>=~!][\<\>=~!0-9A-Za-z.,+*-]*$ ]]; then
    printf 'stillthere%s' "$version"
  else
    echo "stillthere: the version '$version' is none; write one such as 0.1.0 or >=0.1" >&2
    exit 2
  fi
}

install() {
  local wanted
  wanted="$(requirement)"
  "${STILLTHERE_PYTHON:-python}" -m venv "$venv"
  [ -d "$venv/Scripts" ] && bin="$venv/Scripts"
  "$bin/python" -m pip install --quiet --disable-pip-version-check -- "$wanted"
  "$bin/stillthere" --version
}

run() {
  local out="${STILLTHERE_OUT:-stillthere-report}" lines arguments=() code=0
  mkdir -p -- "$out"
  lines_of "${STILLTHERE_SCENARIOS:-}"
  for line in ${lines[@]+"${lines[@]}"}; do
    case "$line" in
      -*) echo "stillthere: the scenario '$line' begins with a dash; write ./$line, or use args" >&2; exit 2 ;;
    esac
    arguments+=("$line")
  done
  if [ -n "${STILLTHERE_CLIENT:-}" ]; then
    arguments+=("--client=$STILLTHERE_CLIENT")
  fi
  arguments+=("--junit=$out/junit.xml" "--out=$out/journals")
  if [[ "$("$bin/stillthere" run --help)" == *"--html "* ]]; then # earlier versions have no report
    arguments+=("--html=$out/html")
  fi
  lines_of "${STILLTHERE_ARGS:-}"
  "$bin/stillthere" run "${arguments[@]}" ${lines[@]+"${lines[@]}"} || code=$?
  if [ -n "${GITHUB_OUTPUT:-}" ]; then
    { echo "report=$out"; echo "exit-code=$code"; } >> "$GITHUB_OUTPUT"
  fi
  return "$code"
}

case "${1:-}" in
  install) install ;;
  run) run ;;
  *) echo "usage: action.sh install|run" >&2; exit 2 ;;
esac
