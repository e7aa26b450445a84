#!/usr/bin/env bash
# Every static check; all of them run, and the command fails when any did.
set -uo pipefail
failed=()
run() {
  echo "== $1" >&2
  shift
  "$@" || failed+=("$*")
}
config=tools/relman/pyproject.toml
run "ruff: style" ruff check --quiet --config "$config" tools tests
run "ruff: format" ruff format --quiet --check --config "$config" tools tests
run "mypy: relman" bash -c 'cd tools/relman && mypy src tests'
run "mypy: tools" bash -c 'cd tools/toolchain && mypy --config-file ../relman/pyproject.toml toolchain.py toolbuild'
run "import-linter: layers" bash -c 'cd tools/relman && lint-imports --no-cache >/dev/null || lint-imports --no-cache'
run "yamllint" yamllint --strict -c charts/lintconf.yaml releases argocd .github
run "relman lint" relman lint
run "relman render --check" relman render --check --worktree
if [ ${#failed[@]} -gt 0 ]; then
  printf 'failed: %s\n' "${failed[@]}" >&2
  exit 1
fi
