#!/bin/sh
# Inside the testbed: a root file system of a few of its programs, as somebody would unpack one, and a policy that
# lets jobs have it.
set -eu
root=/srv/roots/small
mkdir -p $root/proc $root/sys $root/dev $root/run $root/tmp $root/var/tmp $root/etc $root/usr/bin $root/usr/lib64 $root/data
for link in bin lib lib64; do ln -s usr/$link $root/$link; done
for program in sh cat id env sleep stat ls grep tr touch; do
  cp -L /usr/bin/$program $root/usr/bin/
  ldd /usr/bin/$program | grep -o '/[^ ]*' | while read -r library; do
    mkdir -p "$root/usr/${library%/*}"
    cp -L "$library" "$root/usr/$library"
  done
done
touch $root/etc/hosts $root/etc/hostname $root/etc/resolv.conf
cp /etc/passwd /etc/group $root/etc/
ln -s ../proc/self/mounts $root/etc/mtab
echo small >$root/etc/which
chmod -R go-w /srv/roots
echo 'containers: {runtime: podman, roots: [/srv/roots], mounts: [/data]}' >>/etc/millwright/policy.yaml
