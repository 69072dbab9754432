#!/bin/sh
# oidc before 1.10: the discovery document says nothing of PKCE, so clients that insist on S256 refuse the server.
# Adds the member to the array that holds the document. See README.md.
set -eu
for file in custom_apps/oidc/lib/Util/DiscoveryGenerator.php apps/oidc/lib/Util/DiscoveryGenerator.php; do
  [ -f "$file" ] || continue
  if grep -q code_challenge_methods_supported "$file"; then continue; fi
  sed -i "/^ *'issuer' =>/i 'code_challenge_methods_supported' => ['S256']," "$file"
  if ! grep -q code_challenge_methods_supported "$file"; then
    echo 'ncmc: discovery-s256 does not fit this version of the oidc app' >&2
    exit 1
  fi
  echo 'ncmc: discovery-s256 applied'
done
