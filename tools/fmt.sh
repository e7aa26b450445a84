#!/usr/bin/env bash
# Formats what can be formatted.
set -euo pipefail
ruff check --quiet --fix --config tools/relman/pyproject.toml tools tests
ruff format --quiet --config tools/relman/pyproject.toml tools tests
if command -v terraform >/dev/null; then terraform fmt -recursive terraform; fi
