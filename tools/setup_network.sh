#!/bin/sh
# Builds the CometBFT that networks run on, at the version we test with, into .cache/bin.
# Go's own settings (GOPROXY, GOFLAGS and the like) say from where and how. Without Go it says what to do.
set -eu
cd "$(dirname "$0")/.."

version=0.38.25
target=$PWD/.cache/bin

if [ "$("$target/cometbft" version 2>/dev/null || true)" = "$version" ]; then
    exit 0
fi
if ! command -v go >/dev/null 2>&1; then
    echo "setup: go not found; CometBFT $version is built with Go 1.22.11 or newer." >&2
    echo "setup: install Go (Debian: apt-get install golang; macOS: brew install go) and try again, or take" >&2
    echo "setup: CometBFT $version from its project's releases and put it on PATH or name it in SOGDIA_COMETBFT." >&2
    exit 1
fi
echo "setup: building CometBFT $version into .cache/bin (a few minutes, once)" >&2
mkdir -p "$target"
if ! GOBIN=$target go install "github.com/cometbft/cometbft/cmd/cometbft@v$version"; then
    echo "setup: go install failed ($(go version)). It needs Go 1.22.11 or newer and a way to fetch modules:" >&2
    echo "setup: see 'go env GOPROXY'. A CometBFT $version from elsewhere will do, on PATH or in SOGDIA_COMETBFT." >&2
    exit 1
fi
