#!/bin/sh
# Inside the testbed: puts what /mnt/share holds where the packages would put it. Not a package: the
# programs are short scripts over the shared runtime and jars, and the accelerators are simulated.
set -eu

share=/mnt/share
flags="-XX:+UseSerialGC -Xms8m -Xmx24m -Xmn4m -Xss256k -XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=16m
 -XX:+UseCompactObjectHeaders -XX:-UsePerfData -XX:+ExitOnOutOfMemoryError -XX:ActiveProcessorCount=2
 --enable-native-access=ALL-UNNAMED -Dio.netty.allocator.type=unpooled -Dio.netty.noPreferDirect=true"
collector_flags="-XX:+UseSerialGC -Xmx256m -XX:-UsePerfData --enable-native-access=ALL-UNNAMED"

program() { # path, flags, class path, main class and verb
    # shellcheck disable=SC2086
    { echo '#!/bin/sh'; echo export MALLOC_ARENA_MAX=1 LC_ALL=C.UTF-8
      echo exec $share/runtime/bin/java $2 -cp "'$3'" $4 '"$@"'; } >"$1"
    chmod 755 "$1"
}

program /usr/bin/millwright-agent "$flags" "$share/agent/*" "io.millwright.agent.Main agent"
program /usr/bin/millwright-collector "$collector_flags" "$share/collector/*" "io.millwright.collector.Main collector"
mkdir -p /usr/lib/millwright/launcher

cp -r "$share"/units/. /usr/lib/systemd/system/
cp "$share"/sysusers.d/* /usr/lib/sysusers.d/
cp "$share"/tmpfiles.d/* /usr/lib/tmpfiles.d/
systemd-sysusers
systemd-tmpfiles --create millwright-agent.conf millwright-collector.conf

# A simulated node: its library, and its control socket beside it.
install -d -o millwright-agent -g millwright-agent /var/lib/millwright/agent/simulated
install -o millwright-agent "$share"/native/libnvidia-ml.so.1 /var/lib/millwright/agent/simulated/
cat >/etc/millwright/agent.yaml <<'END'
node:
  name: testbed
listen: 127.0.0.1:9470
nvidia:
  library: /var/lib/millwright/agent/simulated/libnvidia-ml.so.1
END
systemctl daemon-reload
