#!/bin/sh
# Fetches Debian's nvidia-smi, nvtop and libnvidia-ml1 into WORKDIR/root, once: fetch-tools.sh WORKDIR. The packages are
# downloaded with package sources and lists of its own, so that the machine's apt configuration stays as it is, and are
# unpacked without installing.
set -eu
if [ $# -ne 1 ]; then
    echo "usage: $0 WORKDIR" >&2
    exit 2
fi
fail() {
    echo "fetch-tools: $*" >&2
    exit 1
}
mkdir -p "$1"
work=$(cd "$1" && pwd)
cd "$work"
complete() {
    [ -x root/usr/bin/nvtop ] && [ -x root/usr/lib/nvidia/current/nvidia-smi ] && [ -e libnvidia-ml.so.1 ]
}

# The machine's own Debian mirror and suite, with the components that hold the tools.
mirror() {
    cat /etc/apt/sources.list /etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list 2>/dev/null |
        grep -v '^#' | grep -oE 'https?://[^ ]+/debian/?( |$)' | head -n 1 | tr -d ' '
}

download() {
    . /etc/os-release
    uri=$(mirror)
    [ -n "$uri" ] || fail "apt has no Debian mirror configured: add one to /etc/apt/sources.list"
    mkdir -p apt/lists/partial apt/archives/partial
    cat >apt/tools.sources <<SOURCES
Types: deb
URIs: $uri
Suites: ${VERSION_CODENAME:-bookworm}
Components: main contrib non-free
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
SOURCES
    set -- -qq -o "Dir::Etc::sourcelist=$work/apt/tools.sources" -o Dir::Etc::sourceparts=- \
        -o "Dir::State::lists=$work/apt/lists" -o "Dir::Cache=$work/apt" -o APT::Sandbox::User=root
    apt-get "$@" update >apt/log 2>&1 || fail "apt-get update failed: $(tail -n 1 apt/log)"
    apt-get "$@" download nvidia-smi nvtop libnvidia-ml1 >>apt/log 2>&1 || fail "apt-get download failed: $(tail -n 1 apt/log)"
    for package in nvidia-smi_*.deb nvtop_*.deb libnvidia-ml1_*.deb; do
        dpkg -x "$package" root
    done
}

complete && exit 0
download
# The library itself, where a test finds it whatever the machine's architecture.
real=$(find root -name 'libnvidia-ml.so.[0-9][0-9]*' -type f | head -n 1)
[ -n "$real" ] || fail "the package libnvidia-ml1 has no libnvidia-ml.so"
ln -sf "$real" libnvidia-ml.so.1
complete || fail "the packages lack usr/bin/nvtop or usr/lib/nvidia/current/nvidia-smi"
