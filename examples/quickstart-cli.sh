#!/usr/bin/env bash
# The quickstart by command line alone. ESPER_URL says where esper-server is; standard input holds an operator token.
set -euo pipefail
PATH="$(cd "$(dirname "$0")/.." && pwd)/node_modules/.bin:$PATH"
export ESPER_PROFILE=quickstart ESPER_TENANT="${ESPER_TENANT:-my-shop}"

esper auth login --token
esper tenant create --set name="My shop" --set slug="$ESPER_TENANT"
key=$(esper key create --set name=Shop --set source_id=web --set trust_level=Internal --env)
export ${key?} # ESPER_KEY_ID and ESPER_SECRET, in no list of processes
esper action create --set name=login --set 'expression=request_method = "POST" and request_path = "/login"'
esper entity create --set name=address --set 'key_fields=[client_ip]'
esper mitigation create --set name="Login protection" --set mode=Monitor
esper policy create --set name="Credential stuffing" --set expression=true --set 'actions=[login]' \
  --set entity_definition=address --set window.seconds=3600 --set window.threshold=5 --set mitigation="Login protection"

for _ in {1..6}; do # six attempts to sign in, as nginx would have logged them
  LC_ALL=C date -u '+203.0.113.7 - - [%d/%b/%Y:%H:%M:%S +0000] "POST /login HTTP/1.1" 401 27 "-" "curl/8.7.1"'
done | esper traffic import --format combined -

esper results --wait 6
esper audit list
