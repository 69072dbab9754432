#!/bin/sh
# Installs and enables the apps of NCMC_APPS (ids, separated by spaces): from /ncmc/apps/<id>.tar.gz where there is such
# an archive, else from the app store. Runs as the web server's user, once, right after the installation.
set -eu
cd /var/www/html
for app in ${NCMC_APPS:-}; do
  archive="/ncmc/apps/$app.tar.gz"
  if [ -f "$archive" ]; then
    mkdir -p custom_apps
    rm -rf "custom_apps/$app"
    tar -xzf "$archive" -C custom_apps
    if [ ! -d "custom_apps/$app" ]; then
      echo "ncmc: the archive of $app has no folder named $app" >&2
      exit 1
    fi
    php occ app:enable --force "$app"
  elif ! php occ app:enable "$app"; then
    php occ app:install "$app"
  fi
done
