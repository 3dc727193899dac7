#!/bin/sh
# Runs Debian's own nvidia-smi and nvtop against the simulated library: tools-check.sh LIBDIR WORKDIR [PROFILE...].
# fetch-tools.sh has put them into WORKDIR. Each tool must list as many devices as profiles.c gives the profile; without
# a name every profile of that file is checked.
set -eu
if [ $# -lt 2 ]; then
    echo "usage: $0 LIBDIR WORKDIR [PROFILE...]" >&2
    exit 2
fi
fail() {
    echo "tools-check: $*" >&2
    exit 1
}
[ -f "$1/libnvidia-ml.so.1" ] || fail "$1 has no libnvidia-ml.so.1: run build.sh first"
library=$(cd "$1" && pwd)
work=$(cd "$2" && pwd)
source=$(cd "$(dirname "$0")" && pwd)
shift 2
profiles="$*"
[ -n "$profiles" ] || profiles=$(sed -n 's/.*{\.name = "\([^"]*\)".*/\1/p' "$source/profiles.c")
cd "$work"

smi=$work/root/usr/lib/nvidia/current/nvidia-smi
nvtop=$work/root/usr/bin/nvtop
[ -x "$smi" ] && [ -x "$nvtop" ] || fail "$2 has no nvidia-smi and nvtop: run fetch-tools.sh $2 first"

# The tools load a copy of the library that has this profile's scenario beside it.
check_profile() {
    node=$(mktemp -d "$work/node.XXXXXX")
    cp "$library/libnvidia-ml.so.1" "$node/"
    echo "profile $1" >"$node/scenario.conf"
    expected=$(sed -n "/{\.name = \"$1\"/,/\.devices/s/.*\.devices = \([0-9]*\).*/\1/p" "$source/profiles.c")
    [ -n "$expected" ] || fail "profiles.c has no profile $1"
    export LD_LIBRARY_PATH="$node"
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
    echo "tools-check: nvidia-smi and nvtop list $expected devices of $1 each"
    rm -rf "$node"
}

# A device that is divided: nvidia-smi lists its MIG devices and what they are, and as root makes one more.
check_division() {
    node=$(mktemp -d "$work/node.XXXXXX")
    cp "$library/libnvidia-ml.so.1" "$node/"
    printf 'profile h100\nset 1 mig_mode 1\nmig 1 create 3g.40gb 4\nmig 1 create 2g.20gb 2 1c 1c\n' >"$node/scenario.conf"
    export LD_LIBRARY_PATH="$node"
    timeout 30 "$smi" -L >smi-list.txt 2>&1 || fail "nvidia-smi -L failed: $(tail -n 1 smi-list.txt)"
    cat smi-list.txt
    listed=$(grep -cE '^  MIG (3g\.40gb|1c\.2g\.20gb) +Device +[0-2]: \(UUID: MIG-[0-9a-f-]{36}\)$' smi-list.txt || true)
    [ "$listed" -eq 3 ] || fail "nvidia-smi -L lists $listed MIG devices instead of 3"
    timeout 30 "$smi" >smi-list.txt 2>&1 || fail "nvidia-smi failed: $(tail -n 1 smi-list.txt)"
    listed=$(grep -cE '^\|  1    [24]   [01]   [0-2]  \|' smi-list.txt || true)
    [ "$listed" -eq 3 ] || fail "nvidia-smi shows $listed MIG devices instead of 3"
    if [ "$(id -u)" -eq 0 ]; then
        timeout 30 "$smi" mig -i 1 -cgi 19 -C >smi-list.txt 2>&1 || fail "nvidia-smi mig -cgi failed: $(tail -n 1 smi-list.txt)"
        grep -q 'Successfully created compute instance' smi-list.txt || fail "nvidia-smi made no instance"
    fi
    echo "tools-check: nvidia-smi lists and makes MIG devices"
    rm -rf "$node"
}

for profile in $profiles; do
    check_profile "$profile"
done
check_division
