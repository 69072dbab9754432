#!/bin/sh
# What every test deployment needs, whatever its options: clients may register themselves, tokens of the oidc app are
# accepted by the APIs, no welcome wizard, no mail.
set -eu
cd /var/www/html
php occ config:app:set oidc dynamic_client_registration --value=true
php occ config:system:set user_oidc oidc_provider_bearer_validation --type=boolean --value=true
php occ config:system:set allow_local_remote_servers --type=boolean --value=true
php occ app:disable firstrunwizard || true
# Nobody gets a welcome mail.
php occ config:app:set core newUser.sendEmail --value=no
# The cheapest password hashes: Nextcloud checks one or more in every request with a password.
php occ config:system:set hashingMemoryCost --type=integer --value=8
php occ config:system:set hashingTimeCost --type=integer --value=1
