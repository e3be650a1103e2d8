# SPDX-License-Identifier: Apache-2.0
# Thin: every target installs what is missing, configures, builds what it needs, runs it.
SHELL := /bin/bash
PRESET ?= release
BUILD := build/$(PRESET)

.PHONY: demo test bench soak validation lint format site clean packages-demo packages-test packages-site

demo: packages-demo
	@cmake --preset $(PRESET) -DDUET_BUILD_TESTS=OFF >/dev/null
	@cmake --build $(BUILD) --target duet-vp
	$(BUILD)/bin/duet-vp run configs/platforms/duet.yaml --model nemotron-h-56b --workload arxiv --batch 8

test: packages-test
	@cmake --preset $(PRESET) -DDUET_BUILD_TESTS=ON >/dev/null
	@cmake --build $(BUILD)
	@ctest --test-dir $(BUILD) --output-on-failure -j $$(nproc)

bench: packages-test
	@cmake --preset $(PRESET) -DDUET_BUILD_BENCH=ON >/dev/null
	@cmake --build $(BUILD)
	@for bench in $(BUILD)/bin/*_bench; do $$bench; done

soak: packages-test
	@cmake --preset $(PRESET) -DDUET_BUILD_TESTS=ON >/dev/null
	@cmake --build $(BUILD)
	@for test in $(BUILD)/bin/test_*; do DUET_SOAK=1 $$test "[soak]" || exit 1; done

# Table 4 and what explains it, then the page that compares both with the paper. Resumes where it was stopped.
validation: packages-demo
	@cmake --preset $(PRESET) -DDUET_BUILD_TESTS=OFF >/dev/null
	@cmake --build $(BUILD) --target duet-vp
	@for experiment in table4 sensitivity b200_readings aggregates paper_reading decode_friendly figure5a figure5b; do \
	  $(BUILD)/bin/duet-vp experiment $$experiment || exit 1; done
	$(BUILD)/bin/duet-vp validation -o docs/validation.md

lint: packages-test
	@scripts/lint.sh

format:
	@git ls-files '*.cpp' '*.hpp' '*.c' '*.h' | xargs clang-format -i

site: packages-site
	@mkdocs build --strict --quiet
	@echo "build/site/index.html"

packages-demo packages-test packages-site:
	@scripts/install_packages.sh $(@:packages-%=%)

clean:
	rm -rf build
