#!/bin/sh
# Types of all three kinds of TypeScript and of the examples, lint, format. Says all that is wrong, not just the first.
set -u
cd "$(dirname "$0")/.."
PATH=$PWD/node_modules/.bin:$PATH
# Deno's own start-up wrapper needs Node; the binary does not.
deno=node_modules/deno/deno
# Two versions are there, for the editor in the browser needs an older one: by its path, not by its name.
tsc=node_modules/typescript/bin/tsc
failed=0
step() {
  echo "· $*"
  "$@" || failed=1
}

# What has not changed is not looked at again.
step "$tsc" -p . --noEmit --incremental --tsBuildInfoFile node_modules/.cache/host.tsbuildinfo
step "$tsc" -p src/web --noEmit --incremental --tsBuildInfoFile node_modules/.cache/web.tsbuildinfo
export DENO_NO_UPDATE_CHECK=1 NO_COLOR=1
step "$deno" check --quiet --config src/guest/deno.json src/guest
step "$deno" check --quiet --config src/std/deno.json src/std
step "$deno" check --quiet --no-config --import-map src/std/import-map.json src/guest/ambient.d.ts examples src/web/pages/new/templates
step "$deno" lint --quiet --config src/guest/deno.json src/guest examples src/web/pages/new/templates
step "$deno" lint --quiet --config src/std/deno.json src/std
step biome check --error-on-warnings .
[ "$failed" = 0 ] && echo "clean"
exit "$failed"
