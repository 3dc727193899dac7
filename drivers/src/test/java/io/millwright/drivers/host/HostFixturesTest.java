package io.millwright.drivers.host;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millwright.drivers.Source;
import io.millwright.protocol.exposition.PageBuffer;
import io.millwright.protocol.exposition.PageWriter;
import io.millwright.protocol.exposition.TextFormat;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.Sample;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whole hosts as packs ({@link Pack}), each with the page that the sources make of it: {@code
 * -Dgolden.update=true} writes the pages anew. {@code -Dhost.record=NAME} packs the machine that
 * the test runs on; read the pack before it is committed.
 */
class HostFixturesTest {
  private static final Path PACKS = Path.of("src/test/resources/host");
  private static final long SEED = 20_261_122;

  @Test
  void recordsThisMachineWhereAsked() throws IOException {
    String name = System.getProperty("host.record", "");
    assumeTrue(!name.isEmpty(), "give -Dhost.record=NAME to pack this machine");
    String kernel =
        Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip().replaceFirst("-.*", "");
    Pack pack =
        Recorder.recorded(
            Path.of("/"),
            List.of(
                " RECORDED from a real machine, Linux " + kernel + ", by Recorder;",
                " serial numbers and the host's name are replaced."));
    Files.writeString(PACKS.resolve(name + ".pack"), pack.text());
    assertThat(pack.files()).containsKey("proc/stat");
  }

  @ParameterizedTest
  @ValueSource(strings = {"debian-virtual", "hgx-b200-synthetic", "trn3-synthetic"})
  void makesThePageOfTheGoldenFile(String name, @TempDir Path root) throws IOException {
    Pack pack = Pack.read(PACKS.resolve(name + ".pack"));
    assertThat(pack.provenance()).isNotEmpty();
    String page = page(pack.unpacked(root));
    Path golden = PACKS.resolve(name + ".page.txt");
    if (Boolean.getBoolean("golden.update")) {
      Files.writeString(golden, page);
    }
    assertThat(page).isEqualTo(Files.readString(golden, UTF_8));
  }

  private static String page(Tree tree) {
    PageBuffer page = new PageBuffer(1 << 16);
    new PageWriter().write(new NodeSnapshot(1, 1, read(tree)), TextFormat.PROMETHEUS, page);
    String arch = "arch=\"" + Identity.architecture(System.getProperty("os.arch", "")) + "\"";
    return new String(page.toByteArray(), UTF_8).replace(arch, "arch=\"of the test's JVM\"");
  }

  private static List<Sample> read(Tree tree) {
    List<Sample> samples = new ArrayList<>();
    for (Source source : HostSources.of(tree)) {
      for (Cadence cadence : Cadence.values()) {
        source.read(cadence, 1);
      }
      samples.add(source.readings().sample());
      source.close();
    }
    return samples;
  }

  /** Packing what was unpacked gives the same text, and so nothing is lost on the way. */
  @ParameterizedTest
  @ValueSource(strings = {"debian-virtual", "hgx-b200-synthetic", "trn3-synthetic"})
  void aPackIsItsOwnText(String name) throws IOException {
    Path pack = PACKS.resolve(name + ".pack");
    assertThat(Pack.read(pack).text()).isEqualTo(Files.readString(pack, UTF_8));
  }

  /** Any file of the tree, cut, emptied or spoilt: no source throws, and no value is nonsense. */
  @Test
  void survivesGarbageInAnyFileOfAWholeHost(@TempDir Path root) throws IOException {
    Pack pack = Pack.read(PACKS.resolve("hgx-b200-synthetic.pack"));
    Tree tree = pack.unpacked(root);
    List<String> files = List.copyOf(pack.files().keySet());
    for (long seed = SEED; seed < SEED + 150; seed++) {
      Random random = new Random(seed);
      for (int i = 0; i < 20; i++) {
        String file = files.get(random.nextInt(files.size()));
        tree.write(file, spoilt(pack.files().getOrDefault(file, "").getBytes(UTF_8), random));
      }
      for (Sample sample : read(tree)) {
        for (int i = 0; i < sample.table().size(); i++) {
          assertThat(!sample.measured(i) || Double.isFinite(sample.value(i)))
              .as("seed %d, %s", seed, sample.table().series(i))
              .isTrue();
        }
      }
    }
  }

  private static byte[] spoilt(byte[] content, Random random) {
    byte[] spoilt = java.util.Arrays.copyOf(content, random.nextInt(content.length + 1));
    for (int i = random.nextInt(4); i > 0 && spoilt.length > 0; i--) {
      spoilt[random.nextInt(spoilt.length)] = (byte) random.nextInt(256);
    }
    return spoilt;
  }
}
