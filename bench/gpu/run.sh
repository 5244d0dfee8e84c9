#!/bin/sh
# Where there is no Node: unpacks the one of this folder (npm run bench -- gpu --pack DIR --with-node) and runs the bench.
here=$(cd "$(dirname "$0")" && pwd)
if [ ! -x "$here/node" ]; then
  xz -dc "$here/node.xz" >"$here/node" 2>/dev/null ||
    python3 -c 'import lzma, shutil, sys; shutil.copyfileobj(lzma.open(sys.argv[1]), open(sys.argv[2], "wb"))' "$here/node.xz" "$here/node" || exit 1
  chmod +x "$here/node"
fi
exec "$here/node" "$here/run.mjs" "$@"
