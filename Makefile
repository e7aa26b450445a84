# Thin on purpose: each target calls one tool. `make` alone lists the targets.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
LOCK   := tools/relman/requirements.lock
export PATH := $(CURDIR)/$(BIN):$(PATH)

.DEFAULT_GOAL := help
.PHONY: help setup demo sandbox test e2e check policies tools sandbox-tools ct bench docs fmt lock golden

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-13s %s\n", $$1, $$2}'

setup: $(VENV)/.ready ## make .venv with relman in it (uv, from the hashed lock)

$(VENV)/.ready: $(LOCK) tools/relman/pyproject.toml tools/setup.sh
	@PYTHON=$(PYTHON) tools/setup.sh $(VENV) $(LOCK)

demo: setup ## cut, deploy, promote and roll back the store in a temporary copy
	@$(BIN)/python tools/demo/demo.py $(DEMO_ARGS)

PYTEST = $(BIN)/python -m pytest -c tools/relman/pyproject.toml --rootdir . -n 2 --dist worksteal -q

sandbox: setup sandbox-tools ## the same on a real control plane and Argo CD, on this machine
	@$(BIN)/python tools/sandbox/tour.py $(SANDBOX_ARGS)

test: setup ## the everyday tests
	@$(PYTEST) -m "not slow and not aws and not policies and not sandbox" tools/relman/tests tests $(TEST_ARGS)

e2e: setup ## the slow ones: kills, races, long random histories, the sandbox, a simulated AWS
	@MACHINE_EXAMPLES=6 $(PYTEST) -m "slow or aws" tools/relman/tests tests $(TEST_ARGS)
	@$(PYTEST) -n 0 -m sandbox tests/sandbox

check: setup ct policies ## formatting, types, layers, YAML, charts, Terraform's policies, relman lint
	@tools/check.sh

policies: setup
	@tools/checkov/setup.sh $(VENV)/checkov
	@CHECKOV=$(VENV)/checkov/bin/checkov $(PYTEST) -m policies tests/terraform

tools: setup ## build helm and ct where PATH has none of the right version
	@$(PYTHON) tools/toolchain/toolchain.py build helm ct

SANDBOX_TOOLS := helm etcd kube-apiserver kube-controller-manager kube-scheduler kwok redis-server argocd

sandbox-tools: ## build what the sandbox runs, where there is none of the right version
	@$(PYTHON) tools/toolchain/toolchain.py build $(SANDBOX_TOOLS)

ct: setup ## lint every chart with chart-testing
	@tools/ct.sh

bench: setup tools ## measure the speed budgets beside helm and helmfile
	@$(PYTHON) tools/toolchain/toolchain.py build helmfile
	@$(BIN)/python tools/bench/bench.py $(BENCH_ARGS)

golden: setup ## write the golden renders anew, to be reviewed as a diff
	@$(BIN)/python tests/golden/golden.py --write

docs: setup ## write the generated parts of docs/, chart and Terraform READMEs and schemas anew
	@$(BIN)/python tools/docs/generate.py
	@$(BIN)/python tools/charts/generated.py
	@$(BIN)/python terraform/readme.py

fmt: setup ## format Python and Terraform
	@tools/fmt.sh

lock: ## resolve the dependencies anew into the hashed lock
	@tools/lock.sh
