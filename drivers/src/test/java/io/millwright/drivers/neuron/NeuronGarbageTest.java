package io.millwright.drivers.neuron;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.millwright.drivers.Source;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Reading;
import io.millwright.protocol.vocabulary.Sample;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What reading leaves behind, and what garbage in the files does. */
class NeuronGarbageTest {
  private static final int ROUNDS = 300;
  private static final long SEED = 20_261_122;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private long pretendedNanos;

  /** What is kept open is read without garbage; what is read each half minute is opened anew. */
  @ParameterizedTest
  @EnumSource(
      value = Cadence.class,
      names = {"FAST", "MEDIUM"})
  void aTickOfADeviceAllocatesNothing(Cadence cadence, @TempDir Path root) {
    NeuronFixture fixture = new NeuronFixture(root).trainium3(0, "00000000000000a1");
    try (NeuronDevice device = fixture.open(0)) {
      read(device, cadence); // warms up
      double least = Double.MAX_VALUE; // of five: the JVM's own one-off work is not ours
      for (int i = 0; i < 5; i++) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        read(device, cadence);
        least =
            Math.min(least, (THREADS.getCurrentThreadAllocatedBytes() - before) / (double) ROUNDS);
      }
      System.out.printf("garbage of a %s read of a Neuron device: %.2f B%n", cadence, least);
      assertThat(least).isZero();
    }
  }

  private void read(NeuronDevice device, Cadence cadence) {
    for (int i = 0; i < ROUNDS; i++, pretendedNanos += 1_000_000_000) {
      if (device.read(cadence, pretendedNanos) != Source.Outcome.ANSWERED) {
        throw new AssertionError("the device did not answer");
      }
    }
  }

  @Test
  void survivesFilesOfRandomBytes(@TempDir Path root) throws IOException {
    NeuronFixture fixture = new NeuronFixture(root).trainium3(0, "00000000000000a1");
    List<Path> files;
    try (Stream<Path> all = Files.walk(fixture.directory(0).resolve("stats"))) {
      files = Stream.concat(all, coreFiles(fixture)).filter(Files::isRegularFile).sorted().toList();
    }
    try (NeuronDevice device = fixture.open(0)) {
      for (long seed = SEED; seed < SEED + ROUNDS; seed++) {
        Random random = new Random(seed);
        for (int i = 0; i < 10; i++) {
          Files.write(files.get(random.nextInt(files.size())), bytes(random));
        }
        NeuronFixture.read(device, seed - SEED);
        Sample sample = device.readings().sample();
        for (int i = 0; i < sample.table().size(); i++) {
          assertThat(plausible(sample.reading(i)))
              .as("seed %d, %s is %s", seed, sample.table().series(i), sample.reading(i))
              .isTrue();
        }
      }
    }
  }

  private static Stream<Path> coreFiles(NeuronFixture fixture) throws IOException {
    try (Stream<Path> all = Files.walk(fixture.directory(0).resolve("neuron_core0"))) {
      return all.toList().stream();
    }
  }

  private static boolean plausible(Reading reading) {
    return !(reading instanceof Reading.Measured(double value))
        || (value >= 0 && Double.isFinite(value));
  }

  private static byte[] bytes(Random random) {
    byte[] bytes = new byte[random.nextInt(300)];
    random.nextBytes(bytes);
    String likely = "0123456789\n,. POWER_STATUS_VALIDhbm";
    for (int i = 0; i < bytes.length; i++) {
      if (random.nextInt(20) > 0) {
        bytes[i] = (byte) likely.charAt(random.nextInt(likely.length()));
      }
    }
    return bytes;
  }
}
