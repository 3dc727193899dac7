package io.millwright.agent.host;

import io.millwright.agent.systemd.Systemd;
import io.millwright.agent.systemd.SystemdException;
import io.millwright.agent.systemd.UnitRow;
import io.millwright.drivers.CallWatch;
import io.millwright.drivers.Source;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The services that this node needs, at {@link Cadence#SLOW}: whether systemd calls their units
 * {@code active} or {@code reloading}, by whichever of a unit's names. A unit that systemd does not
 * have in memory is not.
 *
 * <p><i>Lifecycle:</i> nobody is asked on a node that needs no service; one connection, opened
 * again by the next round after it was lost. <i>Threading:</i> one owner, the lane, which waits for
 * the bus. <i>Failure:</i> without a bus the series are absent, which is said once; where nobody
 * answers they are unavailable.
 */
public final class ServiceSource implements Source {
  private static final Logger LOG = LoggerFactory.getLogger(ServiceSource.class);
  private static final String SOCKET = "run/dbus/system_bus_socket";
  private static final String CALL = "systemd ListUnitsByPatterns";
  private static final Set<String> ACTIVE = Set.of("active", "reloading");

  private final String node;
  private final Requirements requirements;
  private final Path root;
  private final long uid;
  private final CallWatch watch;
  private List<String> units = List.of();
  private Readings readings = new Readings(SeriesTable.builder().build());
  private @Nullable Machine machine;
  private @Nullable Systemd connection;
  private boolean saidNoBus;
  private boolean saidTrouble;

  /**
   * @param node value of the label {@code node}
   * @param root where {@code proc}, {@code sys}, {@code etc}, {@code usr} and {@code run} are
   * @param uid of this process
   */
  public ServiceSource(
      String node, Requirements requirements, Path root, long uid, CallWatch watch) {
    this.node = node;
    this.requirements = requirements;
    this.root = root;
    this.uid = uid;
    this.watch = watch;
  }

  /** The readings; others after what is needed has changed. */
  @Override
  public Readings readings() {
    return readings;
  }

  @Override
  public boolean reads(Cadence cadence) {
    return cadence == Cadence.SLOW;
  }

  @Override
  public Outcome read(Cadence cadence, long nowNanos) {
    if (cadence != Cadence.SLOW) {
      return Outcome.ANSWERED;
    }
    Machine before = machine;
    Machine now = before == null ? Machine.seen(root) : before.again();
    machine = now;
    List<String> needed = requirements.services(now);
    if (!needed.equals(units)) {
      units = needed;
      readings = new Readings(table());
    }
    readings.at(nowNanos);
    if (units.isEmpty()) {
      return Outcome.ANSWERED;
    }
    return Files.exists(root.resolve(SOCKET)) ? asked() : withoutBus();
  }

  private SeriesTable table() {
    SeriesTable.Builder table = SeriesTable.builder();
    for (String unit : units) {
      table.add(
          Cadence.SLOW, Series.of(Metric.NODE_SERVICE_ACTIVE, node, Requirements.label(unit)));
    }
    return table.build();
  }

  private Outcome withoutBus() {
    if (!saidNoBus) {
      saidNoBus = true;
      LOG.info(
          "no system bus: the services that this node needs are not watched socket={} services={}",
          root.resolve(SOCKET),
          units);
    }
    for (int i = 0; i < units.size(); i++) {
      readings.unsupported(i);
    }
    return Outcome.ANSWERED;
  }

  private Outcome asked() {
    watch.entered(CALL);
    try {
      Set<String> active = new HashSet<>();
      Systemd systemd = connected();
      Set<String> other = new LinkedHashSet<>(units);
      for (UnitRow row : systemd.list(units)) {
        other.remove(row.name());
        if (ACTIVE.contains(row.active())) {
          active.add(row.name());
        }
      }
      for (String unit : other) { // a list has a unit's own name alone, and not sshd of ssh
        if (systemd.active(unit).filter(ACTIVE::contains).isPresent()) {
          active.add(unit);
        }
      }
      watch.returned(CALL, 0);
      for (int i = 0; i < units.size(); i++) {
        readings.measured(i, active.contains(units.get(i)) ? 1 : 0);
      }
      saidTrouble = false;
      return Outcome.ANSWERED;
    } catch (SystemdException trouble) {
      watch.returned(CALL, -1);
      return failed(trouble);
    }
  }

  private Outcome failed(SystemdException trouble) {
    if (!saidTrouble) {
      saidTrouble = true;
      LOG.warn("systemd does not say whether the services that this node needs run", trouble);
    }
    close();
    for (int i = 0; i < units.size(); i++) {
      readings.unavailable(i, Fault.OTHER);
    }
    return Outcome.FAILED;
  }

  private Systemd connected() throws SystemdException {
    Systemd open = connection;
    if (open != null && open.connected()) {
      return open;
    }
    close();
    Systemd fresh = Systemd.connect(root.resolve(SOCKET), uid);
    connection = fresh;
    return fresh;
  }

  @Override
  public void close() {
    Systemd open = connection;
    connection = null;
    if (open != null) {
      open.close();
    }
  }
}
