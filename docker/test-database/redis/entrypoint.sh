#!/bin/sh
# Entry point of ncmc-redis:test. As the official image does it: options or a configuration file are arguments of
# redis-server, which runs in /data as the user redis and lets other containers in.
set -eu
case "${1:-}" in
  -* | *.conf) set -- redis-server "$@" ;;
esac
if [ "$1" = redis-server ]; then
  if [ "$(id -u)" = 0 ]; then
    chown -R redis:redis .
    exec setpriv --reuid=redis --regid=redis --clear-groups "$0" "$@"
  fi
  exec "$@" --protected-mode no
fi
exec "$@"
