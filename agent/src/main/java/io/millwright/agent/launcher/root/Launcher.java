package io.millwright.agent.launcher.root;

import io.millwright.agent.launcher.LauncherCall;
import io.millwright.agent.launcher.Layout;
import io.millwright.agent.launcher.Pinned;
import io.millwright.agent.launcher.ProcessTable;
import io.millwright.protocol.clock.Clock;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.FileSystems;
import java.nio.file.attribute.UserPrincipal;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The launcher behind its socket, wired by hand.
 *
 * <p><i>Lifecycle:</i> {@link #serve} once, until nobody has asked for so long. <i>Threading:</i>
 * the caller's thread owns the socket.
 */
public final class Launcher {
  private static final Logger LOG = LoggerFactory.getLogger(Launcher.class);

  private final Layout layout;
  private final Optional<PowerProgram> power;
  private final Duration toSet;
  private final Clock clock;

  /** Of a node whose units systemd has. */
  Launcher(Layout layout, Clock clock) {
    this.layout = layout;
    this.power = Optional.empty();
    this.toSet = PowerDesk.TO_SET;
    this.clock = clock;
  }

  /**
   * With another program to set power limits than the unit of systemd's.
   *
   * @param toSet how long it may take
   */
  public Launcher(Layout layout, PowerProgram power, Duration toSet, Clock clock) {
    this.layout = layout;
    this.power = Optional.of(power);
    this.toSet = toSet;
    this.clock = clock;
  }

  /** Returns when nobody has asked for so long and nothing is under way. */
  public void serve(ServerSocketChannel socket, Duration idle) throws IOException {
    UserPrincipalLookupService users = FileSystems.getDefault().getUserPrincipalLookupService();
    Set<UserPrincipal> allowed =
        new HashSet<>(
            List.of(
                users.lookupPrincipalByName("root"), users.lookupPrincipalByName(layout.agent())));
    ProcessTable table = ProcessTable.open();
    try (JobUnits units = new JobUnits(layout.bus(), clock)) {
      PowerDesk limits =
          new PowerDesk(
              layout.policy(),
              layout.ledger().resolve("power"),
              power.orElseGet(() -> new PowerUnit(units)),
              toSet,
              clock);
      Desk desk = new Desk(layout, units, table, limits, new LauncherCall(layout.reader(), clock));
      LOG.info(
          "the launcher is ready socket={} starts={}",
          layout.socket(),
          Seal.words(Pinned.read(layout.orders())));
      new Door(socket, allowed, desk::take, idle, clock).serve(desk::remembers);
    }
  }
}
