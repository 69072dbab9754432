#!/bin/sh
# Entry point of the image of the embedded Nextcloud. It follows the conventions of the official image: installs on the
# first start from NEXTCLOUD_ADMIN_USER and NEXTCLOUD_ADMIN_PASSWORD (or their _FILE twins), runs the scripts of
# /docker-entrypoint-hooks.d as www-data, then becomes the command. A database is asked for as the official image does,
# and must be there; nothing is kept in it.
set -eu

html=/var/www/html

# As www-data when root started us, else as whoever did.
as_www_data() {
  if [ "$(id -u)" = 0 ]; then
    setpriv --reuid=33 --regid=33 --clear-groups "$@"
  else
    "$@"
  fi
}

# run_hooks STAGE: executable *.sh in order; the first that fails ends the start.
run_hooks() {
  folder="/docker-entrypoint-hooks.d/$1"
  for hook in "$folder"/*.sh; do
    [ -f "$hook" ] || continue
    if [ ! -x "$hook" ]; then
      echo "entrypoint: $hook is skipped, it is not executable"
      continue
    fi
    echo "entrypoint: running $hook"
    code=0
    as_www_data "$hook" || code=$?
    if [ "$code" -ne 0 ]; then
      echo "entrypoint: $hook ended with $code" >&2
      exit "$code"
    fi
  done
}

# from_file NAME: puts the contents of the file that NAME_FILE names into NAME.
from_file() {
  eval "path=\${$1_FILE:-}"
  if [ -n "$path" ]; then
    eval "$1=\$(cat \"\$path\")"
    export "$1"
  fi
}

has_database() {
  [ -n "${SQLITE_DATABASE:-}" ] || all_set MYSQL_HOST MYSQL_DATABASE MYSQL_USER MYSQL_PASSWORD ||
    all_set POSTGRES_HOST POSTGRES_DB POSTGRES_USER POSTGRES_PASSWORD
}

all_set() {
  for name; do
    eval "[ -n \"\${$name:-}\" ]" || return 1
  done
}

case "$1" in
  apache2-*) serves=1 ;;
  *) serves="${NEXTCLOUD_UPDATE:-0}" ;;
esac

if [ "$serves" = 1 ]; then
  cd "$html"
  [ "$(id -u)" != 0 ] || chown 33:33 "$html"
  if [ ! -e config/ncmc-state.json ]; then
    for name in NEXTCLOUD_ADMIN_USER NEXTCLOUD_ADMIN_PASSWORD MYSQL_DATABASE MYSQL_USER MYSQL_PASSWORD \
      POSTGRES_DB POSTGRES_USER POSTGRES_PASSWORD; do
      from_file "$name"
    done
    if [ -z "${NEXTCLOUD_ADMIN_USER:-}" ] || [ -z "${NEXTCLOUD_ADMIN_PASSWORD:-}" ] || ! has_database; then
      echo 'entrypoint: NEXTCLOUD_ADMIN_USER, NEXTCLOUD_ADMIN_PASSWORD and a database (SQLITE_DATABASE, or host, database,' \
        'user and password as MYSQL_… or POSTGRES_…) are needed: there is no installation in the browser' >&2
      exit 1
    fi
    run_hooks pre-installation
    as_www_data php occ maintenance:install
    index=1
    for domain in ${NEXTCLOUD_TRUSTED_DOMAINS:-}; do
      as_www_data php occ config:system:set trusted_domains "$index" --value="$domain"
      index=$((index + 1))
    done
    run_hooks post-installation
  else
    if as_www_data php occ status | grep -q 'needsDbUpgrade: true'; then
      run_hooks pre-upgrade
      as_www_data php occ upgrade
      run_hooks post-upgrade
    fi
  fi
  run_hooks before-starting
fi
unset NEXTCLOUD_ADMIN_PASSWORD MYSQL_PASSWORD POSTGRES_PASSWORD || true
exec "$@"
