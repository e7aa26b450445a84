#!/usr/bin/env bash
# Resolves relman's own and its development dependencies into one lock with hashes and no index.
set -euo pipefail
uv=$(tools/uv.sh)
"$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
  --no-annotate --no-header --upgrade tools/relman/pyproject.toml --extra sandbox --group tools/relman/pyproject.toml:dev \
  --output-file tools/relman/requirements.lock
