#!/bin/sh
# chroot.sh TESTBED ROOT LIBRARY PACKAGE…: a bare Debian in ROOT, in namespaces of its own with loopback alone, where in-chroot.sh
# runs. All that it starts ends with it.
set -eu
testbed=$1 root=$2 library=$3
shift 3
mkdir "$root"
tar -C "$root" --numeric-owner --xattrs -I zstd -xf "$testbed/rootfs.tar.zst"
mkdir -p "$root/mnt/share"
cp "$@" "$library" "$(dirname "$0")/in-chroot.sh" "$root/mnt/share/"
status=0
# shellcheck disable=SC2016
unshare --mount --net --pid --fork --kill-child sh -c '
    ip link set lo up
    mount -t proc proc "$1/proc"
    mount -t tmpfs -o noexec,nosuid,mode=1777 tmpfs "$1/tmp"
    exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
        chroot "$1" sh /mnt/share/in-chroot.sh /mnt/share' sh "$root" || status=$?
rm -rf "$root"
exit $status
