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
run "ruff: style" ruff check --quiet --config "$config" tools tests terraform
run "ruff: format" ruff format --quiet --check --config "$config" tools tests terraform
run "mypy: relman" bash -c 'cd tools/relman && mypy src tests'
for part in tests/charts tests/docs tests/golden tests/sandbox tests/terraform tests/toolchain; do
  run "mypy: $part" mypy --config-file "$config" "$part"
done
for part in tools/charts tools/docs tools/demo tools/sandbox; do # scripts, which import their neighbours
  run "mypy: $part" env MYPYPATH="$part:tools/demo" mypy --config-file "$config" "$part"
done
run "mypy: tools/bench" env MYPYPATH=tools/bench:tools/relman mypy --config-file "$config" tools/bench # it uses the tests' played services
run "mypy: tests/workflows" env MYPYPATH=tools/demo mypy --config-file "$config" tests/workflows # they run in the demo's clone
run "mypy: toolchain" bash -c 'cd tools/toolchain && mypy --config-file ../relman/pyproject.toml toolchain.py toolbuild'
run "import-linter: layers" bash -c 'cd tools/relman && lint-imports --no-cache >/dev/null || lint-imports --no-cache'
run "yamllint" yamllint --strict -c charts/lintconf.yaml releases argocd .github
run "zizmor: workflows" zizmor --quiet --offline --persona pedantic .github/workflows
run "docs: generated parts" python tools/docs/generate.py --check
run "charts: generated parts" python tools/charts/generated.py --check
run "terraform: READMEs" python terraform/readme.py --check
run "relman lint" relman lint
run "relman render --check" relman render --check --worktree
if [ ${#failed[@]} -gt 0 ]; then
  printf 'failed: %s\n' "${failed[@]}" >&2
  exit 1
fi
