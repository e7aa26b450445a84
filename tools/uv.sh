#!/usr/bin/env bash
# Prints where uv is: on PATH, or in the virtual environment, where pip puts it when it is missing.
set -euo pipefail
venv=${1:-.venv}
if uv=$(command -v uv); then
  echo "$uv"
  exit 0
fi
[ -x "$venv/bin/uv" ] || "$venv/bin/python" -m pip install --quiet --disable-pip-version-check 'uv>=0.5' >&2
echo "$venv/bin/uv"
