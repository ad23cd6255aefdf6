# SPDX-License-Identifier: BSD-2-Clause
#
# Manual pages, completion, installation, and the Debian package.

bindir := $(PREFIX)/bin
treedir := $(PREFIX)/lib/flatbed
mandir := $(PREFIX)/share/man
bashdir := $(PREFIX)/share/bash-completion/completions
zshdir ?= $(PREFIX)/share/zsh/site-functions

manual_pages := $(wildcard docs/man/*.[1-8])
manuals := $(manual_pages:docs/%=build/%)
completions := build/completion/flatbed build/completion/_flatbed

build/man/%: docs/man/% build/host/flatbed
	@mkdir -p $(@D)
	$(call say,MAN)build/host/flatbed manual $< >$@

build/completion/flatbed: build/host/flatbed
	@mkdir -p $(@D)
	$(call say,GEN)build/host/flatbed completion bash >$@

build/completion/_flatbed: build/host/flatbed
	@mkdir -p $(@D)
	$(call say,GEN)build/host/flatbed completion zsh >$@

.PHONY: manuals install install-tree install-tests deb
manuals: $(manuals) $(completions)
host: manuals

# In kvm-unit-tests' makefile DESTDIR is the folder that standalone tests go to, and
# distributions' recipes call it so: with a folder of its name.  Everywhere else DESTDIR
# is what it is elsewhere, the root of what is being packaged.
ifeq ($(notdir $(DESTDIR:%/=%)),kvm-unit-tests)
install: install-tests
else
install: install-tree
endif

install-tests:
	@test -n "$(wildcard tests/*)" || { echo 'make standalone first' >&2; exit 1; }
	install -d $(DESTDIR)
	install tests/* $(DESTDIR)

images_installed = $(wildcard $(TEST_DIR)/*.flat)
install-tree: all
	install -d $(DESTDIR)$(bindir) $(DESTDIR)$(treedir)/scripts \
		$(DESTDIR)$(treedir)/$(TEST_DIR)/known-failures $(DESTDIR)$(bashdir) \
		$(DESTDIR)$(zshdir) $(DESTDIR)$(mandir)/man1 $(DESTDIR)$(mandir)/man5
	install $(carried) scripts/run-image.sh $(DESTDIR)$(treedir)/scripts
	install run_tests.sh $(DESTDIR)$(treedir)
	ln -sf ../lib/flatbed/$(carried) $(DESTDIR)$(bindir)/flatbed
	ln -sf ../scripts/run-image.sh $(DESTDIR)$(treedir)/$(TEST_DIR)/run
	$(if $(api_names),install -d $(DESTDIR)$(treedir)/api && \
		install $(api_names:%=api/%.host) $(DESTDIR)$(treedir)/api)
	# What the tree was built with is of no use there.
	sed '/^SRCDIR=/d; /^HOST_/d; /FLAGS=/d' config.mak >config.mak.installed
	install -m 644 config.mak.installed $(DESTDIR)$(treedir)/config.mak
	rm config.mak.installed
	install -m 644 build-head $(if $(ERRATATXT),$(ERRATATXT)) $(DESTDIR)$(treedir)
	install -m 644 $(TEST_DIR)/unittests.cfg $(images_installed) \
		$(DESTDIR)$(treedir)/$(TEST_DIR)
	install -m 644 $(wildcard $(TEST_DIR)/known-failures/*.cfg) \
		$(DESTDIR)$(treedir)/$(TEST_DIR)/known-failures
	install -m 644 $(filter %.1,$(manuals)) $(DESTDIR)$(mandir)/man1
	install -m 644 $(filter %.5,$(manuals)) $(DESTDIR)$(mandir)/man5
	install -m 644 build/completion/flatbed $(DESTDIR)$(bashdir)/flatbed
	for script in run_tests.sh $(TEST_DIR)-run; do \
		ln -sf flatbed $(DESTDIR)$(bashdir)/$$script; done
	install -m 644 build/completion/_flatbed $(DESTDIR)$(zshdir)/_flatbed

deb:
	scripts/deb.sh
