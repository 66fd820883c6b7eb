#!/bin/sh
# Runs every test, or those whose path contains one of the arguments. Last line: "N passed, N failed".
set -eu
cd "$(dirname "$0")/.."
exec node_modules/.bin/bun scripts/test.ts "$@"
