#!/bin/sh
# Make .venv what uv.lock says, with a uv of a fixed version kept inside the clone. Needs Python 3.11 or later with
# venv, and the package registry; writes nothing outside the clone.
set -eu

UV_VERSION=0.13.9
cd "$(dirname "$0")/../.."
clone=$(pwd)
home=${PILOTAGE_HOME:-$clone/.pilotage}
uv_home=$home/uv-$UV_VERSION
log=$home/bootstrap.log

die() {
    printf '%s\n' "$*" >&2
    exit 1
}

find_python() {
    for candidate in ${PYTHON:-} python3.11 python3.12 python3.13 python3.14 python3 python; do
        found=$(command -v "$candidate" 2>/dev/null) || continue
        if "$found" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
            # The interpreter itself, not a shim that depends on the folder or on the environment.
            "$found" -c 'import sys; print(sys.executable)'
            return 0
        fi
    done
    return 1
}

mkdir -p "$home" 2>/dev/null || die "The folder $home cannot be written: clone into a folder of yours, or set PILOTAGE_HOME."

if command -v sha256sum >/dev/null 2>&1; then digest=sha256sum; else digest=cksum; fi
wanted="$clone $UV_VERSION $(cat uv.lock pyproject.toml | $digest)"
if [ -x .venv/bin/python ] && [ "$(cat .venv/.pilotage-synced 2>/dev/null || true)" = "$wanted" ] &&
    .venv/bin/python -c '' 2>/dev/null; then
    exit 0
fi

python=$(find_python) ||
    die "Python 3.11 or later was not found: install it (Debian, Ubuntu: apt install python3 python3-venv), or name one: make demo PYTHON=/path/to/python3."

# Trust what this machine trusts (a company's own authority, say), rather than a bundled list.
for bundle in /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/ca-bundle.pem; do
    [ -r "$bundle" ] || continue
    PIP_CERT=${PIP_CERT:-$bundle}
    UV_SYSTEM_CERTS=${UV_SYSTEM_CERTS:-1}
    export PIP_CERT UV_SYSTEM_CERTS
    break
done

UV_CACHE_DIR=${UV_CACHE_DIR:-$home/cache/uv}
UV_PYTHON_DOWNLOADS=never
UV_NO_PROGRESS=${CI:+1}
export UV_CACHE_DIR UV_PYTHON_DOWNLOADS UV_NO_PROGRESS
[ -n "$UV_NO_PROGRESS" ] || unset UV_NO_PROGRESS
unset VIRTUAL_ENV PYTHONHOME PYTHONPATH

if ! "$uv_home/bin/uv" --version >/dev/null 2>&1; then
    echo "Installing uv $UV_VERSION into the clone"
    rm -rf "$uv_home"
    "$python" -m venv "$uv_home" >"$log" 2>&1 ||
        die "Python cannot make a virtual environment: install its venv module (Debian, Ubuntu: apt install python3-venv). Details: $log"
    PIP_CACHE_DIR=$home/cache/pip PIP_DISABLE_PIP_VERSION_CHECK=1 \
        "$uv_home/bin/python" -m pip install --quiet "uv==$UV_VERSION" >"$log" 2>&1 </dev/null || {
        rm -rf "$uv_home"
        die "uv $UV_VERSION could not be installed: the Python package registry does not answer. Check the network (HTTPS_PROXY, PIP_INDEX_URL) and start again. Details: $log"
    }
fi

echo "Installing what uv.lock names (some 300 MB the first time)"
rm -f .venv/.pilotage-synced
"$uv_home/bin/uv" sync --frozen --quiet --compile-bytecode --python "$python" </dev/null >"$log" 2>&1 || {
    tail -n 5 "$log" >&2
    die "The packages of uv.lock could not be installed: if the registry does not answer, check the network (HTTPS_PROXY, UV_DEFAULT_INDEX) and start again. Details: $log"
}
printf '%s' "$wanted" >.venv/.pilotage-synced
