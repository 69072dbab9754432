<?php
// Runs before every PHP request and every occ, where Nextcloud's database is SQLite: SQLite lets one process write and
// refuses a second one at once ("database is locked", status 500) whenever that one has read before. The lock is free
// again when the request ends.
$GLOBALS['ncmcLock'] = fopen(__FILE__, 'r');
flock($GLOBALS['ncmcLock'], LOCK_EX);
