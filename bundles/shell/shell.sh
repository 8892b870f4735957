#!/bin/sh
# Starts the best interactive shell that the host has.

if command -v bash >/dev/null; then
    exec bash --rcfile /bundle/shellrc -i
fi
ENV=/bundle/shellrc exec sh -i
