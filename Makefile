# SPDX-License-Identifier: MIT
#
# The one entry point: `make help` lists the targets.
#
# Everything is built under build/$(MODE), laid out like an installation
# (bin, lib, lib/portc, include), so that what is tested is what is installed.
# Rules that belong to one folder live in that folder's rules.mk.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules

VERSION := $(shell cat VERSION)

# --- what a caller may set -------------------------------------------------------------
MODE ?= release#     release, debug, asan, tsan
O ?= build/$(MODE)#  where this mode is built
V ?= 0#              V=1 shows the commands
WERROR ?= -Werror#   empty to build with a compiler we have not seen
PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
MANDIR ?= $(PREFIX)/share/man
DESTDIR ?=
CC ?= gcc
CXX ?= g++
ifeq ($(origin CC),default)
CC := gcc
endif
ifeq ($(origin CXX),default)
CXX := g++
endif

# --- flags -----------------------------------------------------------------------------
OPT_release := -O2 -g
OPT_debug := -O0 -g -DPORTC_DEBUG
OPT_asan := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined
OPT_tsan := -O1 -g -fno-omit-frame-pointer -fsanitize=thread -Wno-tsan
SANITIZE_asan := -fsanitize=address,undefined
SANITIZE_tsan := -fsanitize=thread
# One call of port_associate passes through five files; together they are a third shorter.
LTO_release := -flto=auto -ffat-lto-objects
LTO := $(LTO_$(MODE))
OPT := $(OPT_$(MODE))
SANITIZE := $(SANITIZE_$(MODE))
ifeq ($(OPT),)
$(error MODE=$(MODE) is none of release, debug, asan, tsan)
endif

WARN := -Wall -Wextra -Wshadow -Wundef -Wvla -Wimplicit-fallthrough $(WERROR)
CPPFLAGS_ALL := -Iinclude -I. -D_GNU_SOURCE -DPORTC_VERSION='"$(VERSION)"' -MMD -MP $(CPPFLAGS)
# What is loaded into other people's programs has no C++ runtime, no exceptions and no
# destructors at exit; it is linked with the C compiler, so that a stray std::vector fails.
RUNTIME_CXXFLAGS := -std=c++20 $(OPT) $(WARN) -Wconversion -fPIC -fno-exceptions -fno-rtti \
  -fno-threadsafe-statics -fvisibility=hidden -fvisibility-inlines-hidden \
  -ftls-model=initial-exec -fno-stack-protector -ffunction-sections $(LTO) $(CXXFLAGS)
RUNTIME_LDFLAGS := -shared $(SANITIZE) $(if $(LTO),$(OPT) $(LTO)) -Wl,-z,defs,-z,relro,-z,now -Wl,--gc-sections $(LDFLAGS)
HOSTED_CXXFLAGS := -std=c++20 $(OPT) $(WARN) $(CXXFLAGS)
HOSTED_CFLAGS := -std=c99 $(OPT) $(WARN) $(CFLAGS)

ifeq ($(V),1)
Q :=
say = @:
else
Q := @
say = @printf '  %-8s %s\n' "$(1)" "$(2)"
endif

# --- targets ---------------------------------------------------------------------------
.PHONY: all help clean
all: ## build the library, the preload object and portc-run

help: ## list the targets and the variables
	@printf 'Targets:\n'
	@sed -nE 's/^([a-z][a-z-]*):.*## (.*)/  \1\t\2/p' $(MAKEFILE_LIST) | sort | \
	  awk -F'\t' '{printf "%-26s %s\n", $$1, $$2}'
	@printf '\nVariables (make VAR=value):\n'
	@sed -nE 's/^([A-Z]+) \?= ?([^#]*)# *(.*)/  \1\t\2\t\3/p' Makefile | \
	  awk -F'\t' '{printf "%-12s %-18s %s\n", $$1, $$2, $$3}'

include libportc/rules.mk
include $(sort $(wildcard illumos/rules.mk illumos/*/rules.mk interpose/rules.mk tests/rules.mk tests/*/rules.mk conformance/rules.mk conformance/*/rules.mk examples/rules.mk packaging/rules.mk))

clean: ## remove everything that was built
	$(Q)rm -rf build

-include $(shell find $(O) -name '*.d' 2>/dev/null)
