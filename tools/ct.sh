#!/usr/bin/env bash
# chart-testing over every chart: Chart.yaml, YAML style, `helm lint --strict` with each ci/ values.
set -euo pipefail
python=${PYTHON:-python3}
ct=$("$python" tools/toolchain/toolchain.py path ct) || exit $?
helm=$("$python" tools/toolchain/toolchain.py path helm) || exit $?
# ct builds each chart's dependencies where the chart lies: a copy keeps the checkout clean.
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
git ls-files -z --cached --others --exclude-standard -- charts ct.yaml | xargs -0 cp --parents -t "$copy" --
cd "$copy"
PATH="$(dirname "$helm"):$PATH" "$ct" lint --all --config ct.yaml
