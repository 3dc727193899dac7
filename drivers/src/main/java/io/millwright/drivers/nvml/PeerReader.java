package io.millwright.drivers.nvml;

import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The way from the device to each other one of the node: nvml.md 2.16.
 *
 * <p>A peer is asked about once it is open and has answered, again when it was opened anew, and
 * when something happened to this device: three calls, one peer a slow round, and none in any other
 * round. No function is called on the peer's own handle; whether a driver asks the peer for what it
 * says of a pair is not established.
 *
 * <p><i>Failure:</i> what is refused for a peer is the peer's or the pair's, and no fault of this
 * device; it is asked for some rounds more, and what is known of it stays.
 */
final class PeerReader implements Reader {
  private static final int MOST = 63;
  private static final int TRIES = 10;

  private static final List<String> PATHS =
      List.of("internal", "single_switch", "multiple_switches", "host_bridge", "node", "system");

  /** {@code nvmlGpuTopologyLevel_t} in the order of the words. */
  private static final int[] LEVELS = {0, 10, 20, 30, 40, 50};

  /** In the order of {@code nvmlGpuP2PStatus_t}. */
  private static final List<String> STATUSES =
      List.of(
          "ok",
          "chipset_not_supported",
          "gpu_not_supported",
          "topology_not_supported",
          "disabled_by_regkey",
          "not_supported",
          "unknown");

  /** {@code NVML_P2P_CAPS_INDEX_NVLINK}. */
  private static final int NVLINK = 2;

  /** Where in the scratch area the peer's identity is written; handles and answers are before. */
  private static final int IDENTITY = 64;

  /** A peer's number among the uses of a function: see {@link Admission}. */
  private static final int USE = (1 << Admission.PART_SHIFT) - 1;

  private final Neighbours neighbours;
  private final String own;
  private final boolean wanted;
  private final Map<String, Way> known = new LinkedHashMap<>();

  /** Of the peers that are there, as they were when they were met. */
  private final Map<String, Long> openings = new LinkedHashMap<>();

  private final Deque<Waiting> waiting = new ArrayDeque<>();
  private long seen;
  private boolean news;

  /** Words of the labels; empty where the driver does not say. */
  private record Way(String path, String nvlink) {
    static final Way UNTOLD = new Way("", "");
  }

  /** Who is to be asked about. */
  private record Waiting(String uuid, int tries) {}

  PeerReader(Neighbours neighbours, Accelerator accelerator, SeriesTable.Builder table) {
    this.neighbours = neighbours;
    this.own = accelerator.uuid();
    this.wanted = table.wants(Metric.ACCELERATOR_PEER_INFO);
  }

  @Override
  public void read(Cadence cadence, DeviceCalls calls) {
    if (cadence != Cadence.SLOW || !wanted) {
      return;
    }
    Neighbours.Present now = neighbours.present();
    if (now.number() != seen) {
      seen = now.number();
      meet(now.peers(), calls);
    }
    Waiting next = waiting.poll();
    if (next != null && !ask(calls, next.uuid()) && next.tries() > 1) {
      waiting.add(new Waiting(next.uuid(), next.tries() - 1));
    }
  }

  /** What is known stays until something else is said. */
  @Override
  public void askAnew() {
    waiting.clear();
    openings.keySet().forEach(uuid -> waiting.add(new Waiting(uuid, TRIES)));
  }

  private void meet(List<Neighbours.Peer> now, DeviceCalls calls) {
    Map<String, Long> others = new LinkedHashMap<>();
    for (Neighbours.Peer peer : now) {
      if (!peer.uuid().equals(own) && (others.size() < MOST || others.containsKey(peer.uuid()))) {
        others.put(peer.uuid(), peer.opening());
      }
    }
    news |= known.keySet().retainAll(others.keySet());
    openings.keySet().retainAll(others.keySet());
    waiting.removeIf(one -> !others.containsKey(one.uuid()));
    others.forEach((uuid, opening) -> {
      if (!opening.equals(openings.put(uuid, opening))) {
        calls.nvml().admission().forgetRefusals(use(uuid));
        waiting.removeIf(one -> one.uuid().equals(uuid));
        waiting.add(new Waiting(uuid, TRIES));
      }
    });
  }

  private static int use(String uuid) {
    return uuid.hashCode() & USE;
  }

  /** Whether that is settled now. */
  private boolean ask(DeviceCalls calls, String uuid) {
    Nvml nvml = calls.nvml();
    int use = use(uuid);
    calls.block().putString(DeviceCalls.OUT + IDENTITY, uuid);
    if (nvml.peer(calls.out(IDENTITY), use, calls.out(0)) != NvmlCode.SUCCESS) {
      return false;
    }
    long peer = calls.block().getLong(DeviceCalls.OUT);
    Way before = known.getOrDefault(uuid, Way.UNTOLD);
    int pathCode = nvml.commonAncestor(calls.device(), peer, use, calls.out(0));
    String path = pathCode == NvmlCode.SUCCESS ? path(answer(calls)) : before.path();
    int linkCode = nvml.peerStatus(calls.device(), peer, NVLINK, use, calls.out(0));
    String nvlink = linkCode == NvmlCode.SUCCESS ? status(answer(calls)) : before.nvlink();
    Way now = new Way(path, nvlink);
    if (!now.equals(before)) {
      known.put(uuid, now);
      news = true;
    }
    return settled(pathCode) && settled(linkCode);
  }

  private static boolean settled(int code) {
    return code == NvmlCode.SUCCESS || NvmlCode.refusal(code);
  }

  private static int answer(DeviceCalls calls) {
    return calls.block().getInt(DeviceCalls.OUT);
  }

  private static String path(int level) {
    for (int i = 0; i < LEVELS.length; i++) {
      if (level == LEVELS[i]) {
        return PATHS.get(i);
      }
    }
    return unknown(level);
  }

  private static String status(int status) {
    return status >= 0 && status < STATUSES.size() ? STATUSES.get(status) : unknown(status);
  }

  private static String unknown(int number) {
    return "unknown(" + number + ")";
  }

  /** Whether there is other to show than when this was asked last. */
  boolean takeNews() {
    boolean there = news;
    news = false;
    return there;
  }

  /** The peers by now, as series whose value is always 1. */
  List<Series> infos(Accelerator accelerator) {
    List<Series> infos = new ArrayList<>();
    known.forEach((uuid, way) ->
        infos.add(
            Series.of(Metric.ACCELERATOR_PEER_INFO, accelerator, uuid, way.path(), way.nvlink())));
    return infos;
  }
}
