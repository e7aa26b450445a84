#!/usr/bin/env bash
# Makes the virtual environment from the hashed lock. uv is installed by pip when it is missing.
set -euo pipefail
venv=$1
lock=$2
"${PYTHON:-python3}" - <<'EOF' || { echo "error: Python 3.11 to 3.14 is needed (make setup PYTHON=python3.12)" >&2; exit 4; }
import sys
sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 15))
EOF
[ -x "$venv/bin/python" ] || "${PYTHON:-python3}" -m venv "$venv"
uv=$(tools/uv.sh "$venv")
"$uv" pip install --quiet --python "$venv/bin/python" --require-hashes -r "$lock"
"$uv" pip install --quiet --python "$venv/bin/python" --no-deps --no-build-isolation --editable tools/relman
touch "$venv/.ready"
echo "ready: $venv/bin/relman" >&2
