#!/bin/sh
# Builds the simulated libnvidia-ml.so.1 and its companions: build.sh OUTDIR. Needs a C compiler and nothing else.
set -eu
if [ $# -ne 1 ]; then
    echo "usage: $0 OUTDIR" >&2
    exit 2
fi
source=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
out=$(cd "$1" && pwd)
cc=${CC:-gcc}
flags="-O2 -g -std=c11 -Wall -Wextra -Werror"
objects=$(mktemp -d)
trap 'rm -rf "$objects"' EXIT

cd "$source"
running=
for file in world profiles mig_profiles mig model links holds gate events faults commands mig_commands scenario scenario_yaml control share \
    abi_system abi_identity abi_readings abi_memory_errors abi_processes abi_fields abi_links abi_gpm abi_mig abi_fabric abi_power_profiles \
    abi_system_events abi_topology abi_confidential abi_accounting abi_particulars abi_tools unsupported; do
    $cc $flags -D_DEFAULT_SOURCE -fPIC -fvisibility=hidden -pthread -c "$file.c" -o "$objects/$file.o" &
    running="$running $!"
done
$cc $flags -D_DEFAULT_SOURCE nvml_loop.c -o "$out/nvml-loop" -ldl &
running="$running $!"
$cc $flags -D_DEFAULT_SOURCE -pthread self-test.c -o "$out/simulator-self-test" -ldl -lm &
running="$running $!"
$cc $flags -D_DEFAULT_SOURCE load.c -o "$out/millwright-load" &
running="$running $!"
for job in $running; do
    wait "$job"
done

# -Bsymbolic: a JVM loads several copies, perhaps into the global scope; each must call its own functions.
# nodelete: the control thread and a call that hangs must not lose their code to dlclose.
# The library is replaced, not overwritten: a process may have the old one mapped.
$cc -shared -pthread -Wl,-soname,libnvidia-ml.so.1 -Wl,-Bsymbolic -Wl,-z,nodelete -Wl,-z,defs \
    "$objects"/*.o -o "$out/.libnvidia-ml.so.1.new" -lm -ldl
mv -f "$out/.libnvidia-ml.so.1.new" "$out/libnvidia-ml.so.1"
