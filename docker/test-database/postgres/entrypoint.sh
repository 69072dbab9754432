#!/bin/sh
# Entry point of ncmc-postgres:test. It follows what the official image documents, as far as this package relies on it:
# POSTGRES_PASSWORD, POSTGRES_USER, POSTGRES_DB, POSTGRES_INITDB_ARGS (and their _FILE twins), PGDATA, scripts in
# /docker-entrypoint-initdb.d, options of postgres as arguments.
set -eu

fail() {
  echo "entrypoint: $*" >&2
  exit 1
}

# from_file NAME DEFAULT: puts the contents of the file that NAME_FILE names into NAME.
from_file() {
  eval "value=\${$1:-}; path=\${$1_FILE:-}"
  if [ -n "$path" ]; then
    [ -z "$value" ] || fail "both $1 and $1_FILE are set"
    value=$(cat "$path")
  fi
  [ -n "$value" ] || value=$2
  eval "$1=\$value"
  export "$1"
  unset "$1_FILE"
}

# sql [OPTION]...: runs the statements of its input as the superuser over the socket.
sql() {
  PGHOST='' psql --no-psqlrc --quiet --no-password --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" "$@"
}

run_init_files() {
  for file in /docker-entrypoint-initdb.d/*; do
    case "$file" in
      *.sh) if [ -x "$file" ]; then "$file"; else . "$file"; fi ;;
      *.sql) sql --dbname "$POSTGRES_DB" <"$file" ;;
      *.sql.gz) gunzip -c "$file" | sql --dbname "$POSTGRES_DB" ;;
    esac
  done
}

# initialize POSTGRES [OPTION]...
initialize() {
  [ -n "$POSTGRES_PASSWORD" ] || fail 'the database is empty: POSTGRES_PASSWORD is needed'
  password_file=$(mktemp)
  printf '%s\n' "$POSTGRES_PASSWORD" >"$password_file"
  # Options, so words.
  # shellcheck disable=SC2086
  initdb --username="$POSTGRES_USER" --pwfile="$password_file" $POSTGRES_INITDB_ARGS >/dev/null
  rm "$password_file"
  echo "host all all all $(postgres -C password_encryption)" >>"$PGDATA/pg_hba.conf"
  program=$1
  shift
  "$program" "$@" -c listen_addresses='' &
  server=$!
  until pg_isready --quiet --username="$POSTGRES_USER"; do
    kill -0 "$server" 2>/dev/null || fail 'the temporary server ended'
    sleep 0.1
  done
  if [ "$POSTGRES_DB" != postgres ]; then
    echo 'CREATE DATABASE :"name";' | sql --dbname postgres --set name="$POSTGRES_DB"
  fi
  run_init_files
  # Fast: clients are not waited for.
  kill -INT "$server"
  wait "$server"
  echo 'entrypoint: the database is initialized'
}

case "${1:-}" in
  -*) set -- postgres "$@" ;;
esac
if [ "$1" = postgres ]; then
  from_file POSTGRES_PASSWORD ''
  from_file POSTGRES_USER postgres
  from_file POSTGRES_DB "$POSTGRES_USER"
  from_file POSTGRES_INITDB_ARGS ''
  if [ "$(id -u)" = 0 ]; then
    mkdir -p "$PGDATA"
    chmod 700 "$PGDATA"
    chown -R postgres:postgres "$PGDATA" /run/postgresql
    exec setpriv --reuid=postgres --regid=postgres --clear-groups "$0" "$@"
  fi
  [ -s "$PGDATA/PG_VERSION" ] || initialize "$@"
  unset POSTGRES_PASSWORD
fi
exec "$@"
