package io.millwright.agent.launcher.root;

import io.millwright.agent.launcher.Execution;
import io.millwright.agent.launcher.Policy;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.job.RunId;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How many runs the agent may have stopped within an hour, where the policy says so: whatever
 * collector or agent has become, others of the node's jobs go on. An empty file a run, from whose
 * time of change the hour counts, in a directory that is root's alone.
 *
 * <p><i>Threading:</i> any thread.
 */
final class StopBound {
  private static final Logger LOG = LoggerFactory.getLogger(StopBound.class);
  private static final Duration HOUR = Duration.ofHours(1);

  /** A run that has not ended by then counts anew. */
  private static final Duration KEPT = Duration.ofDays(1);

  private final Path stopped;
  private final Clock clock;

  /** Those for which the disk has no room; the launcher does not end by itself while they count. */
  private final Map<RunId, Instant> unwritten = new HashMap<>();

  /**
   * @param ledger the launcher's own directory
   */
  StopBound(Path ledger, Clock clock) {
    this.stopped = ledger.resolve("stopped");
    this.clock = clock;
  }

  /**
   * Why a run that goes on is not stopped now; empty where it may be, and then it is counted. What
   * was counted may be stopped again. Where it cannot be written down, this launcher remembers it.
   */
  synchronized Optional<String> refusal(RunId run, Execution execution) {
    if (!(execution instanceof Execution.On(Policy policy))
        || policy.limits().stopsPerHour().isEmpty()) {
      return Optional.empty();
    }
    int most = policy.limits().stopsPerHour().getAsInt();
    Path own = stopped.resolve(run.text());
    if (unwritten.containsKey(run) || Files.exists(own)) {
      return Optional.empty();
    }
    List<Instant> lately = lately();
    if (lately.size() >= most) {
      Instant free = lately.get(lately.size() - most).plus(HOUR);
      return Optional.of(
          "limits.stops_per_hour: this node stops %d an hour, and %d were stopped; %s is stopped when it is asked again after %s"
              .formatted(most, lately.size(), run.text(), free));
    }
    try {
      Files.createDirectories(stopped);
      Files.createFile(own);
      Files.setLastModifiedTime(own, FileTime.from(clock.wall()));
    } catch (IOException full) {
      LOG.warn("a stop is remembered by this launcher alone run={}", run.text(), full);
      unwritten.put(run, clock.wall());
    }
    return Optional.empty();
  }

  /**
   * When those within an hour were stopped, the first first; what is old is deleted. What lies in
   * the future, because the clock was set back, counts from now on.
   */
  private List<Instant> lately() {
    Instant now = clock.wall();
    unwritten.replaceAll((run, at) -> at.isAfter(now) ? now : at);
    unwritten.values().removeIf(at -> !isLate(at, now));
    List<Instant> times = new ArrayList<>(unwritten.values());
    try (DirectoryStream<Path> files = Files.newDirectoryStream(stopped)) {
      for (Path file : files) {
        Instant at = Files.getLastModifiedTime(file).toInstant();
        if (at.isAfter(now)) { // the clock was set back
          Files.setLastModifiedTime(file, FileTime.from(now));
          at = now;
        }
        if (isLate(at, now)) {
          times.add(at);
        } else if (Duration.between(at, now).compareTo(KEPT) > 0) {
          Files.deleteIfExists(file);
        }
      }
    } catch (NoSuchFileException | NotDirectoryException none) {
      LOG.debug("no stop was counted", none);
    } catch (IOException unreadable) {
      LOG.warn("the stops that were counted cannot all be read", unreadable);
    }
    times.sort(Comparator.naturalOrder());
    return times;
  }

  private static boolean isLate(Instant at, Instant now) {
    return Duration.between(at, now).compareTo(HOUR) < 0;
  }

  /** Whether stops count that a launcher after this one would not know of. */
  synchronized boolean remembers() {
    Instant now = clock.wall();
    return unwritten.values().stream().anyMatch(at -> isLate(at, now));
  }
}
