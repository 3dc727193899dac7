#!/bin/sh
# Inside the testbed: puts what /mnt/share holds where the packages would put it. Not a package: the
# programs are short scripts over a runtime and the classes of this build, and the accelerators are
# simulated.
set -eu

share=/mnt/share
classes=$(cat $share/classpath)
agent="-XX:+UseSerialGC -Xms8m -Xmx24m -Xmn4m -Xss256k -XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=16m
 -XX:+UseCompactObjectHeaders -XX:-UsePerfData -XX:ActiveProcessorCount=2 --enable-native-access=ALL-UNNAMED
 -Dio.netty.allocator.type=unpooled -Dio.netty.noPreferDirect=true"
collector="-XX:+UseSerialGC -Xmx256m -XX:TieredStopAtLevel=1 -XX:-UsePerfData --enable-native-access=ALL-UNNAMED"

program() { # name, flags, main class and verb
    { echo '#!/bin/sh'
      echo 'export MALLOC_ARENA_MAX=1 LC_ALL=C.UTF-8'
      # shellcheck disable=SC2086
      echo exec $share/runtime/bin/java $2 -cp "'$classes'" $3 '"$@"'; } >"/usr/bin/$1"
    chmod 755 "/usr/bin/$1"
}

program millwright-agent "$agent" "io.millwright.agent.Main agent"
program millwright-collector "$collector" "io.millwright.collector.Main collector"

# Stands in for the launcher's script of that name: says what systemd told it.
mkdir -p /usr/lib/millwright/launcher
cat >/usr/lib/millwright/launcher/record-outcome <<'END'
#!/bin/sh
umask 027
echo "$1 $MONITOR_UNIT $MONITOR_SERVICE_RESULT $MONITOR_EXIT_CODE $MONITOR_EXIT_STATUS" >"/var/lib/millwright/ended/$1"
END
chmod 755 /usr/lib/millwright/launcher/record-outcome

cp -r $share/units/. /usr/lib/systemd/system/
cp $share/sysusers.d/* /usr/lib/sysusers.d/
cp $share/tmpfiles.d/* /usr/lib/tmpfiles.d/
systemd-sysusers
systemd-tmpfiles --create millwright-agent.conf millwright-collector.conf

# A simulated node: its library, and its control socket beside it.
install -d -o millwright-agent -g millwright-agent /var/lib/millwright/agent/simulated
install -o millwright-agent $share/libnvidia-ml.so.1 /var/lib/millwright/agent/simulated/
cat >/etc/millwright/agent.yaml <<'END'
node:
  name: testbed
listen: 127.0.0.1:9470
nvidia:
  library: /var/lib/millwright/agent/simulated/libnvidia-ml.so.1
END

# Shorter than on a node, so that a test need not wait for half a minute.
for unit in agent collector; do
    mkdir -p /etc/systemd/system/millwright-$unit.service.d
    printf '[Service]\nWatchdogSec=12s\nRestartSec=2s\n' >/etc/systemd/system/millwright-$unit.service.d/test.conf
done
systemctl daemon-reload
