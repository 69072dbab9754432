#!/usr/bin/env bash
# Runs the tests on a container engine, whatever the machine has: takes an engine that runs, or starts one of its own
# (installing it as root on Debian) and stops it at the end. Further arguments go to Vitest. Fails where there is none.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
engine=

stop_engine() {
  if [ -n "$engine" ]; then
    kill "$engine" 2>/dev/null || true
    wait "$engine" 2>/dev/null || true
  fi
  rm -rf "$work"
}
trap stop_engine EXIT
trap 'exit 130' INT TERM

engine_answers() { docker info >/dev/null 2>&1; }

if ! engine_answers; then
  if [ "$(id -u)" != 0 ]; then
    echo 'no container engine answers, and only root can start one' >&2
    exit 1
  fi
  if ! command -v dockerd >/dev/null || ! command -v docker >/dev/null; then
    echo '== install a container engine'
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq docker.io; } >"$work/apt.log" 2>&1 ||
      { tail -5 "$work/apt.log" >&2; exit 1; }
  fi
  dockerd >"$work/dockerd.log" 2>&1 &
  engine=$!
  for _ in $(seq 300); do
    engine_answers && break
    kill -0 "$engine" 2>/dev/null || break
    sleep 0.1
  done
  engine_answers || { echo 'the container engine did not start:' >&2; tail -20 "$work/dockerd.log" >&2; exit 1; }
fi

[ -f dist/src/cli/bin.js ] || npm run -s build
scripts/build-test-images.sh
scripts/build-test-database-images.sh
NCMC_REQUIRE_DOCKER=1 npx vitest run --project container "$@"
