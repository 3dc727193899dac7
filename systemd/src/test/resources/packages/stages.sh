#!/bin/bash
# Inside the testbed, a Debian without a JDK under a real systemd: one stage of the life of the packages.
# /mnt/share has both packages, a simulated libnvidia-ml.so.1, get.py, and this file. $1: the stage.
set -eu
share=/mnt/share
page=9460
http=9461
state=/root/stages # what one stage tells a later one
mkdir -p $state

die() { echo "FAILED: $*"; journalctl -n 60 --no-pager -o cat -u 'millwright-*' -u 'mw-*' 2>&1 | tail -60; exit 1; }
tell() { echo "  $*"; }
get() { python3 $share/get.py "$1" "$2"; }
within() { # seconds, what, command
    local end=$((SECONDS + $1)) what=$2
    shift 2
    until "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt $end ] || die "$what"
        sleep 0.5
    done
}
has() { get "$1" "$2" | grep -q "$3"; }
eight_up() { [ "$(get $page /metrics | tr -d '\r' | grep -c '^millwright_accelerator_up{.* 1$')" = 8 ]; }
of() { systemctl show -P "$2" "$1"; }
all_active() { # is-active itself is content with one
    for unit in "$@"; do systemctl --quiet is-active "$unit" || return 1; done
}
job_state() { millwright job "$1" -o json --token-file $state/admin; }
job_is() { job_state "$1" | tr -d ' \n' | grep -q "$2"; }
same_run() { # the job as it was when it began
    [ "$(of "$(cat $state/unit)" MainPID) $(of "$(cat $state/unit)" InvocationID)" = "$(cat $state/run)" ] ||
        die "the job was $(cat $state/run) and is $(of "$(cat $state/unit)" MainPID) $(of "$(cat $state/unit)" InvocationID)"
}

# An emulated processor is some fifty times slower: a JVM may take longer to begin than systemd waits for by itself.
patience() {
    systemd-detect-virt --quiet --vm || return 0
    mkdir -p /etc/systemd/system/service.d
    printf '[Service]\nTimeoutStartSec=900\n' >/etc/systemd/system/service.d/90-emulated.conf
    systemctl daemon-reload
}

