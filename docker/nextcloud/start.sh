#!/bin/sh
# Entry point of our containers: puts a snapshot's files into the fresh volume, then runs the image's own entry point,
# which the arguments name.
set -eu
if [ -f /ncmc/html.tar ] && [ ! -e /var/www/html/version.php ]; then
  tar -xpf /ncmc/html.tar -C /var/www/html
fi
exec "$@"
