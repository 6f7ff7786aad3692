# People and CI run the same commands. All of them need python3 (3.11 or newer) and make, nothing else.

.SHELLFLAGS := -ec
.DEFAULT_GOAL := help

# Lambda's Python where it is to be had, also through pyenv; else what python3 is.
PYTHON := $(shell for python in python3.13 "$$(pyenv root 2>/dev/null)"/versions/3.13.*/bin/python3.13 python3; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$python"; break; }; done)
LOCK := local/lock.txt
VENV := .venv
SAM_VENV := .venv-sam
BIN := $(VENV)/bin
SAM := SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=$${AWS_DEFAULT_REGION:-us-east-1} $(SAM_VENV)/bin/sam

.PHONY: help
help: ## Show what there is to make
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

.PHONY: run
run: $(VENV)/.run ## Run the API here, on PORT (3000), with a demo account
	@$(BIN)/python -m local

.PHONY: test
test: $(VENV)/.test ## Run all tests
	@$(BIN)/python -m pytest -n auto

.PHONY: test-http
test-http: $(VENV)/.test ## Run the black-box tests, against BASE_URL with API_TOKEN where they are set
	@$(BIN)/python -m pytest -n auto tests/http

.PHONY: check
check: $(VENV)/.check $(SAM_VENV)/.sam ## Check format, lint, types and the template
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(SAM) validate --lint

.PHONY: format
format: $(VENV)/.check ## Format the code and mend what the linter can
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

.PHONY: build
build: $(SAM_VENV)/.sam ## Build what is deployed, into .aws-sam (needs python3.13)
	@PATH="$$(dirname "$$($(PYTHON) -c 'import sys; print(sys.executable)')"):$$PATH" $(SAM) build

.PHONY: setup
setup: $(VENV)/.check $(SAM_VENV)/.sam ## Install everything for development

.PHONY: lock
lock: ## Write the lock anew: the newest versions that pyproject.toml allows
	@rm -rf $(VENV) && $(PYTHON) -m venv $(VENV) && $(BIN)/pip install -q --upgrade pip
	@$(BIN)/pip install -q --group check -r layers/shared/requirements.txt
	@$(BIN)/pip freeze | sed '1i# Written by `make lock` from pyproject.toml.' > $(LOCK)

.PHONY: clean
clean: ## Remove what make made
	@rm -rf $(VENV) $(SAM_VENV) .aws-sam .hypothesis .mypy_cache .pytest_cache .ruff_cache

# One virtual environment that grows: what runs the stack, then the tests, then the checks. aws-sam-cli has its own,
# because it pins versions of what the others use.
$(VENV)/.run $(VENV)/.test $(VENV)/.check: $(VENV)/.%: pyproject.toml $(LOCK) layers/shared/requirements.txt | $(VENV)/bin
	@echo "Installing what '$*' needs into $(VENV) ..." >&2
	@$(BIN)/pip install -q --disable-pip-version-check --group $* -r layers/shared/requirements.txt -c $(LOCK)
	@touch $@

$(SAM_VENV)/.sam: pyproject.toml | $(SAM_VENV)/bin
	@echo "Installing aws-sam-cli into $(SAM_VENV) ..." >&2
	@$(SAM_VENV)/bin/pip install -q --disable-pip-version-check --group sam
	@touch $@

%/bin:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; python3 is older or missing." >&2; exit 1; }
	@$(PYTHON) -m venv $* && $@/pip install -q --disable-pip-version-check 'pip>=25.1,<27'