install() {
    patience
    ! command -v java || die "there is a Java here already"
    dpkg -i $share/*.deb >$state/dpkg.log 2>&1 || die "$(cat $state/dpkg.log)"
    tell "$(grep -A2 'no credentials yet' $state/dpkg.log | head -1)"
    all_active millwright-agent.socket millwright-launcher.socket millwright-agent.service ||
        die "the agent does not run after the installation: $(cat $state/dpkg.log)"
    for unit in millwright-agent.service millwright-agent.socket millwright-launcher.socket millwright-collector.service; do
        systemctl --quiet is-enabled $unit || die "$unit is not enabled"
    done
    ! systemctl --quiet is-active millwright-collector || die "the collector runs without credentials"
    within 60 "the page is not served" has $page /metrics millwright_agent
    tell "agent $(dpkg-query -W -f '${Version}' millwright-agent), systemd $(systemctl --version | head -1), kernel $(uname -r)"
}

collector() {
    millwright-collector ca init --site testbed --host localhost
    head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n' >$state/admin
    chmod 600 $state/admin
    install_tokens=/var/lib/millwright/collector/tokens
    echo "admin root $(cat $state/admin)" >$install_tokens
    chown millwright-collector: $install_tokens
    chmod 600 $install_tokens
    echo "MILLWRIGHT_COLLECTOR_OPTIONS=\"--tokens $install_tokens --join 127.0.0.1:9463 --authority /var/lib/millwright/collector/ca\"" \
        >/etc/default/millwright-collector
    systemctl start millwright-collector || die "the collector does not start"
    has $http /readyz "200 OK" || die "it is not ready"
}

join() {
    # A machine under software emulation may need more than the 30 s that the program waits: then again, with another token.
    local tries=1
    until (umask 077 && millwright-collector ca token --node "$(hostname)" --replace --token-file - >$state/token) &&
        millwright-agent join --collector localhost:9463 --token-file $state/token; do
        [ $tries -lt 5 ] || die "joining failed"
        tries=$((tries + 1))
    done
    tell "joined at try $tries"
    [ "$(stat -c %U /var/lib/millwright/agent/credentials/identity.pem)" = millwright-agent ] || die "not the agent's"
    command install -D -o millwright-agent -g millwright-agent $share/libnvidia-ml.so.1 \
        /var/lib/millwright/agent/simulated/libnvidia-ml.so.1
    chown millwright-agent: /var/lib/millwright/agent/simulated
    cat >>/etc/millwright/agent.yaml <<'END'
collector:
  address: "localhost:9462"
nvidia:
  library: "/var/lib/millwright/agent/simulated/libnvidia-ml.so.1"
END
    fake_devices
    mkdir -p /etc/millwright
    cat >/etc/millwright/policy.yaml <<'END'
users: [mwjob]
argv_roots: [/usr]
device_classes: [nvidia]
limits: {devices: 8}
END
    millwright-agent config check
    systemctl restart millwright-agent || die "the agent does not start"
}

# Device nodes of NVIDIA's numbers that no driver is behind, and what its driver would say of them. Opening one that a rule lets
# through fails otherwise (ENXIO) than opening one that it does not (EPERM).
# Not in a container, where /proc is not the same in each unit (the boot's id is the container's or the host's): a job has no
# devices there.
fake_devices() {
    ! systemd-detect-virt --quiet --container || return 0
    [ -e /dev/nvidiactl ] || mknod -m 0666 /dev/nvidiactl c 195 255
    for n in 0 1 2 3 4 5 6 7; do [ -e /dev/nvidia$n ] || mknod -m 0666 /dev/nvidia$n c 195 $n; done
    mkdir -p /run/fake
    awk '{ print } /^Character devices:/ { print "195 nvidia" }' /proc/devices >/run/fake/devices
    mount --bind /run/fake/devices /proc/devices
    mkdir -p /etc/systemd/system/millwright-launcher.service.d
    # So that it sees what is mounted over /proc here: each of these gives it another /proc.
    printf '[Service]\nProtectProc=default\nProtectKernelTunables=no\nProtectControlGroups=no\n' >/etc/systemd/system/millwright-launcher.service.d/testbed.conf
    systemctl daemon-reload
}

fake_gpus() { # by the UUIDs that the agent sees
    mountpoint -q /proc/driver || mount -t tmpfs tmpfs /proc/driver
    get $page /metrics | tr -d '\r' | sed -n 's/^millwright_accelerator_info{\(.*\)} 1$/\1/p' |
        sed 's/.*accelerator="\([0-9]*\)".*uuid="\([^"]*\)".*/\1 \2/' | while read -r index uuid; do
        mkdir -p "/proc/driver/nvidia/gpus/0000:0$index:00.0"
        printf 'GPU UUID: \t %s\nDevice Minor: \t %s\n' "$uuid" "$index" >"/proc/driver/nvidia/gpus/0000:0$index:00.0/information"
    done
    [ "$(ls /proc/driver/nvidia/gpus | wc -l)" = 8 ] || die "no fake devices"
    systemctl stop millwright-launcher.service # its next start sees what is mounted now
}

metrics() {
    within 120 "eight accelerators are not up" eight_up
    within 60 "the node is not connected" has $http /v1/nodes '"connected"'
    millwright nodes || die "the collector does not answer"
    tell "$(get $page /metrics | grep -vc '^#') lines on the page"
}

security() {
    local unit score
    for unit in millwright-agent millwright-collector; do
        systemctl --quiet is-active $unit || die "$unit does not serve"
        score=$(systemd-analyze security --no-pager $unit.service | sed -n 's/.*exposure level for .*: \([0-9.]*\) .*/\1/p')
        tell "$unit: $score"
        awk -v s="$score" 'BEGIN { exit !(s != "" && s <= 2.5) }' || die "$unit has $score"
    done
}

