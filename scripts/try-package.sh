#!/usr/bin/env bash
# Packs the package, installs the tarball in an empty folder and calls it as a user would.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
folder=$1
mkdir -p "$folder"
tarball=$(cd "$root" && npm pack --silent --pack-destination "$folder" | tail -1)
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit "./$tarball" >/dev/null
npx --no-install nc-mcp-conformance --version
npx --no-install nc-mcp-conformance list --suite discovery
npx --no-install nc-mcp-conformance run --suite resource-server --mode oauth --user-agent http --report-dir report
test -s report/report.json
node --input-type=module -e "
import { startEmbeddedNextcloud } from 'nc-mcp-conformance'
const nextcloud = await startEmbeddedNextcloud()
const response = await fetch(nextcloud.baseUrl + '/status.php')
await nextcloud.stop()
if (!response.ok) throw new Error('the embedded Nextcloud of the package does not answer')
"

# The example of an author's own tests, on the fixtures of the package.
cp -r "$root/examples/playwright" example
(cd example && node ../node_modules/@playwright/test/cli.js test --reporter=line)
