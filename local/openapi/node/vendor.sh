#!/bin/sh
# Puts the viewer that package.json names into functions/show_docs; `check` says whether it is what is there.
set -eu
cd "$(dirname "$0")"
from=node_modules/swagger-ui-dist to=../../../functions/show_docs
if [ "${1:-}" = check ]; then
  gzip -dc "$to/page/swagger-ui.js.gz" | cmp - "$from/swagger-ui-bundle.js"
  gzip -dc "$to/page/swagger-ui.css.gz" | cmp - "$from/swagger-ui.css"
  exit
fi
gzip -9nc "$from/swagger-ui-bundle.js" > "$to/page/swagger-ui.js.gz"
gzip -9nc "$from/swagger-ui.css" > "$to/page/swagger-ui.css.gz"
{
  node -p "const p = require('./$from/package.json'); p.name + ' ' + p.version + ', ' + p.license + ': swagger-ui.js and swagger-ui.css'"
  printf '\n'
  cat "$from/NOTICE" "$from/LICENSE" "$from/swagger-ui-bundle.js.LICENSE.txt"
} > "$to/THIRD-PARTY.txt"
