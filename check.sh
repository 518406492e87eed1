#!/bin/sh
# Everything that can be judged without running the product.
set -eu
step() { printf '== %s\n' "$1"; }
export UV_NO_CONFIG=1 UV_PYTHON_DOWNLOADS=never
unset UV_INDEX_URL UV_DEFAULT_INDEX UV_EXTRA_INDEX_URL UV_INDEX || true

step "lint and format"
.venv/bin/ruff check --quiet .
.venv/bin/ruff format --check --quiet .
step "types"
.venv/bin/mypy services pitwire tests benchmarks examples
step "what is generated is as committed"
.venv/bin/python proto/gen.py
.venv/bin/python -m services.research.calendar_table
.venv/bin/python docs/tools/strategy_reference.py
git diff --exit-code -- proto/gen services/domain docs/strategies/reference.md
step "locks are hashed, name no host, and match pyproject.toml"
if grep -nE '://|index-url|find-links|trusted-host' requirements/*.lock; then exit 1; fi
for lock in dev runtime peers; do cp "requirements/$lock.lock" ".venv/$lock.lock"; done
flags="--universal --generate-hashes --no-header --no-annotate --no-emit-index-url --quiet"
# shellcheck disable=SC2086
.venv/bin/uv pip compile pyproject.toml --group dev $flags -o .venv/dev.lock >/dev/null
# shellcheck disable=SC2086
.venv/bin/uv pip compile pyproject.toml $flags -c .venv/dev.lock -o .venv/runtime.lock >/dev/null
# shellcheck disable=SC2086
.venv/bin/uv pip compile --group peers --python-version 3.11 $flags -o .venv/peers.lock >/dev/null
for lock in dev runtime peers; do diff "requirements/$lock.lock" ".venv/$lock.lock"; done
echo "all checks passed"
