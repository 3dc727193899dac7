#!/bin/sh
# Builds the two packages from what Maven has built. JAVA_HOME is the JDK whose runtime goes into them.
#
#   build.sh OUT           makes OUT/*.deb; what was made from the same input before is kept
#   build.sh OUT assemble  only puts together again what is under OUT/work: the same bytes, each time
#
# OUT/work is what lies beside them: the two trees, the logs of the training, what the JVM noted.
set -eu
home=$(cd "$(dirname "$0")/../.." && pwd)
[ $# -ge 1 ] || { echo "usage: build.sh OUT [assemble]" >&2; exit 64; }
mkdir -p "$1"
out=$(cd "$1" && pwd)
work="$out/work"
here="$home/systemd/package"
export LC_ALL=C TZ=UTC
umask 022

die() { echo "package: $1" >&2; exit 1; }
say() { echo "package: $*" >&2; }

[ -x "${JAVA_HOME:-/}/bin/jlink" ] || die "JAVA_HOME is '${JAVA_HOME:-}', which has no bin/jlink: set it to a JDK 25"
for tool in dpkg-deb setpriv; do
    command -v $tool >/dev/null || die "$tool is missing: packages are built on Debian or Ubuntu"
done
[ "$(dpkg --print-architecture)" = amd64 ] || die "packages are for amd64, and this machine is $(dpkg --print-architecture)"

pom_value() { sed -n "s:.*<$1>\(.*\)</$1>.*:\1:p" "$home/pom.xml" | head -1; }
maven_version=$(pom_value version)
version=$(echo "$maven_version" | sed 's/-SNAPSHOT$/~snapshot/')
SOURCE_DATE_EPOCH=$(date -u -d "$(pom_value project.build.outputTimestamp)" +%s)
export SOURCE_DATE_EPOCH
built() { [ -e "$1" ] || die "$1 is not there: build first (./millwright package does both)"; echo "$1"; }
jar_of() { built "$home/$1/target/millwright-$1-$maven_version.jar"; }
simulated=$(built "$home/simulator/target/native/libnvidia-ml.so.1")

# docs/decisions/0007: without this the JVM moves the cache at its start, and most of it becomes its own memory.
in_place="-XX:+UnlockDiagnosticVMOptions -XX:ArchiveRelocationMode=0"
# decisions.md, "Agent flags"; they stand in ./millwright for a source checkout.
agent_flags="$in_place -XX:+UseSerialGC -Xms8m -Xmx24m -Xmn4m -Xss256k -XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=16m
 -XX:+UseCompactObjectHeaders -XX:-UsePerfData -XX:TrimNativeHeapInterval=5000 -XX:MaxDirectMemorySize=16m
 -XX:+ExitOnOutOfMemoryError -XX:ActiveProcessorCount=2 --enable-native-access=ALL-UNNAMED
 -Dio.netty.allocator.type=unpooled -Dio.netty.noPreferDirect=true -Dio.netty.eventLoopThreads=1"
collector_flags="$in_place -XX:+UseSerialGC -Xmx512m -XX:-UsePerfData -XX:+ExitOnOutOfMemoryError
 --enable-native-access=ALL-UNNAMED"
# The agent's cache and class path; the classes of D-Bus need more room.
launcher_flags="$in_place -XX:+UseSerialGC -Xms8m -Xmx48m -Xss256k -XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=16m
 -XX:+UseCompactObjectHeaders -XX:-UsePerfData -XX:ActiveProcessorCount=2 -XX:+ExitOnOutOfMemoryError
 --enable-native-access=ALL-UNNAMED"
cli_flags="$in_place -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:-UsePerfData"

# What the jars ask for (jdeps); java.net.http of the collector for remote write; java.xml and jdk.security.auth for D-Bus, jdk.net for the launcher's door.
agent_modules=java.base,java.logging,java.net.http,java.xml,jdk.net,jdk.security.auth,jdk.unsupported
collector_modules=java.base,java.logging,java.net.http,java.sql,jdk.unsupported

# ---- trees

tree_of() { echo "$work/millwright-$1"; }
home_of() { echo "$(tree_of "$1")/usr/lib/millwright/$1"; }

link_runtime() { # package, modules
    "$JAVA_HOME/bin/jlink" --add-modules "$2" --strip-debug --no-header-files --no-man-pages --compress zip-0 \
        --output "$(home_of "$1")/runtime" >"$work/jlink-$1.log" 2>&1 ||
        { cat "$work/jlink-$1.log" >&2; die "jlink failed"; }
    rm -f "$(home_of "$1")/runtime/bin/keytool"
}

put() { # mode, file, path in the package
    install -D -m "$1" "$2" "$tree/$3"
}

put_units() { # names in systemd/units
    for unit in "$@"; do put 0644 "$home/systemd/units/$unit" "usr/lib/systemd/system/$unit"; done
}

# Options of a JVM: the flags, where natives are, and the class path, whose order the cache is bound to.
options() { # file, where the package will be, flags, jars
    file=$1 root=$2 flags=$3
    shift 3
    {
        # shellcheck disable=SC2086
        printf '%s\n' $flags
        echo "-Xlog:disable"
        echo "-Xlog:all=error:stderr"
        printf '%s\n' -Djna.boot.library.path="$root/native" -Djna.nosys=true -Djna.nounpack=true \
            -Djna.noclasspath=true -Dorg.sqlite.lib.path="$root/native" -Dorg.sqlite.lib.name=libsqlitejdbc.so
        echo "-cp"
        for jar in "$@"; do printf '%s/lib/%s:' "$root" "$jar"; done | sed 's/:$//'
        echo
    } >"$file"
}

names() { for jar in "$@"; do basename "$jar"; done | sort; }

both_options() { # name, package, flags, jars: one file for the training here, one for the installed place
    name=$1 package=$2 flags=$3
    shift 3
    options "$work/$name.options" "$(home_of "$package")" "$flags" "$@"
    options "$(home_of "$package")/$name.options" "/usr/lib/millwright/$package" \
        "$flags -XX:AOTCache=/usr/lib/millwright/$package/$name.aot" "$@"
}

systemd_classes="$home/systemd/target/classes:$home/agent/target/classes:$home/agent/target/lib/*"
systemd_classes="$systemd_classes:$home/collector/target/classes:$home/collector/target/lib/*"
systemd_classes="$systemd_classes:$home/cli/target/classes:$home/cli/target/lib/*"
program() { "$JAVA_HOME/bin/java" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData -cp "$systemd_classes" "$@"; }

make_trees() {
    rm -rf "$work"
    mkdir -p "$(home_of agent)/lib" "$(home_of agent)/native" "$(home_of collector)/lib" "$(home_of collector)/native"
    link_runtime agent $agent_modules
    link_runtime collector $collector_modules
    agent_jars=$(names "$(jar_of agent)" "$home"/agent/target/lib/*.jar)
    cli_jars=$(names "$(jar_of cli)" "$home"/cli/target/lib/*.jar)
    collector_jars=$(names "$(jar_of collector)" "$home"/collector/target/lib/*.jar)
    mkdir "$work/jars"
    cp "$(jar_of cli)" "$home"/cli/target/lib/*.jar "$work/jars/"
    cp "$(jar_of agent)" "$home"/agent/target/lib/*.jar "$work/jars/" # both have some of the same
    program io.millwright.packages.SlimJars "$(home_of agent)/lib" "$(home_of agent)/native" "$work"/jars/*.jar
    program io.millwright.packages.SlimJars "$(home_of collector)/lib" "$(home_of collector)/native" \
        "$(jar_of collector)" "$home"/collector/target/lib/*.jar
    rm -rf "$work/jars"
    # shellcheck disable=SC2086
    both_options agent agent "$agent_flags" $agent_jars
    # shellcheck disable=SC2086
    options "$(home_of agent)/launcher.options" /usr/lib/millwright/agent \
        "$launcher_flags -XX:AOTCache=/usr/lib/millwright/agent/agent.aot" $agent_jars
    # shellcheck disable=SC2086
    both_options cli agent "$cli_flags" $cli_jars
    # shellcheck disable=SC2086
    both_options collector collector "$collector_flags" $collector_jars
    fill_agent
    fill_collector
}

fill_agent() {
    tree=$(tree_of agent)
    put 0755 "$here/bin/millwright" usr/bin/millwright
    put 0755 "$here/bin/millwright-agent" usr/bin/millwright-agent
    put 0755 "$here/bin/millwright-launcher" usr/lib/millwright/launcher/millwright-launcher
    put 0755 "$here/bin/set-power" usr/lib/millwright/launcher/set-power
    put 0755 "$here/bin/read-node" usr/lib/millwright/launcher/read-node
    put 0755 "$home/systemd/launcher/record-outcome" usr/lib/millwright/launcher/record-outcome
    put 0755 "$home/systemd/launcher/keep-output" usr/lib/millwright/launcher/keep-output
    put 0755 "$home/systemd/launcher/run-hook" usr/lib/millwright/launcher/run-hook
    put 0755 "$home/systemd/launcher/end-leases" usr/lib/millwright/launcher/end-leases
    put 0644 "$home/systemd/launcher/containers.conf" usr/lib/millwright/launcher/containers.conf
    # shellcheck disable=SC2046
    put_units $(cd "$home/systemd/units" && find . -type f ! -name 'millwright-collector.*' | sed 's:^./::' | sort)
    put 0644 "$home/systemd/sysusers.d/millwright-agent.conf" usr/lib/sysusers.d/millwright-agent.conf
    put 0644 "$home/systemd/tmpfiles.d/millwright-agent.conf" usr/lib/tmpfiles.d/millwright-agent.conf
    put 0644 "$home/systemd/udev/60-millwright.rules" usr/lib/udev/rules.d/60-millwright.rules
    put 0644 "$here/agent/agent.yaml" etc/millwright/agent.yaml
    put 0644 "$here/agent/default" etc/default/millwright-agent
    [ ! -e "$home/systemd/examples/policy.yaml" ] ||     put 0644 "$home/systemd/examples/policy.yaml" usr/share/millwright/examples/policy.yaml
    for page in configuration metrics install power; do
        put 0644 "$home/docs/$page.md" "usr/share/doc/millwright-agent/$page.md"
    done
    for page in "$home"/docs/runbooks/*.md; do
        put 0644 "$page" "usr/share/doc/millwright-agent/runbooks/$(basename "$page")"
    done
    bill agent "$home/agent/target/bom.json" sbom.cdx.json
    bill agent "$home/cli/target/bom.json" sbom-cli.cdx.json
    papers agent "$home/agent/target/bom.json" "$home/cli/target/bom.json" \
        -- millwright millwright-agent
}

fill_collector() {
    tree=$(tree_of collector)
    put 0755 "$here/bin/millwright-collector" usr/bin/millwright-collector
    put_units millwright-collector.service
    put 0644 "$home/systemd/sysusers.d/millwright-collector.conf" usr/lib/sysusers.d/millwright-collector.conf
    put 0644 "$home/systemd/tmpfiles.d/millwright-collector.conf" usr/lib/tmpfiles.d/millwright-collector.conf
    put 0644 "$here/collector/default" etc/default/millwright-collector
    (cd "$home/dashboards" && find . \( -name target -o -name src \) -prune -o -type f ! -name pom.xml -print) | sort |
        while read -r file; do
            put 0644 "$home/dashboards/$file" "usr/share/millwright/dashboards/${file#./}"
        done
    put 0644 "$home/docs/install.md" usr/share/doc/millwright-collector/install.md
    bill collector "$home/collector/target/bom.json" sbom.cdx.json
    papers collector "$home/collector/target/bom.json" -- millwright-collector
}

bill() { # package, file, name
    put 0644 "$(built "$2")" "usr/share/doc/millwright-$1/$3"
}

papers() { # package, bills of material, --, programs
    package=$1
    shift
    bills=
    while [ "$1" != -- ]; do bills="$bills $1" && shift; done
    shift
    doc="$tree/usr/share/doc/millwright-$package"
    for name in "$@"; do program io.millwright.packages.Papers "$version" "$name" "$tree"; done
    # shellcheck disable=SC2086
    program io.millwright.packages.Copyright "$doc/copyright" $bills
    cat "$home"/changelog.d/[0-9]*.md >"$doc/changelog"
    gzip -9n "$doc/changelog" "$tree"/usr/share/man/man*/*
}

# ---- caches

settle() { # modes and times that no machine's habits show in; the cache is bound to the times of the jars
    chmod -R u=rwX,go=rX "$1"
    find "$1" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
}

train() {
    settle "$(tree_of agent)"
    settle "$(tree_of collector)"
    program io.millwright.packages.Training "$(home_of agent)" "$(home_of collector)" "$simulated" "$work" ||
        die "the training failed; logs are in $work"
}

# ---- packages

assemble() { # package
    tree=$(tree_of "$1")
    control="$tree/DEBIAN"
    rm -rf "$control"
    mkdir -p "$control"
    settle "$tree"
    size=$(find "$tree" -path "$control" -prune -o -type f -printf '%s\n' | awk '{ n += int(($1 + 1023) / 1024) } END { print n }')
    sed -e "s/@VERSION@/$version/" -e "s/@SIZE@/$size/" "$here/$1/control" >"$control/control"
    (cd "$tree" && find etc -type f 2>/dev/null | sort | sed 's:^:/:') >"$control/conffiles"
    (cd "$tree" && find usr -type f | sort | xargs -d '\n' md5sum) >"$control/md5sums"
    for script in preinst postinst prerm postrm; do
        [ ! -e "$here/$1/$script" ] || install -m 0755 "$here/$1/$script" "$control/$script"
    done
    chmod 0644 "$control/control" "$control/conffiles" "$control/md5sums"
    touch -d "@$SOURCE_DATE_EPOCH" "$control" "$control"/*
    # zstd reads as fast and packs ten times as fast as xz here, for 5 % more bytes; Debian's dpkg knows it from version 12 on.
    deb="$out/millwright-$1_${version}_amd64.deb"
    dpkg-deb --root-owner-group --threads-max=1 -Zzstd -z9 --build "$tree" "$deb.new" >/dev/null
    mv "$deb.new" "$deb"
    say "$deb $(stat -c %s "$deb") bytes"
}

# The input, in one number: what was made from the same is kept.
input() {
    optional=$(cd "$home" && ls -d systemd/examples 2>/dev/null || true)
    {
        "$JAVA_HOME/bin/java" -version 2>&1
        (cd "$home" && find systemd/package systemd/units systemd/sysusers.d systemd/tmpfiles.d systemd/udev systemd/launcher $optional dashboards docs/configuration.md docs/metrics.md docs/install.md docs/power.md docs/runbooks changelog.d pom.xml \
            systemd/target/classes */target/bom.json */target/lib \
            \( -name target -o -name src \) -prune -o -type f -print | sort | xargs -d '\n' sha256sum)
        sha256sum "$(jar_of agent)" "$(jar_of collector)" "$(jar_of cli)" "$simulated"
    } | sha256sum | cut -c1-64
}

if [ "${2:-}" = assemble ]; then
    [ -e "$work/trained" ] || die "nothing is there to put together: build.sh $1"
else
    now=$(input)
    if [ -e "$out/input" ] && [ "$(cat "$out/input")" = "$now" ]; then
        say "nothing has changed: $(cd "$out" && ls ./*.deb | tr '\n' ' ')"
        exit 0
    fi
    rm -f "$out"/*.deb "$out/input"
    make_trees
    train
    touch "$work/trained"
fi
assemble agent &
first=$!
assemble collector
wait $first
[ "${2:-}" = assemble ] || echo "$now" >"$out/input"
