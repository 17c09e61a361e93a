#!/bin/sh
# Fetches what JavaScript in tests and in the console's world view needs, each folder by its own package-lock.json.
# Without Node the tests that need it skip, and say so; the world view is drawn without land.
set -eu
cd "$(dirname "$0")/.."

if ! command -v npm >/dev/null 2>&1; then
    echo "setup: npm not found; install Node.js 18 or newer (Debian: apt-get install nodejs npm)." >&2
    echo "setup: tests that need it skip, and the console draws no land." >&2
    exit 0
fi
find tests src -name package-lock.json -not -path '*/node_modules/*' | while read -r lock; do
    folder=$(dirname "$lock")
    if [ "$folder/node_modules/.package-lock.json" -nt "$lock" ]; then
        continue
    fi
    echo "setup: npm ci in $folder" >&2
    (cd "$folder" && npm ci --silent --no-audit --no-fund --ignore-scripts) ||
        echo "setup: npm ci failed in $folder; what needs it goes without. Run 'npm ci' there to see why." >&2
    if [ -f "$folder/served.txt" ] && [ -d "$folder/node_modules" ]; then
        # This folder goes into the wheel: what is served stays, with the licences.
        (cd "$folder/node_modules" && find . -type f ! -name LICENSE ! -name .package-lock.json | cut -c3- |
            grep -vxFf ../served.txt | tr '\n' '\0' | xargs -0r rm -f -- && find . -type l -delete &&
            find . -type d -empty -delete)
    fi
done
