#!/bin/sh
# healthcheck.sh of ncmc-mariadb:test, with the tests and options of the official image's that this package uses:
# --connect (takes connections from the network: the server that initializes does not), --innodb_initialized,
# --defaults-extra-file=FILE (who asks; default: the account that the entry point made), --datadir=FOLDER.
set -eu
account=/var/lib/mysql/.my-healthcheck.cnf
tests=

ask() {
  if [ -f "$account" ]; then set -- --defaults-extra-file="$account" "$@"; fi
  mariadb "$@" --protocol=socket --batch --skip-column-names --execute="$statement" 2>/dev/null
}

connect() {
  statement='SELECT @@skip_networking'
  [ "$(ask)" = 0 ]
}

innodb_initialized() {
  statement="SELECT 1 FROM information_schema.engines WHERE engine = 'InnoDB' AND support IN ('YES', 'DEFAULT')"
  [ "$(ask)" = 1 ]
}

for argument; do
  case "$argument" in
    --connect | --innodb_initialized) tests="$tests ${argument#--}" ;;
    --defaults-extra-file=*) account=${argument#*=} ;;
    --datadir=*) ;;
    *)
      echo "healthcheck: unknown option $argument" >&2
      exit 1
      ;;
  esac
done
if [ -z "$tests" ]; then
  echo 'healthcheck: at least one test is needed' >&2
  exit 1
fi
for test in $tests; do
  "$test" || {
    echo "healthcheck: $test failed" >&2
    exit 1
  }
done
