# make demo   what Drawbridge does, in minutes, on a simulated Jira
# make test   every test
# make soak   who sees what, on as many random sites as asked for
# make soak-simulation   whole runs by seed: everything that changes and fails, in virtual time
# make fuzz   every boundary at which bytes of strangers are read, SECONDS each
# make sanitize   tests of libraries under the address and the thread sanitizer
# make soak-crash   the program killed at so many moments, and every disk call of a run failing
.PHONY: setup demo test soak soak-simulation soak-crash fuzz sanitize lint format bench release clean

SWIFT_BUILD = swift build --explicit-target-dependency-import-check error
export DRAWBRIDGE_SHARED ?= $(abspath ../shared)

setup:
	scripts/bootstrap

demo:
	scripts/bootstrap --runtime
	@echo "Building (the first time takes a few minutes) ..."
	@swift build -c release --product drawbridge --quiet
	.build/release/drawbridge demo $(DEMO_OPTIONS)

test: setup
	$(SWIFT_BUILD) --build-tests
	scripts/test

# Random Jira sites under random changes, compared with their own word on who sees what, in a release build. Prints a line
# that replays each difference. SEEDS=100000 for a long run; FIRST=… begins at another seed.
SEEDS ?= 100000
FIRST ?= 0
soak: setup
	scripts/test-soak $(SEEDS) $(FIRST)

# Whole runs of Drawbridge against a whole Jira under a seeded order and a virtual clock, with faults and kills, by the same
# SEEDS and FIRST.
soak-simulation: setup
	scripts/test-soak $(SEEDS) $(FIRST) SimulationTests

# The program killed at CRASHES moments, a fifth of them in each kind of work, and each disk call of a run failing in turn.
# Prints the seed of what went wrong: DRAWBRIDGE_CRASH_SEED=… begins there.
CRASHES ?= 1000
soak-crash: setup
	$(SWIFT_BUILD) --build-tests
	DRAWBRIDGE_CRASHES=$(CRASHES) DRAWBRIDGE_FAULTS=all scripts/test --filter CrashTests

SECONDS ?= 60
fuzz: setup
	scripts/fuzz $(SECONDS) $(TARGETS)

sanitize: setup
	scripts/test-sanitize address
	scripts/test-sanitize thread

lint:
	swift format lint --strict --recursive --parallel Sources Tests Package.swift
	scripts/check-words

format:
	swift format --in-place --recursive --parallel Sources Tests Package.swift

# Figures, as tables and in bench.json. BENCH="sync --latency 50" runs one of them.
bench: setup
	swift build -c release --product drawbridge-bench
	scripts/bench $(BENCH)

# One self-contained program with the Swift runtime inside; the C libraries stay shared.
release: setup
	swift build -c release --product drawbridge --static-swift-stdlib
	mkdir -p dist
	install -m 755 .build/release/drawbridge dist/drawbridge
	strip dist/drawbridge

clean:
	rm -rf .build dist demo-data
