package io.millwright.agent.launcher.root;

import io.millwright.agent.systemd.Property;
import io.millwright.agent.systemd.Systemd;
import io.millwright.agent.systemd.SystemdException;
import io.millwright.protocol.clock.Clock;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Systemd for the launcher: connects when it is needed, and again when the connection was lost.
 *
 * <p><i>Threading:</i> any thread.
 */
final class JobUnits implements AutoCloseable {
  private static final long ROOT = 0;

  /** Longer than systemd itself waits for a start. */
  private static final Duration TO_START = Duration.ofSeconds(45);

  private static final int TRIES = 40;
  private static final Duration BETWEEN = Duration.ofMillis(250);

  private final Path bus;
  private final Clock clock;
  private final Map<String, CompletableFuture<String>> awaited = new ConcurrentHashMap<>();
  private @Nullable Systemd connection;

  JobUnits(Path bus, Clock clock) {
    this.bus = bus;
    this.clock = clock;
  }

  /** What systemd is asked. */
  @FunctionalInterface
  interface Question<T> {
    T ask(Systemd systemd) throws SystemdException;
  }

  /** Asks; a bus that is being restarted is waited for, for ten seconds. */
  <T> T ask(Question<T> question) throws SystemdException {
    return question.ask(connected());
  }

  private synchronized Systemd connected() throws SystemdException {
    Systemd open = connection;
    if (open != null && open.connected()) {
      return open;
    }
    for (int i = 1; ; i++) {
      try {
        Systemd fresh = Systemd.connect(bus, ROOT, new Ears());
        connection = fresh;
        return fresh;
      } catch (SystemdException unreachable) {
        if (i == TRIES) {
          throw unreachable;
        }
        clock.parkUntil(clock.nanos() + BETWEEN.toNanos());
      }
    }
  }

  /** Begins a unit and waits until its program is reached; {@code done} when it was. */
  String start(String unit, List<Property> properties, Map<String, List<Property>> beside)
      throws SystemdException, TimeoutException {
    return start(
        unit,
        systemd -> {
          systemd.start(unit, properties, beside);
          return unit;
        },
        TO_START);
  }

  /** Begins an installed unit and waits for the end of its start; {@code done} when it was good. */
  String start(String unit, Duration longest) throws SystemdException, TimeoutException {
    return start(
        unit,
        systemd -> {
          systemd.startInstalled(unit);
          return unit;
        },
        longest);
  }

  private String start(String unit, Question<String> begin, Duration longest)
      throws SystemdException, TimeoutException {
    CompletableFuture<String> end = new CompletableFuture<>();
    awaited.put(unit, end);
    try {
      ask(begin);
      return end.get(longest.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
      throw new TimeoutException("interrupted");
    } catch (ExecutionException lost) {
      throw new TimeoutException("the connection to systemd was lost");
    } finally {
      awaited.remove(unit);
    }
  }

  @Override
  public synchronized void close() {
    Systemd open = connection;
    if (open != null) {
      open.close();
    }
  }

  /** On a thread of the connection. */
  private final class Ears implements Systemd.Listener {
    @Override
    public void finished(String unit, String result) {
      CompletableFuture<String> end = awaited.get(unit);
      if (end != null) {
        end.complete(result);
      }
    }

    @Override
    public void lost() {
      List.copyOf(awaited.values())
          .forEach(end -> end.completeExceptionally(new IllegalStateException("lost")));
    }
  }
}
