#!/bin/sh
# Applies our patches where the installed apps need them. Each looks first, so that a second run changes nothing.
set -eu
cd /var/www/html
for patch in /ncmc/patches/*.sh; do
  sh "$patch"
done