job() {
    cat >/usr/local/bin/testbed-job <<'END'
#!/bin/sh
echo "memory.max $(cat "/sys/fs/cgroup$(sed -n 's/^0:://p' /proc/self/cgroup)/memory.max" 2>&1)"
for n in 0 1 2 3 4 5 6 7; do
    python3 -c '
import errno, os, sys
try: os.open(sys.argv[1], os.O_RDWR)
except OSError as e: print(sys.argv[1], errno.errorcode[e.errno])' /dev/nvidia$n
done
echo "visible $CUDA_VISIBLE_DEVICES"
while [ ! -e /srv/release ]; do sleep 1; done
exit 7
END
    chmod 755 /usr/local/bin/testbed-job
    local asks=
    if [ -e /dev/nvidiactl ]; then
        fake_gpus
        asks="--gpus 1"
    fi
    ! grep -qw memory /sys/fs/cgroup/cgroup.controllers || asks="$asks --mem 96M"
    # shellcheck disable=SC2086
    millwright run --token-file $state/admin --user mwjob $asks --name long --time 2h -- /usr/local/bin/testbed-job
    # longer than a collector takes in an emulated machine to begin anew: a JVM has died of the emulation there
    within 420 "the job was not placed" job_is long '"state":"\(running\|ended\)"'
    job_is long '"state":"running"' || die "$(millwright job long --token-file $state/admin)"
    systemctl list-units --plain --no-legend 'mw-job-*' | awk '{ print $1 }' >$state/unit
    [ "$(wc -l <$state/unit)" = 1 ] || die "units: $(cat $state/unit)"
    echo "$(of "$(cat $state/unit)" MainPID) $(of "$(cat $state/unit)" InvocationID)" >$state/run
    tell "$(cat $state/unit) $(cat $state/run)"
    within 60 "the job says nothing" said 'visible '
    millwright logs long --token-file $state/admin | sed 's/^/  /'
    case "$asks" in *--gpus*) ;; *) return 0 ;; esac
    [ "$(millwright logs long --token-file $state/admin | grep -c ' ENXIO')" = 1 ] || die "not one device is open to it"
    [ "$(millwright logs long --token-file $state/admin | grep -c ' EPERM')" = 7 ] || die "not seven are closed"
    case "$asks" in *--mem*) ;; *) return 0 ;; esac
    said "memory.max $((96 * 1024 * 1024))" || die "its memory has another bound"
}
said() { millwright logs long --token-file $state/admin | grep -q "$1"; }

