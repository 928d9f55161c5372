#!/bin/sh
# Make .venv and install what the lock names, hash by hash. Usage: PYTHON=python3 make_venv.sh LOCK
set -eu
if ! "$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
  echo "Headway needs Python 3.11 or newer. Name yours: make PYTHON=/path/to/python3.11 …" >&2
  exit 1
fi
if ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
  "$PYTHON" -m venv --clear .venv || {
    echo "Python could not make a virtual environment. On Debian: apt-get install python3-venv" >&2
    exit 1
  }
fi
echo "Installing what $1 names (a minute or two the first time) …"
if ! .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r "$1" >.venv/install.log 2>&1; then
  cat .venv/install.log >&2
  echo "The installation did not succeed. Mend what is said above and run the same command again." >&2
  exit 1
fi
