#!/bin/sh
# Only with NCMC_SESSION_FLAG_PATCH=1. user_oidc: marks the session of a request with a valid bearer token of the oidc
# app as an app's, so that routes with the CORS marker (Notes) take it without `OCS-APIRequest`. See README.md.
set -eu
[ "${NCMC_SESSION_FLAG_PATCH:-0}" = 1 ] || exit 0
for file in custom_apps/user_oidc/lib/User/Backend.php apps/user_oidc/lib/User/Backend.php; do
  [ -f "$file" ] || continue
  if grep -q "'app_api'" "$file"; then continue; fi
  sed -i "/return \$oidcProviderUserId;/i \$this->session->set('app_api', true);" "$file"
  if ! grep -q "'app_api'" "$file"; then
    echo 'ncmc: session-flag does not fit this version of user_oidc' >&2
    exit 1
  fi
  echo 'ncmc: session-flag applied'
done
