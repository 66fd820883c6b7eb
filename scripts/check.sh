#!/bin/sh
# Types of every kind of TypeScript here, lint and format. Says all that is wrong, not just the first.
set -u
cd "$(dirname "$0")/.."
PATH=$PWD/node_modules/.bin:$PATH
# Deno's own start-up wrapper needs Node; the binary does not.
deno=node_modules/deno/deno
failed=0
step() {
  echo "· $*"
  "$@" || failed=1
}

step tsc -p . --noEmit
[ ! -f src/web/tsconfig.json ] || step tsc -p src/web --noEmit
export DENO_NO_UPDATE_CHECK=1 NO_COLOR=1
if [ -f src/guest/deno.json ]; then
  step "$deno" check --quiet --config src/guest/deno.json src/guest
  step "$deno" lint --quiet --config src/guest/deno.json src/guest
fi
step biome check --error-on-warnings .
[ "$failed" = 0 ] && echo "clean"
exit "$failed"
