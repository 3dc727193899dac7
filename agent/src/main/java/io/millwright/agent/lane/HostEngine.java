package io.millwright.agent.lane;

import io.millwright.protocol.clock.Clock;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
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
  private volatile Seen seen = Seen.NOTHING;

  /** What was seen: nothing yet, nobody, or somebody. */
  private enum Seen {
    NOTHING,
    NOBODY,
    SOMEBODY
  }

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

  /** Whether this agent may use the counters now; not before somebody has looked. */
  public boolean countersFree() {
    return switch (use.get()) {
      case AUTO -> seen == Seen.NOBODY;
      case ALWAYS -> true;
      case NEVER -> false;
    };
  }

  /** Looks each ten seconds. */
  @Override
  public void run() {
    long now = clock.nanos();
    if (use.get() == Use.AUTO && (seen == Seen.NOTHING || now - nextNanos >= 0)) {
      nextNanos = now + PAUSE.toNanos();
      look();
    }
  }

  /** Looks at the processes of this moment. */
  void look() {
    Optional<Path> found;
    try {
      found = find();
    } catch (IOException | DirectoryIteratorException unreadable) {
      LOG.debug("processes not listed; what was seen last still counts", unreadable);
      return;
    }
    Seen before = seen;
    seen = found.isPresent() ? Seen.SOMEBODY : Seen.NOBODY;
    if (found.isPresent() && before != Seen.SOMEBODY) {
      LOG.warn(
          "GPM stands down: the counters are another's process={} name={}",
          found.get().getFileName(),
          text(found.get(), "comm"));
    } else if (found.isEmpty() && before == Seen.SOMEBODY) {
      LOG.info("GPM goes on: the counters are free");
    }
  }

  private Optional<Path> find() throws IOException {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(processes, "[0-9]*")) {
      for (Path process : entries) {
        if (NAMES.contains(text(process, "comm")) && !ofJob(process)) {
          return Optional.of(process);
        }
      }
    }
    return Optional.empty();
  }

  /** A job may give itself any name, and must not switch off what the node is measured by. */
  private static boolean ofJob(Path process) {
    return text(process, "cgroup").contains("/mw-job-");
  }

  /** Empty for one that has just ended. */
  private static String text(Path process, String file) {
    try {
      return Files.readString(process.resolve(file)).strip();
    } catch (IOException gone) {
      return "";
    }
  }
}
