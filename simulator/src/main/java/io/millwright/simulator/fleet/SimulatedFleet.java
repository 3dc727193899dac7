package io.millwright.simulator.fleet;

import io.millwright.agent.uplink.UplinkLoops;
import io.millwright.collector.trust.Authority;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.clock.Threads;
import io.millwright.protocol.tls.CertificateRequest;
import io.millwright.protocol.tls.Credentials;
import io.millwright.protocol.tls.MutualTls;
import io.millwright.protocol.tls.PeerIdentity;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.security.KeyPair;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;

/**
 * A fleet of simulated nodes that speak to a collector, spread evenly over each period.
 *
 * <p><i>Lifecycle:</i> {@link #start}; {@link #freeze} once, where the last values are to be
 * compared; {@link #close}. <i>Threading:</i> the thread {@code fleet} makes all values and decides
 * of faults and churn; two event loops {@code uplink} encode and send. <i>Failure:</i> a node that
 * is not taken tries again as an agent does, for ever.
 */
public final class SimulatedFleet implements AutoCloseable {
  private static final int LOOPS = 2;
  private static final long SECOND = 1_000_000_000;

  /** What is due within so long is done at once: to wake costs more than to tick. */
  private static final long AT_ONCE = 2_000_000;

  private static final Duration ENDING = Duration.ofSeconds(5);

  private final FleetOptions options;
  private final Clock clock;
  private final UplinkLoops loops = new UplinkLoops(LOOPS);
  private final List<FleetNode> nodes = new ArrayList<>();
  private final RandomGenerator random;
  private final Thread thread = Threads.platform("fleet", this::run);
  private volatile boolean freezing;
  private volatile boolean frozen;
  private volatile boolean stopping;
  private final LongAdder ticks = new LongAdder();
  private final LongAdder skipped = new LongAdder();
  private volatile int faults;
  private volatile int gone;

  /**
   * How it is.
   *
   * @param connected nodes with an open session
   * @param ticks samples that were made
   * @param skipped samples that were not made, because this process was late by a whole period
   * @param faults that have begun
   * @param gone how often a node has gone
   * @param told events of the nodes
   * @param acknowledged those of them that the collector has durably
   */
  public record Counts(
      int connected,
      long ticks,
      long skipped,
      int faults,
      int gone,
      long told,
      long acknowledged) {}

  /** The nodes, with their certificates; nothing is connected yet. */
  public SimulatedFleet(FleetOptions options, Clock clock) {
    this.options = options;
    this.clock = clock;
    this.random = new SplittableRandom(options.seed());
    boolean loopback =
        new InetSocketAddress(options.host(), 0).getAddress() instanceof Inet4Address four
            && four.isLoopbackAddress();
    if (options.authority().isEmpty() && !loopback) {
      throw new IllegalArgumentException(
          "--collector: '%s' is refused without --authority, for the sessions would be in the clear; allowed is an address of loopback"
              .formatted(options.host()));
    }
    KeyPair keys = CertificateRequest.newKeys();
    for (int i = 0; i < options.nodes(); i++) {
      String name = FleetOptions.name(i);
      nodes.add(
          new FleetNode(
              FleetNode.options(
                  options.host(),
                  options.port(),
                  name,
                  loopback ? Optional.of(address(i)) : Optional.empty()),
              options.authority().map(authority -> tls(authority, name, keys)),
              loops,
              random,
              clock));
    }
  }

  /** One key serves all, which a collector does not see; a key for each would take minutes. */
  private MutualTls tls(Authority authority, String name, KeyPair keys) {
    PeerIdentity who = new PeerIdentity.Node(authority.site(), name);
    return new MutualTls(
        new Credentials(
            keys.getPrivate(),
            authority.certify(who, List.of(), keys.getPublic()),
            authority.certificate()),
        clock);
  }

  /** 127.1.0.1 and on, so that each node has an address as in a site. */
  private static InetAddress address(int index) {
    int host = index + 1;
    try {
      return InetAddress.getByAddress(
          new byte[] {127, (byte) (1 + (host >> 16)), (byte) (host >> 8), (byte) host});
    } catch (UnknownHostException e) {
      throw new IllegalStateException("four bytes are an address", e);
    }
  }

  public void start() {
    thread.start();
  }

  private void run() {
    long begun = clock.nanos();
    long period = options.period().toNanos();
    Faults breaking = new Faults(nodes, options, random, begun);
    long next = 0;
    while (!stopping) {
      boolean still = freezing;
      if (!still) {
        breaking.look(clock.nanos());
        faults = breaking.begun();
        gone = breaking.gone();
      }
      long now = clock.nanos();
      long due = due(begun, next, period);
      while (now - due >= 0 && !stopping) {
        if (now - due > period) {
          next++;
          skipped.increment();
        } else {
          turn((int) (next % nodes.size()), now - begun, still);
          next++;
        }
        due = due(begun, next, period);
        now = clock.nanos();
      }
      frozen = still;
      clock.parkUntil(Math.max(due, now + AT_ONCE));
    }
  }

  /** When a turn begins, without an overflow in months. */
  private long due(long begun, long turn, long period) {
    int all = nodes.size();
    return begun + turn / all * period + turn % all * period / all;
  }

  private void turn(int index, long sinceBegun, boolean still) {
    FleetNode node = nodes.get(index);
    if (!node.present()) {
      boolean may = sinceBegun >= index * SECOND / options.begunASecond();
      if (!may || !(still || node.due(clock.nanos()))) {
        return;
      }
      node.come();
    }
    ticks.increment();
    if (still) {
      node.stand(clock.nanos());
    } else {
      node.tick(clock.nanos());
    }
  }

  /**
   * From now on all values stand still and go on being sent, nothing breaks, and who has gone comes
   * back; returns when that is so.
   */
  public void freeze() {
    freezing = true;
    while (!frozen && thread.isAlive()) {
      clock.parkUntil(clock.nanos() + AT_ONCE);
    }
  }

  /** Their names, in order. */
  public List<String> names() {
    return nodes.stream().map(node -> node.model().name()).toList();
  }

  /**
   * The digest of a node's last values; see {@link ModelledNode#digest}. After {@link #freeze}.
   *
   * @param index of the node among {@link #names}
   */
  public String digest(int index) {
    if (!frozen) {
      throw new IllegalStateException("the values move: freeze them first");
    }
    return nodes.get(index).model().digest().orElse("");
  }

  public Counts counts() {
    return new Counts(
        (int) nodes.stream().filter(FleetNode::connected).count(),
        ticks.sum(),
        skipped.sum(),
        faults,
        gone,
        nodes.stream().mapToLong(node -> node.log().told()).sum(),
        nodes.stream().mapToLong(node -> node.log().acknowledged()).sum());
  }

  /** All nodes leave in order, for five seconds at most. */
  @Override
  public void close() {
    stopping = true;
    LockSupport.unpark(thread);
    try {
      thread.join(ENDING);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    nodes.forEach(node -> node.go(0));
    long until = clock.nanos() + ENDING.toNanos();
    while (clock.nanos() - until < 0 && !nodes.stream().allMatch(FleetNode::left)) {
      clock.parkUntil(clock.nanos() + AT_ONCE);
    }
    loops.close();
  }

  /** UUIDs of the devices that the last samples show as lost. After {@link #freeze}. */
  public List<String> lostDevices() {
    return nodes.stream().flatMap(node -> node.model().lostDevices().stream()).toList();
  }
}
