#!/bin/sh
# Inside the testbed: the launcher of this build where the package would put it, a policy, users, and
# a node of jobs that lines tell what to run.
set -eu
share=/mnt/share
classes=$(cat $share/classpath)

# nspawn shows a boot id of its own here, and units with a /proc of their own see the host's.
umount /proc/sys/kernel/random/boot_id 2>/dev/null || true

mkdir -p /usr/lib/millwright/launcher /etc/millwright
cp $share/launcher/* /usr/lib/millwright/launcher/
program() { # name, main class
    cat >/usr/lib/millwright/launcher/$1 <<END
#!/bin/sh
exec $share/runtime/bin/java -XX:+UseSerialGC -Xms8m -Xmx48m -XX:TieredStopAtLevel=1 -XX:-UsePerfData \
  -cp '$classes' $2
END
}
program millwright-launcher io.millwright.agent.launcher.root.LauncherMain
program read-node io.millwright.agent.launcher.read.ReadMain
chmod 755 /usr/lib/millwright/launcher/*
cp -r $share/units/. /usr/lib/systemd/system/
cp $share/sysusers.d/* /usr/lib/sysusers.d/
cp $share/tmpfiles.d/* /usr/lib/tmpfiles.d/
systemd-sysusers
systemd-tmpfiles --create millwright-agent.conf

useradd -u 2002 -G disk mwdisk
useradd -u 2003 mwgone
install -d -o mwjob -g mwjob /data/mwjob
install -d -m 1777 /data/open
cat >/etc/millwright/policy.yaml <<'END'
users: [mwjob, mwdisk, mwgone]
argv_roots: [/usr]
writable_roots: [/data]
device_classes: [nvidia, neuron]
leases: [stop]
limits: {output_bytes: 65536, tasks: 64, shm_bytes: 33554432}
END

install -d -o millwright-agent -g millwright-agent /var/lib/millwright/agent/node
runuser -u millwright-agent -- mkfifo /var/lib/millwright/agent/node/in
cat >/etc/systemd/system/job-node.service <<END
[Service]
Type=exec
User=millwright-agent
ExecStart=$share/runtime/bin/java -XX:+UseSerialGC -Xmx48m -XX:TieredStopAtLevel=1 -cp '$classes' \
  io.millwright.installed.JobNode /var/lib/millwright/agent/node
UMask=0027
NoNewPrivileges=yes
CapabilityBoundingSet=
ProtectSystem=strict
ReadWritePaths=/var/lib/millwright/agent
PrivateTmp=yes
END
systemctl daemon-reload
systemctl start millwright-launcher.socket job-node.service
