#!/bin/sh
# The collector's table of docs/performance.md, beside Debian's Prometheus and VictoriaMetrics in the same run:
#   benchmarks/collector.sh                     all of it, with 1,000 nodes
#   benchmarks/collector.sh fleet=10000         ten thousand nodes: some 8 GB of memory
#   benchmarks/collector.sh bare=10000          beside it: a bare reader of what such a fleet sends
#   ./millwright benchmark placement            planning on 10,000 nodes, and durable grants
#   benchmarks/collector.sh quick ingest peers  shorter windows, these parts alone
# It wants two cores, ss (iproute2) and taskset. Each figure is a line of JSON.
set -eu
cd "$(dirname "$0")/.."
exec ./millwright benchmark collector "$@"
