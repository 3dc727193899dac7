#!/bin/sh
# Runs Debian's own nvidia-smi and nvtop against a simulated library: tools-check.sh LIBDIR WORKDIR.
# Downloads the packages once into WORKDIR with package sources and lists of its own, so that the machine's apt
# configuration stays as it is; unpacks them there without installing. Each tool must list as many devices as NVML counts
# (8, or what EXPECTED_DEVICES says).
set -eu
if [ $# -ne 2 ]; then
    echo "usage: $0 LIBDIR WORKDIR" >&2
    exit 2
fi
fail() {
    echo "tools-check: $*" >&2
    exit 1
}
[ -f "$1/libnvidia-ml.so.1" ] || fail "$1 has no libnvidia-ml.so.1: run build.sh first"
library=$(cd "$1" && pwd)
mkdir -p "$2"
work=$(cd "$2" && pwd)
expected=${EXPECTED_DEVICES:-8}
cd "$work"

# The machine's own Debian mirror and suite, with the components that hold the tools.
mirror() {
    cat /etc/apt/sources.list /etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list 2>/dev/null |
        grep -v '^#' | grep -oE 'https?://[^ ]+/debian/?( |$)' | head -n 1 | tr -d ' '
}

download() {
    . /etc/os-release
    uri=$(mirror)
    mkdir -p apt/lists/partial apt/archives/partial
    cat >apt/tools.sources <<SOURCES
Types: deb
URIs: ${uri:-http://deb.debian.org/debian}
Suites: ${VERSION_CODENAME:-bookworm}
Components: main contrib non-free
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
SOURCES
    set -- -qq -o "Dir::Etc::sourcelist=$work/apt/tools.sources" -o Dir::Etc::sourceparts=- \
        -o "Dir::State::lists=$work/apt/lists" -o "Dir::Cache=$work/apt" -o APT::Sandbox::User=root
    apt-get "$@" update >apt/log 2>&1 || fail "apt-get update failed: $(tail -n 1 apt/log)"
    apt-get "$@" download nvidia-smi nvtop >>apt/log 2>&1 || fail "apt-get download failed: $(tail -n 1 apt/log)"
    for package in nvidia-smi_*.deb nvtop_*.deb; do
        dpkg -x "$package" root
    done
}

[ -x root/usr/bin/nvtop ] && [ -x root/usr/lib/nvidia/current/nvidia-smi ] || download
smi=$work/root/usr/lib/nvidia/current/nvidia-smi
nvtop=$work/root/usr/bin/nvtop
[ -x "$smi" ] || fail "the package nvidia-smi has no usr/lib/nvidia/current/nvidia-smi"
[ -x "$nvtop" ] || fail "the package nvtop has no usr/bin/nvtop"

export LD_LIBRARY_PATH="$library"
timeout 30 "$smi" -L >smi-list.txt 2>&1 || fail "nvidia-smi -L failed: $(tail -n 1 smi-list.txt)"
cat smi-list.txt
listed=$(grep -c '^GPU [0-9]*: NVIDIA .*(UUID: GPU-' smi-list.txt || true)
[ "$listed" -eq "$expected" ] || fail "nvidia-smi -L lists $listed devices instead of $expected"

query=index,name,uuid,power.draw,temperature.gpu,memory.used
timeout 30 "$smi" --query-gpu=$query --format=csv >smi-query.txt 2>&1 ||
    fail "nvidia-smi --query-gpu failed: $(tail -n 1 smi-query.txt)"
cat smi-query.txt
listed=$(grep -cE '^[0-9]+, NVIDIA [^,]+, GPU-[0-9a-f-]{36}, [0-9]+\.[0-9]+ W, [0-9]+, [0-9]+ MiB$' smi-query.txt || true)
[ "$listed" -eq "$expected" ] || fail "nvidia-smi --query-gpu has $listed complete rows instead of $expected"

# nvtop 3.0.1 has no snapshot mode: it draws until it is told to quit. Its size comes from LINES and COLUMNS, so that it
# needs no terminal; a busy machine is given a second, longer try.
missing=$(ldd "$nvtop" | grep 'not found' || true)
[ -z "$missing" ] || fail "nvtop lacks a shared library:$missing"
for seconds in 3 15; do
    XDG_CONFIG_HOME="$work" TERM=xterm LINES=200 COLUMNS=200 timeout "$seconds" "$nvtop" -C -p \
        </dev/null >nvtop-screen.txt 2>&1 || true
    listed=$(sed 's/\x1b\[[0-9;?]*[A-Za-z]/ /g' nvtop-screen.txt | grep -oE 'Device [0-9]+ *\[NVIDIA [^]]+\]' |
        sort -u | tee nvtop-list.txt | wc -l)
    [ "$listed" -ne "$expected" ] || break
done
cat nvtop-list.txt
[ "$listed" -eq "$expected" ] ||
    fail "nvtop shows $listed devices instead of $expected; it printed: $(head -c 400 nvtop-screen.txt | cat -v)"
echo "tools-check: nvidia-smi and nvtop list $expected devices each"
