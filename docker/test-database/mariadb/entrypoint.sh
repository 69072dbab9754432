#!/bin/sh
# Entry point of ncmc-mariadb:test. It follows what the official image documents, as far as this package relies on it:
# MARIADB_ROOT_PASSWORD, MARIADB_RANDOM_ROOT_PASSWORD, MARIADB_ROOT_HOST, MARIADB_DATABASE, MARIADB_USER,
# MARIADB_PASSWORD, MARIADB_REPLICATION_USER, MARIADB_REPLICATION_PASSWORD, MARIADB_MASTER_HOST and MARIADB_MASTER_PORT
# (the passwords by _FILE, too), scripts in /docker-entrypoint-initdb.d, options of mariadbd as arguments.
set -eu

fail() {
  echo "entrypoint: $*" >&2
  exit 1
}

# from_file NAME: puts the contents of the file that NAME_FILE names into NAME.
from_file() {
  eval "value=\${$1:-}; path=\${$1_FILE:-}"
  if [ -n "$path" ]; then
    [ -z "$value" ] || fail "both $1 and $1_FILE are set"
    value=$(cat "$path")
  fi
  eval "$1=\$value"
  export "$1"
  unset "$1_FILE"
}

# text VALUE: as a string literal of SQL.
text() {
  printf "'%s'" "$(printf %s "$1" | sed -e 's/\\/\\\\/g' -e "s/'/''/g")"
}

random() {
  od -An -N18 -tx1 /dev/urandom | tr -d ' \n'
}

# root_sql [OPTION]...: runs the statements of its input as root over the socket.
root_sql() {
  MYSQL_PWD=$MARIADB_ROOT_PASSWORD mariadb --no-defaults --protocol=socket --socket="$socket" --user=root --binary-mode "$@"
}

# say LINE: echo would take backslashes for its own.
say() {
  printf '%s\n' "$1"
}

# set_up: accounts and database, on the temporary server.
set_up() {
  healthcheck_password=$(random)
  (
    umask 077
    printf '[mariadb-client]\nsocket=%s\nuser=healthcheck\npassword=%s\n' "$socket" "$healthcheck_password" \
      >"$datadir/.my-healthcheck.cnf"
  )
  # What belongs to this server alone stays out of the binary log.
  say 'SET SESSION sql_log_bin = 0;'
  for host in localhost 127.0.0.1 ::1; do
    say "CREATE USER healthcheck@'$host' IDENTIFIED BY $(text "$healthcheck_password");"
  done
  # mariadb-install-db makes them without passwords.
  say "DROP USER IF EXISTS root@'127.0.0.1', root@'::1', root@'$(hostname)';"
  say "ALTER USER root@localhost IDENTIFIED BY $(text "$root_password");"
  if [ "$MARIADB_ROOT_HOST" != localhost ]; then
    account="root@$(text "$MARIADB_ROOT_HOST")"
    say "CREATE USER $account IDENTIFIED BY $(text "$root_password");"
    say "GRANT ALL ON *.* TO $account WITH GRANT OPTION;"
  fi
  say 'SET SESSION sql_log_bin = 1;'
  if [ -n "${MARIADB_DATABASE:-}" ]; then
    say "CREATE DATABASE IF NOT EXISTS \`$MARIADB_DATABASE\`;"
  fi
  if [ -n "${MARIADB_USER:-}" ] && [ -n "$MARIADB_PASSWORD" ]; then
    account="$(text "$MARIADB_USER")@'%'"
    say "CREATE USER $account IDENTIFIED BY $(text "$MARIADB_PASSWORD");"
    [ -z "${MARIADB_DATABASE:-}" ] || say "GRANT ALL ON \`$MARIADB_DATABASE\`.* TO $account;"
  fi
  if [ -n "${MARIADB_REPLICATION_USER:-}" ]; then
    if [ -n "${MARIADB_MASTER_HOST:-}" ]; then
      say "CHANGE MASTER TO MASTER_HOST = $(text "$MARIADB_MASTER_HOST"), MASTER_PORT = ${MARIADB_MASTER_PORT:-3306},
        MASTER_USER = $(text "$MARIADB_REPLICATION_USER"), MASTER_PASSWORD = $(text "$MARIADB_REPLICATION_PASSWORD"),
        MASTER_CONNECT_RETRY = 1;"
    else
      account="$(text "$MARIADB_REPLICATION_USER")@'%'"
      say "CREATE USER $account IDENTIFIED BY $(text "$MARIADB_REPLICATION_PASSWORD");"
      say "GRANT REPLICATION REPLICA ON *.* TO $account;"
    fi
  fi
}

run_init_files() {
  for file in /docker-entrypoint-initdb.d/*; do
    case "$file" in
      *.sh) if [ -x "$file" ]; then "$file"; else . "$file"; fi ;;
      *.sql) root_sql ${MARIADB_DATABASE:+"--database=$MARIADB_DATABASE"} <"$file" ;;
      *.sql.gz) gunzip -c "$file" | root_sql ${MARIADB_DATABASE:+"--database=$MARIADB_DATABASE"} ;;
    esac
  done
}

# initialize MARIADBD [OPTION]...
initialize() {
  if [ -n "${MARIADB_RANDOM_ROOT_PASSWORD:-}" ]; then
    root_password=$(random)
    echo "entrypoint: GENERATED ROOT PASSWORD: $root_password"
  else
    root_password=$MARIADB_ROOT_PASSWORD
  fi
  [ -n "$root_password" ] || [ -n "${MARIADB_ALLOW_EMPTY_ROOT_PASSWORD:-}" ] ||
    fail 'the database is empty: MARIADB_ROOT_PASSWORD or MARIADB_RANDOM_ROOT_PASSWORD is needed'
  program=$1
  shift
  mariadb-install-db --auth-root-authentication-method=normal --skip-test-db "$@" --datadir="$datadir" --skip-log-bin \
    >/dev/null
  "$program" "$@" --skip-networking --skip-slave-start &
  server=$!
  MARIADB_ROOT_PASSWORD=
  until echo 'SELECT 1' | root_sql >/dev/null 2>&1; do
    kill -0 "$server" 2>/dev/null || fail 'the temporary server ended'
    sleep 0.1
  done
  statements=$(set_up)
  say "$statements" | root_sql
  export MARIADB_ROOT_PASSWORD="$root_password"
  run_init_files
  kill "$server"
  wait "$server"
  echo 'entrypoint: the database is initialized'
}

case "${1:-}" in
  -*) set -- mariadbd "$@" ;;
esac
case "$1" in
  mariadbd | mysqld)
    settings=$("$@" --verbose --help 2>/dev/null)
    setting() { say "$settings" | sed -n "s/^$1  *//p" | head -n 1; }
    datadir=$(setting datadir)
    datadir=${datadir%/}
    socket=$(setting socket)
    for name in MARIADB_ROOT_PASSWORD MARIADB_PASSWORD MARIADB_REPLICATION_PASSWORD; do from_file "$name"; done
    : "${MARIADB_ROOT_HOST:=%}"
    if [ "$(id -u)" = 0 ]; then
      mkdir -p "$datadir"
      chown -R mysql:mysql "$datadir" "$(dirname "$socket")"
      exec setpriv --reuid=mysql --regid=mysql --clear-groups "$0" "$@"
    fi
    [ -d "$datadir/mysql" ] || initialize "$@"
    unset MARIADB_ROOT_PASSWORD MARIADB_PASSWORD MARIADB_REPLICATION_PASSWORD
    ;;
esac
exec "$@"
