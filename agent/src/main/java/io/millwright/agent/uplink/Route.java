package io.millwright.agent.uplink;

import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.tls.HostPort;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Where the next session is sought: at the address of the configuration, or where a collector has
 * sent this node.
 *
 * <p>A redirect lives in memory alone, and the address of the configuration stays among those that
 * are tried. It comes first again once a session elsewhere has ended, and alone once one is open
 * there, or once there were more redirects than {@link #MOST} within {@link #WITHIN}: collectors
 * that send nodes round and round are left after a few turns.
 *
 * <p><i>Threading:</i> the event loop of the uplink.
 */
final class Route {
  /** Redirects that are followed within {@link #WITHIN}. */
  static final int MOST = 4;

  static final Duration WITHIN = Duration.ofMinutes(10);

  private final HostPort home;
  private final Clock clock;
  private final Deque<Long> followed = new ArrayDeque<>();
  private List<HostPort> places;
  private int at;
  private boolean open;

  /**
   * @param home address of the configuration
   */
  Route(HostPort home, Clock clock) {
    this.home = home;
    this.clock = clock;
    this.places = List.of(home);
  }

  /** Where the next session is sought, or the present one is. */
  HostPort place() {
    return places.get(at);
  }

  /** Whether that is not the address of the configuration. */
  boolean away() {
    return !place().equals(home);
  }

  /** A session is open there. */
  void opened() {
    open = true;
    if (place().equals(home)) {
      goHome();
    }
  }

  /** The session has ended, or none could be opened there. */
  void ended() {
    at = open ? places.indexOf(home) : (at + 1) % places.size();
    open = false;
  }

  /**
   * The collector of the session that ends names others. Those that are no address, or its own, are
   * left out.
   *
   * @return whether they are tried next
   */
  boolean sent(List<String> addresses) {
    Set<HostPort> named = new LinkedHashSet<>();
    addresses.stream()
        .map(HostPort::parse)
        .flatMap(Optional::stream)
        .filter(one -> one.port() > 0 && !one.equals(place()))
        .forEach(named::add);
    if (named.isEmpty()) {
      return false;
    }
    long now = clock.nanos();
    while (!followed.isEmpty() && now - followed.getFirst() > WITHIN.toNanos()) {
      followed.removeFirst();
    }
    if (followed.size() >= MOST) {
      goHome();
      return false;
    }
    followed.addLast(now);
    named.add(home);
    places = List.copyOf(named);
    open = false;
    at = 0;
    return true;
  }

  private void goHome() {
    places = List.of(home);
    at = 0;
  }
}
