package io.millwright.agent.lane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.jna.Library;
import com.sun.jna.Native;
import io.millwright.drivers.host.FilesystemSource;
import io.millwright.drivers.host.Mount;
import io.millwright.drivers.host.Mounts;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Periods;
import io.millwright.protocol.vocabulary.Sample;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A file system whose server never answers: a FUSE mount with nobody behind it, whose {@code
 * statvfs} hangs in the kernel until the server's file is closed. Only root may mount it.
 */
@SuppressWarnings("NullAway.Init") // set before each test
class HungMountTest {
  private static final int READ_WRITE = 2;
  private static final int DETACH = 2;
  private static final Path ROOT = Path.of("/");
  private static final Duration DEADLINE = Duration.ofSeconds(60);

  /** mount(2) and what belongs to it. */
  private interface Libc extends Library {
    int open(String path, int flags);

    int close(int file);

    int mount(String source, String target, String type, long flags, String options);

    int umount2(String target, int flags);
  }

  private final Clock clock = Clock.system();
  private final Libc libc = Native.load("c", Libc.class);
  private Path directory;
  private int server = -1;
  private boolean mounted;
  private long sequence;

  @BeforeEach
  void mount(@TempDir Path temporary) throws IOException {
    server = libc.open("/dev/fuse", READ_WRITE);
    assumeTrue(server >= 0, "/dev/fuse cannot be opened");
    directory = Files.createDirectory(temporary.toRealPath().resolve("hung"));
    String options = "fd=%d,rootmode=40000,user_id=0,group_id=0".formatted(server);
    mounted =
        libc.mount("millwright-test", directory.toString(), "fuse.millwright-test", 0, options)
            == 0;
    assumeTrue(mounted, "only root may mount");
  }

  @AfterEach
  void unmount() {
    answer();
    if (mounted) {
      libc.umount2(directory.toString(), DETACH);
    }
  }

  /** Whoever waits for the server is told that there is none. */
  private void answer() {
    if (server >= 0) {
      libc.close(server);
      server = -1;
    }
  }

  private Mount hung() {
    return switch (Mounts.read(ROOT)) {
      case Mounts.Result.Known(Mounts all) ->
          all.remote().stream()
              .filter(mount -> mount.mountPoint().equals(directory.toString()))
              .findFirst()
              .orElseThrow();
      case Mounts.Result.Unknown unknown -> throw new AssertionError(unknown);
    };
  }

  private boolean round(Probe probe) {
    Tick tick = new Tick(++sequence, clock.nanos());
    probe.request(tick);
    return probe.last() instanceof RoundResult.Succeeded;
  }

  private static OptionalDouble value(List<Sample> samples, Metric metric) {
    for (Sample sample : samples) {
      for (int i = 0; i < sample.table().size(); i++) {
        if (sample.table().series(i).metric() == metric && sample.measured(i)) {
          return OptionalDouble.of(sample.value(i));
        }
      }
    }
    return OptionalDouble.empty();
  }

  @Test
  void itHoldsItsOwnLaneAloneAndEndsWithTheServer() throws InterruptedException {
    FilesystemProbe probe = new FilesystemProbe(1, hung(), "n1", ROOT, clock, Periods.STANDARD);
    SourceProbe local =
        new SourceProbe(
            "filesystems",
            "filesystems",
            clock,
            Periods.STANDARD,
            calls -> FilesystemSource.local("n1", ROOT, calls, mount -> true));
    probe.lane().start();
    local.start();
    try {
      await()
          .atMost(DEADLINE)
          .until(() -> {
            round(probe);
            List<Sample> samples = probe.samples(new Tick(sequence, clock.nanos()));
            return value(samples, Metric.NODE_FILESYSTEM_RESPONSIVE).equals(OptionalDouble.of(0));
          });
      assertThat(probe.request(new Tick(++sequence, clock.nanos())))
          .as("nobody else is sent into it")
          .isFalse();
      await().atMost(DEADLINE).until(() -> round(local));
      List<Sample> others = local.samples(new Tick(sequence, clock.nanos()));
      assertThat(value(others, Metric.NODE_FILESYSTEM_RESPONSIVE)).hasValue(1);
      assertThat(value(others, Metric.NODE_FILESYSTEM_SIZE_BYTES)).isPresent();
    } finally {
      answer();
      probe.lane().stop();
      local.stop();
    }
    assertThat(probe.lane().ended(DEADLINE)).as("the call has come back").isTrue();
    assertThat(local.ended(DEADLINE)).isTrue();
    assertThat(probe.lane().calls().inFlightBeyond(Duration.ZERO)).isEmpty();
  }
}
