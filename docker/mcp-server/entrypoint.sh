#!/bin/sh
# A reference MCP server: MODE is basic or oauth, the rest is the environment of `nc-mcp-conformance serve`. See src/cli/reference-image.ts.
set -eu
exec node /opt/nc-mcp-conformance/dist/src/cli/reference-image.js
