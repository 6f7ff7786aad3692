# People and CI run the same commands. All of them need python3 (3.11 or newer) and make, nothing else.

.SHELLFLAGS := -ec
.DEFAULT_GOAL := help

# Lambda's Python where it is to be had, also through pyenv; else what python3 is.
PYTHON := $(shell for python in python3.13 "$$(pyenv root 2>/dev/null)"/versions/3.13.*/bin/python3.13 python3; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$python"; break; }; done)
LOCK := local/lock.txt
INSTALL = $(or $(PYTHON),$(error Python 3.11 or newer is needed, and python3 is older or missing)) local/install.py
LOCKED := pyproject.toml $(LOCK) layers/shared/requirements.in
FROM_LOCK := -r layers/shared/requirements.in -c $(LOCK)
VENV := .venv
SAM_VENV := .venv-sam
BENCH_VENV := .venv-bench
DEPLOY_VENV := .venv-deploy
TEMPLATE_VENV := .venv-template
LAYER_VENV := .venv-layer
CONTRACT_VENV := .venv-contract
CALLS_VENV := .venv-calls
WORKERS_VENV := .venv-workers
WORKERS := $(wildcard examples/*/requirements.txt)
NODE := local/openapi/node/node_modules
BIN := $(VENV)/bin
WITH_PYTHON = PATH="$$(dirname "$$($(PYTHON) -c 'import sys; print(sys.executable)')"):$$PATH"
STAGE = default
OVERRIDES = $(if $(PARAMETERS),--parameter-overrides "$$parameters")
SAM := SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=$${AWS_DEFAULT_REGION:-us-east-1} $(SAM_VENV)/bin/sam
TRANSLATED := .aws-sam/translated.json
GRADUAL := .aws-sam/gradual.json
TRANSLATE := AWS_DEFAULT_REGION=us-east-1 $(SAM_VENV)/bin/python -m local.proofs.translation $(TRANSLATED)

.PHONY: help
help: ## Show what there is to make
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

.PHONY: run
run: $(VENV)/.run ## Run the API here, on PORT (3000), with a demo account
	@exec $(BIN)/python -m local

.PHONY: call
call: $(CALLS_VENV)/.calls $(WORKERS_VENV)/.workers ## Call an assistant of `make run`, as a carrier does (needs espeak-ng, or the providers' keys)
	@$(CALLS_VENV)/bin/python -m local.call

.PHONY: dynamodb
dynamodb: $(VENV)/.run ## Run DynamoDB Local, which keeps what `make run` stores (needs java and mvn)
	@exec $(BIN)/python -m local.stack.dynamodb_local

# The names of the variables of the command line, which make exports: their values may hold spaces and quotes.
GIVEN = $(foreach it,$(.VARIABLES),$(if $(filter command,$(firstword $(origin $(it)))),$(it)))

.PHONY: admin
admin: $(VENV)/.run ## Create accounts and keys, here or in AWS with STACK; alone it says how
	@$(BIN)/python -m local.stack.admin $(GIVEN)

.PHONY: audit
audit: $(VENV)/.run ## Check every item of a table, TABLE, here or in AWS; RECOUNT=1 writes the right counts
	@PYTHONPATH=layers/shared $(BIN)/python -m local.proofs.audit $(if $(filter 1,$(RECOUNT)),--recount) $(TABLE)

.PHONY: test
test: $(VENV)/.test ## Run the tests that need nothing but Python
	@$(BIN)/python -m pytest -n auto -m "not long" --ignore=tests/faults --ignore=tests/layer --ignore=tests/docs --ignore=tests/contract \
		--ignore=tests/security --ignore=tests/calls --ignore=tests/clients --ignore=tests/workers \
		--ignore=tests/simulated_call

.PHONY: test-processes
test-processes: $(VENV)/.test ## Test make, the installation and the local stack, each as a process
	@$(BIN)/python -m pytest -n auto -m long tests/local

.PHONY: test-security
test-security: $(VENV)/.test ## Attack the API, by each item of OWASP's API Security Top 10
	@$(BIN)/python -m pytest -n auto tests/security

.PHONY: test-http
test-http: $(VENV)/.test ## Run the black-box tests, against BASE_URL with API_TOKEN where they are set
	@$(BIN)/python -m pytest -n auto tests/http

.PHONY: test-dynamodb
test-dynamodb: $(VENV)/.test ## Test on DynamoDB Local, races and all faults too (needs java and mvn)
	@$(BIN)/python -m pytest -n auto --dist loadgroup --engine=dynamodb-local \
		tests/endpoints tests/http tests/faults tests/races tests/local/audit tests/local/test_dynamodb.py tests/local/test_events.py tests/local/test_cost.py

.PHONY: test-layer
test-layer: $(VENV)/.test build sbom ## Test the layer as it is built for Lambda (needs python3.13)
	@$(BIN)/python -m pytest tests/layer

.PHONY: test-sam
test-sam: $(VENV)/.test build-here ## Test what is built in containers: sam local (needs a container engine, java and mvn)
	@$(BIN)/python -m local.proofs.sam

.PHONY: test-deploy
test-deploy: $(VENV)/.test $(DEPLOY_VENV)/.deploy build-here ## Test what is deployed into an emulator of AWS, IAM and all
	@$(BIN)/python -m local.proofs.deployment

.PHONY: test-docs
test-docs: $(VENV)/.docs ## Test the reference page in a browser (needs Chromium)
	@$(BIN)/python -m pytest tests/docs

.PHONY: test-contract
test-contract: $(CONTRACT_VENV)/.contract ## Test that the API is what openapi.json says
	@$(CONTRACT_VENV)/bin/python -m pytest -n auto tests/contract

.PHONY: test-calls
test-calls: $(CALLS_VENV)/.calls ## Test signatures of carriers against the carriers' own libraries
	@$(CALLS_VENV)/bin/python -m pytest -n auto tests/calls

.PHONY: test-workers
test-workers: $(CALLS_VENV)/.calls $(WORKERS_VENV)/.workers ## Test the workers of examples/, and `make call` (needs espeak-ng)
	@$(WORKERS_VENV)/bin/python -m pytest -n auto --confcutdir tests/workers tests/workers
	@$(CALLS_VENV)/bin/python -m pytest tests/simulated_call

.PHONY: first-hour
first-hour: ## Measure how long it takes from a fresh clone to the first answered request
	@$(or $(PYTHON),python3) local/proofs/first_hour.py

.PHONY: openapi
openapi: $(VENV)/.run ## Write openapi.json anew
	@PYTHONPATH=layers/shared $(BIN)/python -m local.openapi

.PHONY: events
events: $(VENV)/.run ## Write the sample events and the schema of what the event bus gets anew
	@PYTHONPATH=layers/shared $(BIN)/python -m tests.events
	@PYTHONPATH=layers/shared $(BIN)/python -m local.events

.PHONY: catalogue
catalogue: $(VENV)/.run ## Write what is known of language models anew, from FILE: litellm's list of models, or a wheel of it
	@PYTHONPATH=layers/shared $(BIN)/python -m local.catalogue $(FILE) $(CHECKED)

.PHONY: lint-openapi
lint-openapi: $(NODE)/.installed ## Lint openapi.json, and check that the viewer is the one that is pinned (needs npm)
	@REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true $(NODE)/.bin/redocly lint \
		--config local/openapi/node/redocly.yaml functions/get_openapi/openapi.json
	@local/openapi/node/vendor.sh check

.PHONY: lint-types
lint-types: $(VENV)/.check $(NODE)/.installed ## Check that an editor with pyright finds everything (needs npm)
	@$(NODE)/.bin/pyright

ACTIONLINT := .aws-sam/bin/actionlint

.PHONY: lint-workflows
lint-workflows: $(ACTIONLINT) ## Lint the workflows of .github (needs go)
	@$(ACTIONLINT)

$(ACTIONLINT): Makefile
	@GOBIN=$(CURDIR)/$(@D) go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.12

.PHONY: check
check: $(VENV)/.check $(SAM_VENV)/.sam ## Check format, lint, types and the template
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(SAM) validate --lint
	@$(TRANSLATE)
	@$(SAM_VENV)/bin/cfn-lint template.yaml $(TRANSLATED) $(GRADUAL)

.PHONY: lint-template
lint-template: $(TEMPLATE_VENV)/.template $(SAM_VENV)/.sam ## Check the template for what is insecure or fragile
	@$(TRANSLATE)
	@$(TEMPLATE_VENV)/bin/cfn-lint template.yaml $(TRANSLATED) $(GRADUAL) --append-rules cfn_lint_serverless.rules
	@$(TEMPLATE_VENV)/bin/checkov --config-file local/proofs/checkov.yaml --file template.yaml $(TRANSLATED) $(GRADUAL)

.PHONY: format
format: $(VENV)/.check ## Format the code and mend what the linter can
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

.PHONY: build
build: $(SAM_VENV)/.sam ## Build what is deployed, into .aws-sam (needs python3.13)
	@$(WITH_PYTHON) $(SAM) build

# In AWS's account and region of the environment; BUILT=1 deploys what is in .aws-sam/build, such as another job has built.
.PHONY: deploy
deploy: $(SAM_VENV)/.sam ## Build and deploy STAGE: dev, prod or none; another stack with STACK, with PARAMETERS
	@grep -q '^\[$(STAGE)\.deploy\.' samconfig.toml || { echo "samconfig.toml has no environment $(STAGE)." >&2; exit 2; }
	@$(if $(PARAMETERS),parameters=$$($(SAM_VENV)/bin/python -m local.stack.stages $(STAGE) '$(PARAMETERS)');) \
		$(if $(BUILT),,$(WITH_PYTHON) $(SAM) build --config-env $(STAGE) $(OVERRIDES);) \
		SAM_CLI_TELEMETRY=0 $(SAM_VENV)/bin/sam deploy --config-env $(STAGE) \
		$(if $(STACK),--stack-name $(STACK) --s3-prefix $(STACK)) $(OVERRIDES)

.PHONY: smoke
smoke: $(VENV)/.run ## Make an account, a key and an assistant here, or in AWS with STAGE or STACK, and read it back
	@$(BIN)/python -m local.proofs.smoke

# An environment with the layer in it and nothing else, from whose metadata the document is made.
.PHONY: sbom
sbom: $(LAYER_VENV)/.layer build ## Write what the layer ships as CycloneDX, .aws-sam/sbom.json
	@$(PYTHON) -m venv --clear --without-pip .aws-sam/shipped
	@echo "$(CURDIR)/.aws-sam/build/SharedLayer/python" > "$$(echo .aws-sam/shipped/lib/python3.*/site-packages)/layer.pth"
	@PYTHONWARNINGS=ignore::UserWarning $(LAYER_VENV)/bin/cyclonedx-py environment --output-reproducible --validate \
		--pyproject pyproject.toml -o .aws-sam/sbom.json .aws-sam/shipped

.PHONY: build-here
build-here: $(SAM_VENV)/.sam
	@$(WITH_PYTHON) $(SAM) build \
		--no-cached --build-dir .aws-sam/local --parameter-overrides Architecture=$$(uname -m | sed s/aarch64/arm64/)

.PHONY: bench
bench: $(BENCH_VENV)/.bench $(SAM_VENV)/.sam ## Measure what `make build` made, against its peers and BEFORE, the build of another checkout
	@PYTHONPATH=layers/shared $(BENCH_VENV)/bin/python -m tests.bench

.PHONY: bench-http
bench-http: $(BENCH_VENV)/.bench ## Measure the local stack, on AWS_ENDPOINT_URL_DYNAMODB or an engine of its own
	@PYTHONPATH=layers/shared $(BENCH_VENV)/bin/python -m tests.bench.over_http

.PHONY: bench-hostile
bench-hostile: $(BENCH_VENV)/.bench ## Measure what hostile bodies of 1 MiB cost, in CPU time and memory (needs Linux)
	@PYTHONPATH=layers/shared $(BENCH_VENV)/bin/python -m tests.bench.hostile

.PHONY: cost
cost: $(VENV)/.run ## Print what requests and months cost, from measured units and AWS's prices
	@PYTHONPATH=layers/shared $(BIN)/python -m local.cost

.PHONY: scale
scale: $(VENV)/.run ## Find the first bottleneck of a load, such as CALLS=100 EDITS=2 SEATS=50 PROMPT_KB=60
	@PYTHONPATH=layers/shared $(BIN)/python -m local.scale $(GIVEN)

.PHONY: measure-cost
measure-cost: $(VENV)/.test ## Measure anew what each endpoint consumes, on DynamoDB Local (needs java and mvn)
	@PYTHONPATH=layers/shared $(BIN)/python -m tests.cost
	@PYTHONPATH=layers/shared $(BIN)/python -m local.documents

.PHONY: documents
documents: $(VENV)/.run ## Write the tables of costs and ceilings in the documents anew
	@PYTHONPATH=layers/shared $(BIN)/python -m local.documents

.PHONY: dashboard
dashboard: $(VENV)/.test ## Draw the CloudWatch dashboard as it shows a load with faults, for review
	@PYTHONPATH=layers/shared $(BIN)/python -m tests.observability

.PHONY: setup
setup: $(VENV)/.check $(SAM_VENV)/.sam ## Install everything for development

.PHONY: lock
lock: ## Write the lock anew: the newest versions that pyproject.toml allows
	@$(PYTHON) -m local.lock

.PHONY: lock-layer
lock-layer: $(LAYER_VENV)/.layer ## Write the layer's requirements.txt anew: what its requirements.in pins, with all hashes
	@cd layers/shared && "$(CURDIR)/$(LAYER_VENV)/bin/uv" pip compile -q --upgrade --universal --python-version 3.11 \
		--generate-hashes --no-annotate --custom-compile-command "make lock-layer" requirements.in -o requirements.txt

.PHONY: clean
clean: ## Remove what make made
	@rm -rf $(VENV) $(SAM_VENV) $(CONTRACT_VENV) $(CALLS_VENV) $(WORKERS_VENV) $(BENCH_VENV) $(DEPLOY_VENV) $(TEMPLATE_VENV) $(LAYER_VENV) $(CLIENTS_VENV) $(NODE) $(CLIENTS_NODE) .aws-sam .hypothesis .mypy_cache .pytest_cache .ruff_cache

# One virtual environment that grows: what runs the stack, then the tests, then the checks. aws-sam-cli has its own,
# because it pins versions of what the others use.
$(VENV)/.run $(VENV)/.test $(VENV)/.docs $(VENV)/.check: $(VENV)/.%: $(LOCKED)
	@$(INSTALL) $(VENV) $*

$(SAM_VENV)/.sam: pyproject.toml
	@$(INSTALL) $(SAM_VENV) sam

# Of its own too: schemathesis loads itself into every run of pytest.
$(CONTRACT_VENV)/.contract: $(LOCKED)
	@$(INSTALL) $(CONTRACT_VENV) contract $(FROM_LOCK)

# Of its own: the carriers' libraries are large, and nothing else needs them.
$(CALLS_VENV)/.calls: $(LOCKED)
	@$(INSTALL) $(CALLS_VENV) calls $(FROM_LOCK)

# Of its own, and without the lock: the workers are programs of others, such as whose libraries pin botocore.
$(WORKERS_VENV)/.workers: pyproject.toml $(WORKERS)
	@$(INSTALL) $(WORKERS_VENV) workers $(addprefix -r ,$(WORKERS))

# Of its own, so that it needs no more than Python 3.13 and what runs the stack.
$(BENCH_VENV)/.bench: $(LOCKED)
	@$(INSTALL) $(BENCH_VENV) bench $(FROM_LOCK)

# Of its own, because ministack pins botocore; it also runs the functions, beside whose layer there must be little.
$(DEPLOY_VENV)/.deploy: pyproject.toml
	@$(INSTALL) $(DEPLOY_VENV) deploy

# Of its own: checkov brings a hundred packages.
$(TEMPLATE_VENV)/.template: pyproject.toml
	@$(INSTALL) $(TEMPLATE_VENV) template

# Of its own: it makes files of what ships, and is not part of it.
$(LAYER_VENV)/.layer: pyproject.toml
	@$(INSTALL) $(LAYER_VENV) layer

$(NODE)/.installed: local/openapi/node/package.json local/openapi/node/package-lock.json
	@echo "Installing the tools of local/openapi/node ..." >&2
	@npm ci --prefix local/openapi/node --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

# Generators of clients, what their clients need, and tools that send requests by the document: those of Python and the
# one in Java here, those of Go and Node beside the programs that tests/clients has for them.
CLIENTS_VENV := .venv-clients
CLIENTS_NODE := tests/clients/node/node_modules
GENERATOR := org.openapitools:openapi-generator-cli:7.25.0

.PHONY: test-clients
test-clients: $(VENV)/.test $(CLIENTS_VENV)/.clients $(CLIENTS_VENV)/openapi-generator-cli.jar $(CLIENTS_NODE)/.installed ## Test clients that are made from openapi.json (needs go, a JDK, mvn and npm)
	@$(BIN)/python -m pytest -n auto tests/clients

$(CLIENTS_VENV)/.clients: pyproject.toml
	@$(INSTALL) $(CLIENTS_VENV) clients

$(CLIENTS_VENV)/openapi-generator-cli.jar: Makefile | $(CLIENTS_VENV)/.clients
	@mvn -q -B dependency:copy -Dartifact=$(GENERATOR) -Dmdep.stripVersion -Dmdep.overWriteReleases=true -DoutputDirectory=$(CURDIR)/$(CLIENTS_VENV)
	@touch $@

$(CLIENTS_NODE)/.installed: tests/clients/node/package.json tests/clients/node/package-lock.json
	@echo "Installing the tools of tests/clients/node ..." >&2
	@npm ci --prefix tests/clients/node --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@
