#!/bin/sh
# sh promote.sh FOLDER: imports each exported assistant of the folder into the deployment at BASE_URL, with API_TOKEN.
# DRY_RUN=true only shows what differs.
set -eu
for file in "${1:?Name the folder of exported assistants.}"/*.json; do
  echo "$file"
  curl -sS --fail-with-body "$BASE_URL/api/assistants/import?dry_run=${DRY_RUN:-false}" \
    -H "Authorization: Bearer $API_TOKEN" -H "Content-Type: application/json" --data-binary "@$file"
  echo
done
