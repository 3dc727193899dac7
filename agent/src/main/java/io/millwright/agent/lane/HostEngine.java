package io.millwright.agent.lane;

import io.millwright.protocol.clock.Clock;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether somebody else measures with the devices' performance counters: a process named {@code
 * nv-hostengine}, or {@code dcgm-exporter}, which may have an engine inside itself. Two readers of
 * these counters may disturb one another (nvml.md section 4).
 *
 * <p>Told by {@code /proc/PID/comm}, which any user may read; where {@code /proc} hides the
 * processes of others from this user, the engine is not seen, and the site says {@code never}. A
 * port or a socket tells less: an engine inside a program has neither, and one in a container has
 * them in a network of its own.
 *
 * <p><i>Threading:</i> {@link #look} on the upkeep's lane, the answer on any thread.
 */
public final class HostEngine implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(HostEngine.class);
  private static final Set<String> NAMES = Set.of("nv-hostengine", "dcgm-exporter");
  private static final Duration PAUSE = Duration.ofSeconds(10);

  private final Path processes;
  private final Supplier<Use> use;
  private final Clock clock;
  private long nextNanos;
  private boolean looked;
  private volatile boolean running;

  /** When the site wants the counters to be used; the words of {@code nvidia.gpm}. */
  public enum Use {
    AUTO,
    ALWAYS,
    NEVER
  }

  /**
   * @param processes {@code /proc}
   * @param use asked each time
   */
  public HostEngine(Path processes, Supplier<Use> use, Clock clock) {
    this.processes = processes;
    this.use = use;
    this.clock = clock;
  }

  /** Whether this agent may use the counters now. */
  public boolean countersFree() {
    return switch (use.get()) {
      case AUTO -> !running;
      case ALWAYS -> true;
      case NEVER -> false;
    };
  }

  /** Looks each ten seconds. */
  @Override
  public void run() {
    long now = clock.nanos();
    if (use.get() == Use.AUTO && (!looked || now - nextNanos >= 0)) {
      looked = true;
      nextNanos = now + PAUSE.toNanos();
      look();
    }
  }

  /** Looks at the processes of this moment. */
  void look() {
    Optional<String> found = find();
    if (found.isPresent() != running) {
      running = found.isPresent();
      found.ifPresentOrElse(
          name -> LOG.info("GPM stands down: the counters are another's process={}", name),
          () -> LOG.info("GPM goes on: the counters are free"));
    }
  }

  private Optional<String> find() {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(processes, "[0-9]*")) {
      for (Path process : entries) {
        Optional<String> name = name(process);
        if (name.filter(NAMES::contains).isPresent()) {
          return name;
        }
      }
    } catch (IOException unreadable) {
      LOG.debug("processes not listed", unreadable);
    }
    return Optional.empty();
  }

  /** Empty for one that has just ended. */
  private static Optional<String> name(Path process) {
    try {
      return Optional.of(Files.readString(process.resolve("comm")).strip());
    } catch (IOException gone) {
      return Optional.empty();
    }
  }
}
