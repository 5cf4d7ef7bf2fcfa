# Everything starts here. `make run` and `make test` set up by themselves whatever is missing.
.PHONY: run test again long guide fuzz guided faults security test-js lint types format bench load roads accuracy handbook setup lock clean help

help:
	@echo "make run       set up, start the database, load the sample city, serve http://127.0.0.1:5006"
	@echo "make test      set up and run all tests"
	@echo "make long      set up and drive the pages in the browser at length, some twenty minutes"
	@echo "make fuzz      set up and send 200 requests to every operation of the interface"
	@echo "make guided    set up and feed every reader of foreign bytes for a minute, led by coverage (Linux)"
	@echo "make faults    set up, kill and cut at length, and write benchmarks/RELIABILITY.md"
	@echo "make security  known holes, secrets and dangerous calls; the bill of materials"
	@echo "make guide     take the pictures of the guide anew"
	@echo "make test-js   set up, read the page's JavaScript for names used before or without a declaration, run its unit tests"
	@echo "make lint      ruff, import-linter and mypy"
	@echo "make bench     time the steps of an assessment"
	@echo "make load      200 sensor messages a second beside 300 viewers for 30 minutes, then 20 minutes of opening and closing"
	@echo "make roads     compare the road engines with others and write benchmarks/ROUTING.md"
	@echo "make accuracy  compare the models with field trials and published figures"
	@echo "make handbook  write the tables of CONTRIBUTING.md from the code"
	@echo "make lock      resolve the requirements anew"

run:
	@.ci/setup run
	@exec .venv/bin/onemap run

# Two processes, each with a cluster of its own; the tests of one file stay together, for they share its database.
test:
	@.ci/setup test
	@.venv/bin/onemap bundle
	@exec .venv/bin/python -m pytest -n 2 --dist loadfile $(PYTEST)

# What failed in the run before, one after the other.
again:
	@exec .venv/bin/python -m pytest --last-failed --last-failed-no-failures none $(PYTEST)

# Pages driven at length, and every nasty value at every operation; most modules start a server and a browser of their own.
long: setup
	@.venv/bin/onemap bundle
	@exec .venv/bin/python -m pytest -m long tests $(PYTEST)

setup:
	@.ci/setup test

# Two hundred requests for every operation of the interface, five thousand inventions for every parser: ten to forty
# minutes; `make test` sends three and a hundred and fifty.
fuzz: setup
	@mkdir -p build && ONEMAP_EXAMPLES=200 ONEMAP_RELIABILITY=$(CURDIR)/build/reliability.jsonl \
		ONEMAP_PARSED=5000 \
		.venv/bin/python -m pytest tests/command_ui/test_document_holds.py tests/command_ui/test_parsers_hold.py \
		tests/command_ui/test_texts_hold.py \
		--timeout 7200 $(PYTEST)

# Atheris is no part of the locks: it is for Linux alone, and larger than all other test programs together. SECONDS= each.
guided: setup
	@.venv/bin/python -c 'import atheris' 2> /dev/null || .venv/bin/python -m pip install --quiet 'atheris>=3'
	@.venv/bin/python tests/guided/parsers.py --seconds $(or $(SECONDS),60)

# Ten thousand acknowledged lines for every way of killing something, tampering at two hundred places, a standby, pages
# opened and closed; an hour or two. `make fuzz` after it adds its line to the report the next time that is written.
faults: setup
	@.venv/bin/onemap bundle
	@rm -f build/reliability.jsonl && mkdir -p build
	@ONEMAP_FAULTS=long ONEMAP_PLACES=200 ONEMAP_RELIABILITY=$(CURDIR)/build/reliability.jsonl \
		.venv/bin/python -m pytest -m "not pictures" tests/faults tests/nodes \
		tests/browser/test_degraded.py tests/browser/test_opening_and_closing.py --timeout 3600 $(PYTEST)
	@.venv/bin/python -m benchmarks.reliability build/reliability.jsonl

# Rules S of ruff are bandit's; the project's settings hold them, with what is excepted and why. pip-audit asks a database
# of holes over the network, so it runs only where it is installed; --strict, for a database that does not answer would
# pass for one that found nothing.
security: setup
	@.venv/bin/ruff check gis layers scenarios routing plume tianditu command_ui
	@.venv/bin/python -m pytest -q tests/house/test_supply_chain.py tests/layers/test_hostile_files.py $(PYTEST)
	@mkdir -p build && .venv/bin/onemap sbom --out build/onemap.cdx.json
	@if [ -x .venv/bin/pip-audit ]; then .venv/bin/pip-audit --strict --require-hashes --disable-pip -r requirements.lock; \
		else echo "pip-audit is not installed here: .venv/bin/uv pip install pip-audit, where the network is open"; fi

# The pictures of the guide, taken anew from the running program.
guide: setup
	@.venv/bin/onemap bundle
	@exec .venv/bin/python -m pytest -m pictures tests/browser/test_guide_pictures.py $(PYTEST)

# Part of `make test` too; alone it takes seconds.
test-js: setup
	@.venv/bin/onemap bundle
	@exec .ci/test-js

lint: setup
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/lint-imports
	.venv/bin/mypy

types: setup
	.venv/bin/mypy

format: setup
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

bench: setup
	@.venv/bin/python -m benchmarks

# Against a running `make run` on the same data folder; PASSWORD= is that of the account duty, HOURS=8 a night of opening
# and closing pages.
load: setup
	@.venv/bin/python benchmarks/sensors.py --blind --minutes $(or $(MINUTES),30) --password "$(PASSWORD)" & sensors=$$!; \
		.venv/bin/python -m benchmarks.load --password "$(PASSWORD)" --viewers $(or $(VIEWERS),300) \
		--seconds $$(( $(or $(MINUTES),30) * 60 )) --day $(or $(DAY),3394) --accounts $(or $(ACCOUNTS),1605); done=$$?; wait $$sensors && exit $$done
	@.venv/bin/python -m benchmarks.churn --password "$(PASSWORD)" --hours $(or $(HOURS),0.34)

roads: setup
	@.venv/bin/python -m benchmarks.routing --large

accuracy: setup
	@.venv/bin/python -m benchmarks.accuracy

handbook: setup
	@.venv/bin/python -m command_ui.handbook
	@.venv/bin/python -m command_ui.protection

# Versions stand in pyproject.toml alone; the locks name exact ones with their hashes and no address.
lock: setup
	@.venv/bin/uv pip compile --quiet --universal --python-version 3.12 --generate-hashes --no-header --no-annotate \
		.ci/uv.in -o .ci/installer.lock
	@.venv/bin/uv pip compile --quiet --universal --python-version 3.12 --generate-hashes --no-header \
		pyproject.toml .ci/build.in -o requirements.lock
	@.venv/bin/uv pip compile --quiet --universal --python-version 3.12 --generate-hashes --no-header \
		pyproject.toml .ci/build.in --extra test --extra bench -c requirements.lock -o requirements-test.lock

clean:
	rm -rf build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache command_ui/dist
	find command_ui -name dist -type d -not -path '*/node_modules/*' -exec rm -rf {} +
