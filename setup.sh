#!/bin/sh
# Make .venv and install the hashed lock with uv. Needs Python >= 3.11 and nothing else.
set -eu
PYTHON="${PYTHON:-python3}"
UV="uv==0.13.8"
"$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "setup: $("$PYTHON" --version 2>&1) found, expected Python >= 3.11 (set PYTHON=...)" >&2
    exit 2
}
export UV_PYTHON_DOWNLOADS=never UV_NO_PROGRESS=1 VIRTUAL_ENV="$PWD/.venv"
[ -x .venv/bin/python ] || "$PYTHON" -m venv .venv
.venv/bin/python -m pip --disable-pip-version-check -q install "$UV" 2>/dev/null ||
    .venv/bin/python -m pip --disable-pip-version-check install "$UV"
.venv/bin/uv pip install -q --require-hashes -r requirements/dev.lock
.venv/bin/uv pip install -q --no-deps --no-build-isolation -e .
echo "installed into .venv: $(.venv/bin/python --version)"