oom() { # only where the kernel's controllers are there
    millwright run --token-file $state/admin --user mwjob --mem 64M --name hungry --time 10m -- \
        /usr/bin/python3 -c 'x = bytearray(512 * 1024 * 1024)'
    within 180 "it is not ended" job_is hungry '"state":"ended"'
    job_is hungry '"outcome":"oom"' || die "$(job_state hungry)"
    tell "$(job_state hungry | tr -d ' \n' | grep -o '"outcome":"[^"]*"')"
}

reload() {
    systemctl daemon-reload
    same_run
}

kill_agent() {
    local before
    before=$(of millwright-agent MainPID)
    systemctl kill -s KILL --kill-who=main millwright-agent
    within 180 "no new agent" agent_is_new "$before"
    within 120 "eight accelerators are not up" eight_up
    same_run
    within 120 "the job is not known to run" job_is long '"state":"running"'
    tell "agent $before -> $(of millwright-agent MainPID), job $(cat $state/run)"
}
agent_is_new() { systemctl --quiet is-active millwright-agent && [ "$(of millwright-agent MainPID)" != "$1" ]; }

upgrade() {
    local agent collector
    agent=$(of millwright-agent MainPID) collector=$(of millwright-collector MainPID)
    (while [ ! -e $state/upgraded ]; do get $page /livez >/dev/null || { [ $? != 7 ] || echo refused >>$state/refused; }; sleep 0.2; done) &
    dpkg -i $share/*.deb >$state/dpkg.log 2>&1 || die "$(cat $state/dpkg.log)"
    within 180 "no new agent" agent_is_new "$agent"
    [ "$(of millwright-collector MainPID)" != "$collector" ] || die "the collector was not restarted"
    within 120 "eight accelerators are not up" eight_up
    touch $state/upgraded
    wait
    [ ! -e $state/refused ] || die "the port refused $(wc -l <$state/refused) times"
    rm $state/upgraded
    within 120 "the node is not connected" has $http /v1/nodes '"connected"'
    [ ! -e $state/run ] || same_run
    tell "agent $agent -> $(of millwright-agent MainPID), collector $collector -> $(of millwright-collector MainPID), the port never refused"
}

outcome() {
    touch /srv/release
    within 180 "the job has not ended" job_is long '"state":"ended"'
    job_is long '"outcome":"exit(7)"' || die "$(job_state long)"
    tell "$(job_state long | tr -d ' \n' | grep -o '"outcome":"[^"]*"')"
    ls /var/lib/millwright/ended | sed 's/^/  record: /'
}

# The unit as it is installed, over a tree in the form of the Neuron driver's, where that driver would have its own.
neuron() {
    local probe
    cp -p /etc/millwright/agent.yaml $state/agent.yaml
    printf 'neuron:\n  root: "%s/neuron"\npage:\n  dialects: [neuron]\n' $share >>/etc/millwright/agent.yaml
    millwright-agent config check
    systemctl restart millwright-agent || die "the agent does not start"
    within 240 "four Neuron devices are not up" four_neuron_up
    within 60 "the page of neuron-monitor is empty" has $page /metrics/neuron '^neuroncore_memory_usage_tensors'
    for probe in neuron inventory services modules filesystems $(in_container || echo kmsg); do
        within 60 "the probe $probe is not up" has $page /metrics "^millwright_agent_probe_up{.*probe=\"$probe\"} 1"
    done
    in_container || has $page /metrics '^millwright_node_clock_synchronized' || die "the clock is not asked"
    tell "$(get $page /metrics | grep -c '^millwright_accelerator_.*vendor="aws"') series of Neuron devices"
    cp -p $state/agent.yaml /etc/millwright/agent.yaml
    systemctl restart millwright-agent || die "the agent does not start again"
    within 120 "eight accelerators are not up" eight_up
}
four_neuron_up() { [ "$(get $page /metrics | tr -d '\r' | grep -c '^millwright_accelerator_up{.*vendor="aws".* 1$')" = 4 ]; }
in_container() { systemd-detect-virt --quiet --container; } # no kernel log and no clock of its own

# of ./millwright benchmark units alone: how long a launch takes, beside systemd-run
launch() { python3 $share/launch.py units $state/admin 60; }

after_reboot() {
    within 180 "not started at boot" all_active millwright-agent millwright-collector
    metrics
    [ ! -e $state/run ] || job_is long '"outcome":"exit(7)"' || die "$(job_state long)"
}

remove() {
    dpkg -r millwright-agent millwright-collector >$state/dpkg.log 2>&1 || die "$(cat $state/dpkg.log)"
    for unit in millwright-agent millwright-collector millwright-agent.socket millwright-launcher.socket; do
        ! systemctl --quiet is-active $unit || die "$unit still runs"
    done
    python3 $share/get.py $page /livez >/dev/null 2>&1 && die "the page is still served"
    [ -e /var/lib/millwright/agent/credentials/identity.pem ] || die "removing took the credentials"
    [ ! -e /usr/lib/millwright ] || die "/usr/lib/millwright is left"
}

purge() {
    rm -rf /etc/systemd/system/millwright-launcher.service.d /etc/millwright/policy.yaml # the stages' own
    dpkg -P millwright-agent millwright-collector >$state/dpkg.log 2>&1 || die "$(cat $state/dpkg.log)"
    local left
    left=$(find / -xdev \( -path /proc -o -path /mnt -o -path /var/log -o -path /var/lib/dpkg -o -path /usr/local \) -prune -o \
        -iname '*millwright*' -print)
    # shellcheck disable=SC2086
    [ -z "$left" ] || die "left: $(find $left -ls)"
    ! systemctl list-unit-files --no-legend | grep -i millwright || die "units are left"
    ! systemctl --failed --plain --no-legend | grep -E '^(mw-|millwright)' || die "units are remembered as failed"
}

"$1"
