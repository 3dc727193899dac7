package io.millwright.simulator.determinism;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.clock.Threads;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Histories of two or three agents and of one or two collectors, from their sessions over the job
 * books and journals to the events' table: the real code of both sides, turned step by step in one
 * thread, with a clock that stands until it is moved, over disks and stores that end their process
 * at any write, and a network that brings the real frames' bytes late, in pieces, twice by new
 * connections, or not at all. A machine may reboot or lose its journal, or be declared lost by a
 * person, rightly or not; a copy of the collector's store may be started beside it, or take its
 * place as a restored backup. Jobs may ask to be begun again.
 *
 * <p>Simulated are the processes of the jobs, the store (a map) and what holds things together:
 * {@code Uplink}'s way from one session to the next, and TLS, of which only the certificates are
 * there. Left out are samplers and rules, the spool on the disk, power limits, evidence, redirects,
 * and REST. The program that ends runs with their leases is simulated too, with the latest times
 * that it may take.
 *
 * <p>A seed is a history: {@code -Dseed=N} runs it alone and says all that happened. {@code
 * -Dlong=yes} runs a hundred thousand, {@code -Dseed.first=N} begins at another seed.
 */
class DeterminismTest {
  private static final int QUICK = 2_000;
  private static final int LONG = 100_000;
  private static final int THREADS = 2;

  /** Failures after which no further history is begun. */
  private static final int MOST_TOLD = 8;

  /** A long run says how far it has come. */
  private static final int SAID = 5_000;

  /** Histories that run in two processes. */
  private static final int TWICE = 50;

  private static final int PATIENCE_SECONDS = 180;

  /** The table of events, which they have in common, is made anew after so many. */
  private static final int ON_ONE_GROUND = 1_000;

  @TempDir private Path directory = Path.of("");

  @Test
  void everyHistoryKeepsWhatMustHold() throws InterruptedException {
    @Nullable Long one = Long.getLong("seed");
    long first = one == null ? Long.getLong("seed.first", 1) : one;
    int many = System.getProperty("long", "no").equals("yes") ? LONG : QUICK;
    int count = one == null ? Integer.getInteger("histories", many) : 1;
    PrintStream log = System.err;
    Hush hush = new Hush(log, one != null);
    long began = Clock.system().nanos();
    System.setErr(hush);
    List<Throwable> failures;
    try {
      failures = new Runs(first, count, hush).failures();
    } finally {
      System.setErr(log);
    }
    System.out.printf(
        "%d histories from seed %d on took %.1f s%n",
        count, first, (Clock.system().nanos() - began) / 1e9);
    assertThat(failures).isEmpty();
  }

  /** A seed that fails must fail again: in another process, whose hashes and ids are others. */
  @Test
  void aSeedIsTheSameHistoryInEachProcess() throws IOException, InterruptedException {
    Path output = directory.resolve("output");
    Process other =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                Digests.class.getName(),
                "1",
                Integer.toString(TWICE),
                directory.resolve("other").toString())
            .redirectOutput(output.toFile())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      List<String> here = Digests.of(1, TWICE, directory.resolve("here"));
      assertThat(other.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
      assertThat(other.exitValue()).isZero();
      assertThat(Files.readAllLines(output)).isEqualTo(here);
    } finally {
      other.destroyForcibly();
    }
  }

  /** Histories by two threads, each with its own ground, until some have failed. */
  private final class Runs {
    private final Trust trust = new Trust(directory.resolve("trust"), Trust.NODES);
    private final Queue<Throwable> failed = new ConcurrentLinkedQueue<>();
    private final AtomicLong next;
    private final long end;
    private final long began = Clock.system().nanos();
    private final Hush log;

    Runs(long first, int count, Hush log) {
      this.next = new AtomicLong(first);
      this.end = first + count;
      this.log = log;
    }

    List<Throwable> failures() throws InterruptedException {
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        Thread thread = Threads.platform("histories", this::all);
        threads.add(thread);
        thread.start();
      }
      for (Thread thread : threads) {
        thread.join();
      }
      return List.copyOf(failed);
    }

    private double seconds() {
      return (Clock.system().nanos() - began) / 1e9;
    }

    private boolean goesOn() {
      return next.get() < end && failed.size() < MOST_TOLD;
    }

    private void all() {
      while (goesOn()) {
        try (Ground ground = new Ground(trust)) {
          for (int i = 0; i < ON_ONE_GROUND && goesOn(); i++) {
            one(next.getAndIncrement(), ground);
          }
        } catch (IOException | RuntimeException | Error e) {
          failed.add(e);
        }
      }
    }

    private void one(long seed, Ground ground) throws IOException {
      if (seed >= end) {
        return;
      }
      if (seed % SAID == 0) {
        System.out.printf("come to seed %d after %.1f s%n", seed, seconds());
      }
      Trace trace = new Trace(log.loud());
      try (History history = new History(seed, ground, log, trace)) {
        history.run();
      } catch (RuntimeException | Error e) {
        trace.text().forEach(System.out::println);
        throw new AssertionError(
            "seed %d (alone with -Dseed=%d): %s".formatted(seed, seed, e.getMessage()), e);
      }
    }
  }
}
