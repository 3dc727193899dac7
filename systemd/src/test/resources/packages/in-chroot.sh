#!/bin/sh
# Inside a bare Debian without a running systemd, a JDK or a network: the life of the packages, where /tmp is noexec.
# $1: the directory with both packages and a simulated libnvidia-ml.so.1.
set -eu
share=$1

step() { echo "step: $*"; }
die() { echo "FAILED: $*"; exit 1; }
fails_with() { # code, command
    expected=$1
    shift
    code=0
    "$@" >/tmp/said 2>&1 || code=$?
    [ $code = "$expected" ] || die "'$*' ended with $code and not $expected: $(cat /tmp/said)"
    said=$(cat /tmp/said)
    rm /tmp/said
}
is() { # path, mode and owner
    [ "$(stat -c '%a %U:%G' "$1")" = "$2" ] || die "$1 is $(stat -c '%a %U:%G' "$1") and not $2"
}
all_files() {
    find / -xdev \( -path /proc -o -path /tmp -o -path /run -o -path "$share" -o -path /var/lib/dpkg -o -path /var/log \
        -o -path /var/cache -o -path /root \) -prune -o -print | grep -vE '^/etc/(\.pwd\.lock|(passwd|group|g?shadow)-?)$' | sort
}
get() { # port, path
    python3 - "$@" <<'END'
import socket, sys
with socket.create_connection(("127.0.0.1", int(sys.argv[1])), 20) as s:
    s.sendall(("GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n" % sys.argv[2]).encode())
    while part := s.recv(65536):
        sys.stdout.buffer.write(part)
END
}
within_60s() { # command
    tries=0
    until "$@" >/dev/null 2>&1; do
        tries=$((tries + 1))
        [ $tries -lt 200 ] || return 1
        sleep 0.2
    done
}
# Words and no functions: what runs in the background is to be the program itself.
as_agent="setpriv --reuid=millwright-agent --regid=millwright-agent --clear-groups"
as_collector="setpriv --reuid=millwright-collector --regid=millwright-collector --clear-groups"

command -v java && die "there is a Java here already"
grep -q ' /tmp .*noexec' /proc/mounts || die "/tmp is not noexec"
all_files >/root/before

