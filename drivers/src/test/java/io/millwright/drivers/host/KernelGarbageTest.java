package io.millwright.drivers.host;

import static io.millwright.protocol.vocabulary.Metric.NODE_DISK_READ_BYTES_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.NODE_LOAD_AVERAGE;
import static io.millwright.protocol.vocabulary.Metric.NODE_NETWORK_RECEIVE_BYTES_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.NODE_NETWORK_TRANSMIT_BYTES_TOTAL;
import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.drivers.CallWatch;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Reading;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What garbage in kernel files does, with seeds that a failure names. */
class KernelGarbageTest {
  private static final int ROUNDS = 400;
  private static final long SEED = 20_261_121;

  @Test
  void survivesFilesOfRandomBytes(@TempDir Path root) {
    Tree tree = Tree.healthy(root);
    List<String> files = Tree.kernelFiles().toList();
    try (Closing source = new Closing(new KernelSource("n1", root, CallWatch.NONE))) {
      for (long seed = SEED; seed < SEED + ROUNDS; seed++) {
        Random random = new Random(seed);
        tree.write(files.get(random.nextInt(files.size())), bytes(random));
        Shown shown = source.read();
        assertThat(shown.readings().values()).as("seed %d", seed).allMatch(this::plausible);
      }
    }
  }

  private boolean plausible(Reading reading) {
    return !(reading instanceof Reading.Measured(double value))
        || (value >= 0 && Double.isFinite(value));
  }

  private static byte[] bytes(Random random) {
    byte[] bytes = new byte[random.nextInt(5_000)];
    random.nextBytes(bytes);
    String likely = "0123456789 \n:.=cpu somefulltotal";
    for (int i = 0; i < bytes.length; i++) {
      if (random.nextInt(10) > 0) {
        bytes[i] = (byte) likely.charAt(random.nextInt(likely.length()));
      }
    }
    return bytes;
  }

  @Test
  void showsTheNumbersOfLinesBesideGarbage(@TempDir Path root) {
    Tree tree = Tree.healthy(root);
    try (Closing source = new Closing(new KernelSource("n1", root, CallWatch.NONE))) {
      for (long seed = SEED; seed < SEED + ROUNDS; seed++) {
        Random random = new Random(seed);
        tree.write("proc/net/dev", spoiled(Tree.NET_DEV, "eth0", random));
        tree.write("proc/diskstats", spoiled(Tree.DISKSTATS, "nvme0n1p1", random));
        Shown shown = source.read();
        assertThat(shown.value(NODE_NETWORK_TRANSMIT_BYTES_TOTAL, "ib0"))
            .as("seed %d", seed)
            .isEqualTo(0x1p53);
        assertThat(shown.value(NODE_DISK_READ_BYTES_TOTAL, "nvme0n1"))
            .as("seed %d", seed)
            .isEqualTo(51_200);
        assertThat(shown.value(NODE_LOAD_AVERAGE, "5m")).as("seed %d", seed).isEqualTo(1.5);
      }
    }
  }

  /** Some bytes of the line of this device replaced by any but a line's end. */
  private static byte[] spoiled(String file, String device, Random random) {
    byte[] bytes = file.getBytes(StandardCharsets.US_ASCII);
    int start = file.lastIndexOf('\n', file.indexOf(device)) + 1;
    int end = file.indexOf('\n', start);
    for (int i = 1 + random.nextInt(20); i > 0; i--) {
      byte garbage = (byte) random.nextInt(256);
      bytes[start + random.nextInt(end - start)] = garbage == '\n' ? 0 : garbage;
    }
    return bytes;
  }

  @Test
  void neverShowsACutNumber(@TempDir Path root) {
    Tree tree = Tree.healthy(root);
    byte[] whole = Tree.NET_DEV.getBytes(StandardCharsets.US_ASCII);
    List<Double> seen = new ArrayList<>();
    try (Closing source = new Closing(new KernelSource("n1", root, CallWatch.NONE))) {
      for (int length = 0; length <= whole.length; length++) {
        tree.write("proc/net/dev", Arrays.copyOf(whole, length));
        Shown shown = source.read();
        if (shown.has(NODE_NETWORK_RECEIVE_BYTES_TOTAL, "eth0")) {
          seen.add(shown.value(NODE_NETWORK_RECEIVE_BYTES_TOTAL, "eth0"));
        }
      }
    }
    assertThat(seen).isNotEmpty().containsOnly(66387083.0);
  }

  /** A source that is read at one cadence and closed at the end. */
  private record Closing(KernelSource source) implements AutoCloseable {
    Shown read() {
      source.read(Cadence.FAST, 1);
      return Shown.of(source.readings());
    }

    @Override
    public void close() {
      source.close();
    }
  }
}
