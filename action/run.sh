#!/usr/bin/env bash
# The steps of action.yml, one an argument. What they are given comes by the environment alone.
set -euo pipefail

place="$RUNNER_TEMP/bugguard"
mkdir -p "$place"

# Tells the next steps; each line is NAME=VALUE.
output() { cat >>"$GITHUB_OUTPUT"; }

if [ -d "$place/venv/bin" ]; then
  PATH="$place/venv/bin:$PATH"
fi

case "${1:-}" in
prepare)
  if [ "${IN_INSTALL:-true}" = true ]; then
    python3 -I -m venv "$place/venv"
    # Isolated (-I): a checkout under test must not be able to put modules in our way.
    "$place/venv/bin/python" -I -m pip install --quiet --disable-pip-version-check \
      "$GITHUB_ACTION_PATH/.."
    PATH="$place/venv/bin:$PATH"
  fi
  bugguard ci key >"$place/key"
  output <"$place/key"
  ;;
index)
  bugguard ci index --fetch >"$place/state"
  output <"$place/state"
  ;;
check)
  arguments=()
  while IFS= read -r word; do
    if [ -n "$word" ]; then arguments+=("$word"); fi
  done <<<"${IN_ARGUMENTS:-}"
  code=0
  bugguard check --ci --fetch ${arguments[@]+"${arguments[@]}"} --format github \
    --report "sarif=$place/bugguard.sarif" --report "markdown=$place/bugguard.md" \
    --report "html=$place/bugguard.html" || code=$?
  if [ "$code" -gt 1 ]; then exit "$code"; fi
  cat "$place/bugguard.md" >>"$GITHUB_STEP_SUMMARY"
  if [ "$code" = 1 ]; then findings=true; else findings=false; fi
  printf '%s\n' "sarif=$place/bugguard.sarif" "markdown=$place/bugguard.md" \
    "html=$place/bugguard.html" "findings=$findings" | output
  ;;
comment)
  # What was found counts whether or not it could be said there.
  if ! bugguard comment --file "$IN_MARKDOWN"; then
    echo "::warning title=bugguard::The pull request was not commented; the log says why."
  fi
  ;;
verdict)
  if [ "${IN_FINDINGS:-}" = true ] && [ "${IN_FAIL:-true}" = true ]; then exit 1; fi
  ;;
*)
  echo "usage: run.sh prepare|index|check|comment|verdict" >&2
  exit 2
  ;;
esac
