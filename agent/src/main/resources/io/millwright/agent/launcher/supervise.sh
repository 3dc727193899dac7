# Begins one attempt of a run, keeps what it prints, and writes down how it ended. Outlives the
# agent. Everything a user chose arrives as a positional parameter or through a file, and is never
# a part of this text.
# $1 directory of the attempt  $2 uid:gid to become, or "-"  $3 working directory
# $4 bytes of one of the two files of output  $5 text of begin.sh  $6... program and arguments
set -u
umask 077
attempt=$1 become=$2 directory=$3 half=$4 begin=$5
shift 5
cd "$attempt" || exit 1
mkdir begun 2>/dev/null || exit 0 # claimed before, by a start or by a recovery: never twice

# The fields of /proc/PID/stat after the name, which may hold blanks and parentheses.
ticks() {
  read -r line <"/proc/$1/stat" || return 1
  set -- ${line##*) }
  started=${20}
}

# Two files of a bounded size, each named by the offset of its first byte; the older is dropped when
# the newer is half full. dd counts reads and not bytes: a short read is no end, only one that adds
# nothing is.
keep() {
  block=4096
  [ "$half" -ge 65536 ] || block=512
  size=0
  base=0
  older=
  : >output.0
  while dd bs=$block count=$((half / 2 / block)) status=none >>output.$base; do
    now=$(wc -c <output.$base)
    [ "$now" -gt "$size" ] || return 0
    size=$now
    [ "$size" -ge $((half / 2)) ] || continue
    : >output.$((base + size))
    [ -z "$older" ] || rm -f output.$older
    older=$base
    base=$((base + size))
    size=0
  done
  exec cat >/dev/null # the disk is full: the job goes on all the same
}

read -r boot </proc/sys/kernel/random/boot_id
read -r since rest </proc/uptime
ticks $$
supervisor="$$ $started"
printf '%80s\n' ' ' >exit.new # has its block before the disk can be full
mkfifo pipe
[ "$become" = - ] || chown "$become" pipe
exec 5<>pipe # so that neither end waits for the other
( # exec closes for good; a redirection of a function keeps the descriptor under another number
  exec <pipe 5>&-
  keep
) &
writer=$!
if [ "$become" = - ]; then
  setsid /bin/sh -c "$begin" begin "$directory" "$@" <environment 3>verdict >pipe 2>&1 5>&- &
else
  setsid setpriv --reuid="${become%:*}" --regid="${become#*:}" --clear-groups --no-new-privs \
    --inh-caps=-all /bin/sh -c "$begin" begin "$directory" "$@" \
    <environment 3>verdict >pipe 2>&1 5>&- &
fi
job=$!
started=0
ticks "$job"
exec 5>&-
echo "$supervisor $job $started $since $boot" >process.new && mv process.new process

wait "$job"
code=$?
record() {
  read -r now rest </proc/uptime
  printf '%s %s %s ' "$code" "$now" "$boot" 1<>exit.new || return 1
  sync exit.new || sync || return 1
  mv exit.new exit && { sync . || sync; }
}
until record; do sleep 1; done
wait "$writer"
