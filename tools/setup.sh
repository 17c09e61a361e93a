#!/bin/sh
# Finds a Python that is new enough and lets it set up .venv:   tools/setup.sh base|dev
# Kept to plain sh, because the Python that is found here is the first thing known to be there.
set -eu
cd "$(dirname "$0")/.."

new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

if [ -n "${PYTHON:-}" ]; then
    if ! new_enough "$PYTHON"; then
        echo "setup: PYTHON=$PYTHON is not a Python 3.11 or newer. Give another one, or none to let it be found." >&2
        exit 1
    fi
    exec "$PYTHON" tools/setup_venv.py "$1"
fi

pyenv_pythons=$(ls -d "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.1[1-9]*/bin/python3 2>/dev/null || true)
for candidate in python3 python3.13 python3.12 python3.11 python3.14 $pyenv_pythons; do
    if new_enough "$candidate"; then
        exec "$candidate" tools/setup_venv.py "$1"
    fi
done

found=$(python3 --version 2>&1 || echo "no python3 at all")
echo "setup: Sogdia needs Python 3.11 or newer; found: $found." >&2
echo "setup: install one (Debian: apt-get install python3 python3-venv; macOS: brew install python)," >&2
echo "setup: or name one that is elsewhere:  make ... PYTHON=/path/to/python3" >&2
exit 1
