# Every target is a small script in .make/, which says what it does and why.
# Debian 12 or newer, Ubuntu 24.04 or newer; elsewhere Python 3.11 with venv is enough to run.

.DEFAULT_GOAL := help
.PHONY: help setup run test test-fast test-vm bench fuzz differences leaks faults lint screenshots man install uninstall

help:         ## list the targets
	@sed -n 's/^\([a-z-]*\): *## /\1	/p' Makefile | while IFS='	' read -r target what; do \
		printf '  make %-12s %s\n' "$$target" "$$what"; done

setup:        ## install what is missing and make the environment in .venv
	@.make/setup dev

run:          ## open the manager, with sudo if need be (ARGS="--read-only" …)
	@.make/run

test:         ## run every tier that this host allows (PEERS=1 installs what more tiers need)
	@.make/test fast vm kernel e2e peers

test-fast:    ## run the tiers that need no root: unit, contracts, screens
	@.make/test fast

test-vm:      ## run the whole kernel tier in a guest with pure cgroup v2 and systemd (an hour)
	@PEERS=1 TUICONTAINER_VM_SUITE=whole .make/test vm

bench:        ## measure against runc and crun in one run, as ratios
	@.make/bench

differences:  ## run the drop-in's cases against runc and crun too, and write docs/differences.md
	@.make/differences

fuzz:         ## do 100,000 hostile requests, in an hour or two (FUZZ_CASES=N for another number)
	@.make/fuzz

leaks:        ## a thousand lives, execs and failures, and nothing left (LEAK_CYCLES=N for another number)
	@.make/leaks

faults:       ## kill and refuse at every step of every verb, in an hour or two (FAULT_STEPS=N for fewer)
	@.make/faults

lint:         ## check format, lint, types and the direction of imports
	@.make/lint

screenshots:  ## draw the real screens into screenshots/
	@.make/screenshots

man:          ## write the manual pages and shell completions into build/share (SHAREDIR=…)
	@.make/man

install:      ## put both commands in /usr/local/bin, for sudo too, with manual pages and completions
	@.make/install

uninstall:    ## take both commands away, and containers' state after asking
	@.make/uninstall
