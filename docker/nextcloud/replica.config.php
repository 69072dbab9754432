<?php
// Nextcloud reads from the replica of its database, which has the accounts of the primary. In use as soon as it lies in
// Nextcloud's folder of configuration: see readFromReplica in src/nextcloud/container/set-up.ts.
$CONFIG = [
    'dbreplica' => [
        [
            'host' => getenv('NCMC_DATABASE_REPLICA'),
            'dbname' => getenv('MYSQL_DATABASE'),
            'user' => getenv('MYSQL_USER'),
            // Not by MYSQL_PASSWORD_FILE: the image's entry point unsets it for the web server.
            'password' => trim(file_get_contents('/ncmc/database-password')),
        ],
    ],
];
