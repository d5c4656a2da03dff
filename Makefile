# make help lists the targets. Everything needs only make and Python 3.10; the rest comes from the lock files.
SHELL := /bin/sh
.DEFAULT_GOAL := help
BIN := .venv/bin
QUIET_RASA = PARTNERSTADT_WITHOUT_TENSORFLOW=1 LOG_LEVEL=WARNING

.PHONY: help run train check ask test lint validate report bench faults audit sbom widget pictures lock environment tools clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

environment:
	@scripts/environment.sh run

tools:
	@scripts/environment.sh test
	@scripts/browser.sh
	@scripts/operations.sh
	@scripts/servers.sh
	@scripts/messengers.sh

run: environment ## install, train if needed, start everything; Ctrl-C stops it
	@exec $(BIN)/partnerstadt run

train: environment ## train a model if data, configuration or code changed
	@$(BIN)/partnerstadt train

check: environment ## list every error of every record file
	@$(BIN)/partnerstadt check

ask: environment ## answer one question and show every station: make ask Q="seit wann ist leeds dabei"
	@$(BIN)/partnerstadt ask $(if $(Q),"$$Q",)
ask: export Q := $(Q)

lint: tools ## ruff and mypy
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/mypy --no-error-summary

validate: tools ## rasa data validate, and fail on the warnings that it lets pass
	@$(QUIET_RASA) $(BIN)/python -m partnerstadt.rasa_ext.validate

test: tools lint validate train ## all checks and tests, three folders of tests at a time
	@$(QUIET_RASA) $(BIN)/python -m pytest --numprocesses 3 --dist loadgroup --no-loadscope-reorder

report: tools ## measure the quality of the answers and write docs/qualitaet.md
	@$(BIN)/partnerstadt report

faults: tools ## break one part after the other while people ask, and write the table into docs/betrieb.md
	@rm -f results/faults.tsv
	@$(QUIET_RASA) $(BIN)/python -m pytest tests/faults
	@$(BIN)/python -m tests.faults.table

bench: tools ## measure speed and memory beside Rasa's stock pipeline and write docs/leistung.md
	@$(BIN)/python -m bench

audit: tools ## known gaps of the packages, and secrets in the tree
	@scripts/audit.sh

sbom: tools ## bill of materials (CycloneDX) and licences of the packages: results/sbom.json, results/licences.tsv
	@mkdir -p results
	@.venv/tools/bin/cyclonedx-py environment --pyproject pyproject.toml --of JSON --output-file results/sbom.json \
		$(BIN)/python
	@$(BIN)/python scripts/licences.py results/sbom.json >results/licences.tsv
	@echo "results/sbom.json, results/licences.tsv"

widget: tools ## build the chat from widget/src
	@PATH="$(CURDIR)/$(BIN):$$PATH" npm --prefix widget run --silent build

pictures: tools ## take the pictures of the chat and of the staff desk for the documentation
	@$(QUIET_RASA) $(BIN)/python -m tests.widget.screenshots
	@$(QUIET_RASA) $(BIN)/python -m tests.staff.screenshots

lock: tools ## write the lock files anew
	@$(BIN)/uv pip compile --quiet --upgrade --generate-hashes --no-emit-index-url --python-version 3.10 \
		requirements.in --output-file requirements.lock
	@$(BIN)/uv pip compile --quiet --upgrade --generate-hashes --no-emit-index-url --python-version 3.10 \
		requirements-dev.in --output-file requirements-dev.lock
	@for file in partnerstadt/gateways/requirements/*.in tests/gateways/*.in; do \
		$(BIN)/uv pip compile --quiet --upgrade --generate-hashes --no-emit-index-url --python-version 3.10 \
			--custom-compile-command "make lock" $$file --output-file $${file%.in}.lock || exit 1; \
	done

clean: ## remove models, caches and the environment
	@rm -rf .venv .venv-* widget/node_modules models .rasa .mypy_cache .pytest_cache .ruff_cache .hypothesis *.egg-info
