package io.millwright.agent.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.drivers.CallWatch;
import io.millwright.drivers.Source.Outcome;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Reading;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@link ModuleSource} on invented trees and on this machine's own. */
class ModuleSourceTest {
  private static final List<String> WANTED =
      List.of("nvidia", "nvidia-peermem", "ib_umad", "builtin", "gdrdrv");

  private SyntheticRoot node = new SyntheticRoot(Path.of("/nonexistent"));
  private ModuleSource source = source(Path.of("/nonexistent"));

  @BeforeEach
  void craft(@TempDir Path root) {
    node =
        new SyntheticRoot(root)
            .driver("builtin")
            .modules(
                """
                nvidia 56782848 2 nvidia_peermem, Live 0x0000000000000000 (POE)
                ib_umad 45056 0 - Loading 0x0000000000000000
                nvidia_peermem 16384 0 - Live 0x0000000000000000
                gdrdrv 28672 0 - Live\
                """);
    source = source(root);
  }

  private static ModuleSource source(Path root) {
    return new ModuleSource("n1", Requirements.packaged(List.of(), WANTED), root, CallWatch.NONE);
  }

  private List<Double> values() {
    List<Double> values = new ArrayList<>();
    Sample sample = source.readings().sample();
    for (int i = 0; i < sample.table().size(); i++) {
      values.add(sample.measured(i) ? sample.value(i) : Double.NaN);
    }
    return values;
  }

  @Test
  void tellsWhichAreLiveBuiltInOnTheirWayOrNotThere() {
    assertThat(source.read(Cadence.SLOW, 1)).isEqualTo(Outcome.ANSWERED);
    assertThat(source.readings().table().series(1))
        .isEqualTo(Series.of(Metric.NODE_KERNEL_MODULE_LOADED, "n1", "nvidia_peermem"));
    assertThat(values()).containsExactly(1.0, 1.0, 0.0, 1.0, 0.0);
  }

  @Test
  void seesAModuleThatIsTakenAwayUnderTheSameTable() {
    source.read(Cadence.SLOW, 1);
    Object table = source.readings();
    node.modules("nvidia 1 0 - Live 0x0\n");
    source.read(Cadence.SLOW, 2);
    assertThat(source.readings()).isSameAs(table);
    assertThat(values()).containsExactly(1.0, 0.0, 0.0, 1.0, 0.0);
  }

  @Test
  void makesANewTableWhenANeedComes() {
    source.read(Cadence.SLOW, 1);
    node.pci("0000:a1:00.0", "0x020000", "0x1d0f", "0xefa3");
    source.read(Cadence.SLOW, 2);
    assertThat(values()).hasSize(6);
  }

  @Test
  void saysWhyItCouldNotRead() {
    source = source(node.root().resolve("elsewhere"));
    assertThat(source.read(Cadence.SLOW, 1)).isEqualTo(Outcome.FAILED);
    assertThat(source.readings().sample().reading(0))
        .isEqualTo(new Reading.Unavailable(Fault.NOT_FOUND));
  }

  /** Which has no list of modules where its kernel cannot load any. */
  @Test
  void readsThisMachine() {
    source =
        new ModuleSource(
            "n1",
            Requirements.packaged(List.of(), List.of("millwright_no_such_module")),
            Path.of("/"),
            CallWatch.NONE);
    boolean loads = Files.exists(Path.of("/proc/modules"));
    assertThat(source.read(Cadence.SLOW, 1)).isEqualTo(loads ? Outcome.ANSWERED : Outcome.FAILED);
    assertThat(values()).contains(loads ? 0.0 : Double.NaN);
  }
}
