#!/bin/bash
# installed.sh qemu|nspawn TESTBED_SCRIPT SHARE [STAGE…]: boots the testbed, goes through the stages of the packages' life inside,
# tells how long each took, and leaves nothing running. TESTBED_DIR, TESTBED_PORT: see the testbed's script.
set -eu
backend=$1 testbed=$2 share=$3
shift 3
if [ $# -gt 0 ]; then
    stages=$*
elif [ "$backend" = qemu ]; then
    stages="install collector join metrics security job oom reload kill_agent upgrade outcome neuron reboot after_reboot remove purge"
else
    stages="install collector join metrics security job reload kill_agent upgrade outcome neuron remove purge"
fi
bed() { bash "$testbed" "$@"; }
inside() { timeout "${STAGE_SECONDS:-900}" bash "$testbed" exec "$backend" bash /mnt/share/stages.sh "$1"; }
boot_id() { bash "$testbed" exec "$backend" cat /proc/sys/kernel/random/boot_id 2>/dev/null; }

bed up "$backend" "$share"
trap 'bed down "$backend"' EXIT
for stage in $stages; do
    began=$(date +%s%N)
    echo "stage: $stage"
    if [ "$stage" = reboot ]; then
        before=$(boot_id)
        bed exec "$backend" systemctl reboot >/dev/null 2>&1 || true
        end=$((SECONDS + 300))
        while now=$(timeout 20 bash "$testbed" exec "$backend" cat /proc/sys/kernel/random/boot_id 2>/dev/null) || now=; [ -z "$now" ] || [ "$now" = "$before" ]; do
            [ $SECONDS -lt $end ] || { echo "FAILED: it did not boot again"; exit 1; }
            sleep 1
        done
        bed exec "$backend" sh -c 'udevadm settle; mountpoint -q /mnt/share || mount -o ro /dev/vdb /mnt/share'
    else
        inside "$stage"
    fi
    echo "done: $stage $(( ($(date +%s%N) - began) / 1000000 )) ms"
done
echo "all done"
