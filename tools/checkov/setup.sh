#!/usr/bin/env bash
# Checkov in an environment of its own: what it depends on is pinned too tightly to share one.
set -euo pipefail
venv=$1
lock=tools/checkov/requirements.lock
if [ "$venv/.ready" -nt "$lock" ]; then exit 0; fi
uv=$(tools/uv.sh)
[ -x "$venv/bin/python" ] || "${PYTHON:-python3}" -m venv --without-pip "$venv"
"$uv" pip install --quiet --python "$venv/bin/python" --require-hashes -r "$lock"
touch "$venv/.ready"