step install
dpkg -i "$share"/*.deb >/root/dpkg.log 2>&1 || die "$(cat /root/dpkg.log)"
is /etc/millwright "755 root:root"
is /etc/millwright/agent.yaml "644 root:root"
is /var/lib/millwright "755 root:root"
is /var/lib/millwright/agent "750 millwright-agent:millwright-agent"
is /var/lib/millwright/collector "750 millwright-collector:millwright-collector"
is /var/lib/millwright/launcher "700 root:root"
for unit in multi-user.target.wants/millwright-agent.service multi-user.target.wants/millwright-collector.service \
    sockets.target.wants/millwright-agent.socket sockets.target.wants/millwright-launcher.socket; do
    [ -L "/etc/systemd/system/$unit" ] || die "$unit is not enabled"
done

step "configuration"
millwright-agent config check | grep -q good
$as_agent env JDK_JAVA_OPTIONS=-XX:AOTMode=on millwright-agent config check 2>&1 | grep -q good || die "the agent's cache is not used"
JDK_JAVA_OPTIONS=-XX:AOTMode=on millwright --help >/dev/null 2>&1 || die "the command line's cache is not used"
JDK_JAVA_OPTIONS=-XX:AOTMode=on millwright-collector run --help >/dev/null 2>&1 || die "the collector's cache is not used"
cp /etc/millwright/agent.yaml /root/agent.yaml
echo "speed: 9" >>/etc/millwright/agent.yaml
fails_with 78 millwright-agent config check
echo "$said" | grep -q "speed" || die "the mistake is not named: $said"
cp /root/agent.yaml /etc/millwright/agent.yaml

step "authority and collector"
millwright-collector ca init --site chroot --host localhost >/dev/null
is /var/lib/millwright/collector/ca/collector/identity.pem "600 millwright-collector:millwright-collector"
is /var/lib/millwright/collector/ca/collector/orders-key.pem "600 millwright-collector:millwright-collector"
(umask 077 && millwright-collector ca token --node "$(hostname)" --token-file - >/root/token 2>/dev/null)
$as_collector millwright-collector run --join 127.0.0.1:9463 --authority /var/lib/millwright/collector/ca \
    >/root/collector.log 2>&1 &
collector=$!
within_60s get 9461 /readyz || die "the collector does not serve: $(cat /root/collector.log)"

step "join as root"
chmod 644 /root/token
fails_with 78 millwright-agent join --collector localhost:9463 --token-file /root/token
chmod 600 /root/token
millwright agent join --collector localhost:9463 --token-file=/root/token >/root/join.log 2>&1 || die "$(cat /root/join.log)"
is /var/lib/millwright/agent/credentials/identity.pem "600 millwright-agent:millwright-agent"
fails_with 78 millwright-agent join --collector localhost:9463 --token-file /root/token
fails_with 78 millwright-agent join --collector localhost:9463 --token-file /root/none

step "agent over simulated accelerators"
install -D -o millwright-agent "$share/libnvidia-ml.so.1" /var/lib/millwright/agent/simulated/libnvidia-ml.so.1
$as_agent millwright-agent run --set nvidia.library=/var/lib/millwright/agent/simulated/libnvidia-ml.so.1 \
    --set collector.address=localhost:9462 >/root/agent.log 2>&1 &
agent=$!
eight_up() { get 9460 /metrics | tr -d '\r' | grep -c '^millwright_accelerator_up{.* 1$' | grep -qx 8; }
within_60s eight_up || die "the agent does not see eight devices: $(cat /root/agent.log)"
connected() { get 9461 /v1/nodes | grep -q '"connected"'; }
within_60s connected || die "the node is not connected: $(cat /root/agent.log)"
millwright nodes | grep -q connected || die "the command line does not see the node"
millwright nodes -o yaml | grep -q connected || die "nor as YAML"
[ -z "$(ls -A /tmp)" ] || die "/tmp has $(ls -A /tmp)"
kill $agent $collector
wait $agent || die "the agent ended with $?: $(cat /root/agent.log)"
wait $collector || die "the collector ended with $?: $(cat /root/collector.log)"

step upgrade
echo "# mine" >>/etc/millwright/agent.yaml
ln -sf /dev/null /etc/systemd/system/millwright-launcher.service
rm /etc/systemd/system/multi-user.target.wants/millwright-collector.service # as 'systemctl disable' does
dpkg -i "$share"/*.deb >/root/dpkg.log 2>&1 || die "$(cat /root/dpkg.log)"
grep -q "# mine" /etc/millwright/agent.yaml || die "the upgrade replaced the configuration"
[ ! -e /etc/systemd/system/multi-user.target.wants/millwright-collector.service ] || die "the upgrade enabled the collector again"
rm /etc/systemd/system/millwright-launcher.service
is /var/lib/millwright/agent/credentials/identity.pem "600 millwright-agent:millwright-agent"

step remove
dpkg -r millwright-agent millwright-collector >/root/dpkg.log 2>&1 || die "$(cat /root/dpkg.log)"
[ -e /etc/millwright/agent.yaml ] && [ -e /var/lib/millwright/agent/credentials/identity.pem ] || die "removing took too much"
[ ! -e /usr/lib/millwright ] || die "/usr/lib/millwright is left: $(find /usr/lib/millwright)"

step purge
dpkg -P millwright-agent >/root/dpkg.log 2>&1 || die "$(cat /root/dpkg.log)"
[ -e /var/lib/millwright/collector/ca ] || die "purging the agent took the collector's"
dpkg -P millwright-collector >/root/dpkg.log 2>&1 || die "$(cat /root/dpkg.log)"
all_files >/root/after
diff /root/before /root/after || die "purging left something (>) or took too much (<)"
ls -d /run/millwright 2>/dev/null && die "/run/millwright is left"
step done
