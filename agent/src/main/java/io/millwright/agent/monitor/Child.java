package io.millwright.agent.monitor;

import io.millwright.protocol.clock.Clock;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * The running program: what it prints, as a stream that never waits longer than it may, and its
 * end. What it prints to its standard error is taken off its hands; the last of it is kept.
 *
 * <p>A child of a killed agent ends at its next record, because nobody reads its pipe any more: a
 * signal at the parent's death (prctl) would need native code between fork and exec.
 *
 * <p><i>Lifecycle:</i> begun by {@link #start}, ended by {@link #close}, which waits for it.
 * <i>Threading:</i> one owner thread. <i>Failure:</i> {@link IOException} where it cannot be begun,
 * {@link Silent} where it says nothing for too long.
 */
final class Child extends InputStream {
  private static final Duration LOOK = Duration.ofMillis(100);
  private static final int LOOKS_AFTER_ITS_END = 3;
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final int KEPT = 512;
  private static final int MOST_A_LOOK = 256 << 10;

  private static final Map<String, String> ENVIRONMENT =
      Map.of(
          "PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
          "LANG", "C.UTF-8",
          "AWS_EC2_METADATA_DISABLED", "true"); // the SDK's word: no instance-metadata query

  private final Process process;
  private final Path configuration;
  private final Clock clock;
  private final Duration longestSilence;
  private final BooleanSupplier stopping;
  private final byte[] scratch = new byte[8192];
  private final StringBuilder said = new StringBuilder();

  /** It lives and says nothing. */
  static final class Silent extends IOException {
    private static final long serialVersionUID = 1L;

    Silent(Duration longest) {
      super("it has said nothing for %d s".formatted(longest.toSeconds()));
    }
  }

  private Child(
      Process process,
      Path configuration,
      Duration longestSilence,
      BooleanSupplier stopping,
      Clock clock) {
    this.process = process;
    this.configuration = configuration;
    this.clock = clock;
    this.longestSilence = longestSilence;
    this.stopping = stopping;
  }

  /**
   * @param program its absolute path
   * @param period of its records, in whole seconds
   * @param stopping whether nothing more is wanted of it
   */
  static Child start(
      Path program, Duration period, Duration longestSilence, BooleanSupplier stopping, Clock clock)
      throws IOException {
    Path configuration = Files.createTempFile("millwright-neuron-monitor", ".json"); // mode 0600
    try {
      Files.writeString(configuration, configuration(period));
      ProcessBuilder builder =
          new ProcessBuilder(program.toString(), "-c", configuration.toString());
      builder.environment().clear();
      builder.environment().putAll(ENVIRONMENT);
      builder.directory(Path.of("/").toFile());
      Process process = builder.start();
      process.getOutputStream().close();
      return new Child(process, configuration, longestSilence, stopping, clock);
    } catch (IOException e) {
      Files.deleteIfExists(configuration);
      throw e;
    }
  }

  /**
   * All groups but those of the node's processors and memory, which the agent reads itself.
   *
   * @param period whole seconds
   */
  static String configuration(Duration period) {
    return """
    {
      "period": "%ds",
      "neuron_runtimes": [
        {
          "tag_filter": ".*",
          "metrics": [
            {"type": "neuroncore_counters"},
            {"type": "memory_used"},
            {"type": "neuron_runtime_vcpu_usage"},
            {"type": "execution_stats"}
          ]
        }
      ],
      "system_metrics": [{"type": "neuron_hw_counters"}]
    }
    """
        .formatted(period.toSeconds());
  }

  long pid() {
    return process.pid();
  }

  /** The last of what it said beside its records, on one line; empty where it said nothing. */
  String said() {
    return said.toString().strip().replaceAll("[^\\p{Graph}]+", " ");
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  /**
   * Waits for bytes by looking: a read that waits in the kernel would outlast the child where a
   * process of its own holds the pipe.
   */
  @Override
  public int read(byte[] bytes, int offset, int most) throws IOException {
    InputStream records = process.getInputStream();
    long began = clock.nanos();
    int looksLeft = LOOKS_AFTER_ITS_END;
    while (!stopping.getAsBoolean()) {
      hear();
      int there = records.available();
      if (there > 0) {
        return records.read(bytes, offset, Math.min(there, most));
      }
      if (!process.isAlive() && looksLeft-- == 0) {
        return -1;
      }
      if (clock.nanos() - began > longestSilence.toNanos()) {
        throw new Silent(longestSilence);
      }
      clock.parkUntil(clock.nanos() + LOOK.toNanos());
    }
    return -1;
  }

  /** A child that talks without an end does not keep us from its records. */
  private void hear() throws IOException {
    InputStream errors = process.getErrorStream();
    int heard = 0;
    for (int there = errors.available(); there > 0 && heard < MOST_A_LOOK; ) {
      int count = errors.read(scratch, 0, Math.min(there, scratch.length));
      said.append(new String(scratch, 0, Math.max(0, count), StandardCharsets.UTF_8));
      said.delete(0, Math.max(0, said.length() - KEPT));
      heard += Math.max(1, count);
      there = errors.available();
    }
  }

  /** Asks it to end, then makes it; takes no longer than twice the patience. */
  @Override
  public void close() throws IOException {
    try {
      process.destroy();
      if (!ended()) {
        process.destroyForcibly();
        ended();
      }
      hear();
      process.getInputStream().close();
      process.getErrorStream().close();
    } finally {
      Files.deleteIfExists(configuration);
    }
  }

  /** Waited for without a care for interrupts, which nobody sends to this thread. */
  private boolean ended() {
    try {
      return process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      return false;
    }
  }
}
