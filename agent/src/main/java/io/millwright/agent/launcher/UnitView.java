package io.millwright.agent.launcher;

import io.millwright.agent.systemd.Systemd;
import io.millwright.agent.systemd.SystemdException;
import io.millwright.agent.systemd.UnitRow;
import io.millwright.protocol.clock.Clock;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The units of jobs as systemd shows them to anybody; connects when it is asked, again after a
 * loss, and not more often than each second. Owned by the thread {@code units}; by the reader of
 * the list before that.
 */
final class UnitView implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(UnitView.class);
  private static final String OURS = "mw-job-*.service";
  private static final String ENDS = "millwright-ended-";
  private static final Duration BETWEEN = Duration.ofSeconds(1);

  private final Path bus;
  private final Clock clock;
  private final Runnable hint;
  private final long self = UnixUsers.self();
  private @Nullable Systemd connection;
  private boolean silent;
  private long tryAt;

  /**
   * @param hint told, on a thread of the connection, when it may be worth looking
   */
  UnitView(Path bus, Clock clock, Runnable hint) {
    this.bus = bus;
    this.clock = clock;
    this.hint = hint;
  }

  /** By name; empty when nobody answers, which says nothing of the units. */
  Optional<Map<String, UnitRow>> rows() {
    try {
      Optional<Systemd> open = connected();
      if (open.isEmpty()) {
        return Optional.empty();
      }
      Map<String, UnitRow> rows = new HashMap<>();
      open.get().list(OURS).forEach(row -> rows.put(row.name(), row));
      if (silent) {
        silent = false;
        LOG.info("systemd answers again");
      }
      return Optional.of(rows);
    } catch (SystemdException trouble) {
      lost(trouble);
      return Optional.empty();
    }
  }

  /** Of the unit's present or latest invocation; empty also when nobody answers. */
  Optional<String> invocation(UnitRow row) {
    try {
      Optional<Systemd> open = connected();
      return open.isPresent() ? open.get().invocation(row) : Optional.empty();
    } catch (SystemdException trouble) {
      lost(trouble);
      return Optional.empty();
    }
  }

  /** The number of the unit's main process; empty when it has none, or nobody answers. */
  Optional<Long> process(UnitRow row) {
    try {
      Optional<Systemd> open = connected();
      return open.isPresent()
          ? open.get().number(row, "MainPID").filter(pid -> pid > 1)
          : Optional.empty();
    } catch (SystemdException trouble) {
      lost(trouble);
      return Optional.empty();
    }
  }

  private Optional<Systemd> connected() throws SystemdException {
    Systemd open = connection;
    if (open != null && open.connected()) {
      return Optional.of(open);
    }
    if (tryAt != 0 && clock.nanos() - tryAt < 0) {
      return Optional.empty();
    }
    tryAt = clock.nanos() + BETWEEN.toNanos();
    Systemd fresh = Systemd.connect(bus, self, new Ears());
    connection = fresh;
    return Optional.of(fresh);
  }

  private void lost(SystemdException trouble) {
    if (!silent) {
      silent = true;
      LOG.warn("systemd does not answer; jobs go on and are looked after again later", trouble);
    }
    close();
  }

  @Override
  public void close() {
    Systemd open = connection;
    connection = null;
    if (open != null) {
      open.close();
    }
  }

  private final class Ears implements Systemd.Listener {
    @Override
    public void finished(String unit, String result) {
      if (unit.startsWith("mw-job-") || unit.startsWith(ENDS)) {
        hint.run();
      }
    }

    @Override
    public void lost() {
      hint.run();
    }
  }
}
