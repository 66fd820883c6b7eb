#!/bin/sh
# Builds the web app, unless what there is of it is newer than all that it is made of.
set -eu
cd "$(dirname "$0")/.."
built=dist/web/app.html
if [ -f "$built" ]; then
  changed=$(find src/web src/api/contract src/val src/wire docs README.md package-lock.json scripts/build.ts scripts/editor-types.ts -newer "$built" -print -quit)
  [ -n "$changed" ] || exit 0
fi
exec node_modules/.bin/bun scripts/build.ts
