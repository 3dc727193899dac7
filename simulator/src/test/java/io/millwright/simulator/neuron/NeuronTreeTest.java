package io.millwright.simulator.neuron;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The files, against the driver's formats as this test has them, not as {@code tree.tsv} has. */
class NeuronTreeTest {
  private static final String NUMBER = "\\d+\n";
  private static final String POWER =
      "POWER_STATUS_(VALID|NO_DATA),\\d+,\\d+\\.\\d\\d,\\d+\\.\\d\\d,\\d+\\.\\d\\d\n";

  /** Paths in a device's directory, and what is in such a file. */
  private static final Map<String, String> FORMATS = formats();

  private final HandClock clock = new HandClock();
  @TempDir Path directory = Path.of("");

  private static Map<String, String> formats() {
    Map<String, String> formats = new LinkedHashMap<>();
    formats.put("reset", "[012]\n");
    formats.put("core_count", "[28]");
    formats.put("connected_devices", "(\\d+(, \\d+)*)?\n");
    formats.put("dev", "\\d+:\\d+\n");
    formats.put("uevent", "MAJOR=\\d+\nMINOR=\\d+\nDEVNAME=neuron\\d+\n");
    formats.put("power/control", "auto\n");
    formats.put("info/notify_delay", "-1\n");
    formats.put("info/serial_number", "[0-9a-f]{16}\n");
    formats.put("info/architecture/arch_type", "NDv[234]\n");
    formats.put("info/architecture/instance_type", "Trn[123]\n");
    formats.put("info/architecture/device_name", "Trainium[123]\n");
    formats.put("stats/memory_usage/host_mem/[a-z_]+/(total|present|peak)", NUMBER);
    formats.put("stats/hardware/(sram|mem)_ecc_(un)?corrected", NUMBER);
    formats.put("stats/hardware/mem_ecc_repairable_uncorrected", NUMBER);
    formats.put("stats/hardware/health_status/(repairable_)?(hbm|sram)_ecc_err_count", NUMBER);
    formats.put("stats/hardware/health_status/hw_error_event", NUMBER);
    formats.put("stats/hardware/health_status/unhealthy_components", "([a-z_]+(,[a-z_]+)*)?\n");
    formats.put("stats/hardware/health_status/healthcheck_heartbeat", NUMBER);
    formats.put("stats/power/utilization", POWER);
    formats.put("stats/power/utilization_raw", "die,util_bips,counter\n(\\d,\\d+,\\d+\n){1,2}");
    formats.put("neuron_core[0-7]/info/architecture/arch_type", "NCv[234]\n");
    formats.put("neuron_core[0-7]/stats/status/[a-z_]+/(total|present)", NUMBER);
    formats.put(
        "neuron_core[0-7]/stats/memory_usage/(host|device)_mem/(total|present|peak)", NUMBER);
    formats.put(
        "neuron_core[0-7]/stats/memory_usage/device_mem/[a-z_]+/(total|present|peak)", NUMBER);
    formats.put("neuron_core[0-7]/stats/other_info/[a-z_]+/(total|present)", NUMBER);
    formats.put(
        "neuron_core[0-7]/stats/tensor_engine/pe_cntrs",
        "xrow_grp,mm_active,wl_active,idle\n0,\\d+,\\d+,\\d+\n1,\\d+,\\d+,\\d+\n2,\\d+,\\d+,\\d+\n3,\\d+,\\d+,\\d+\n");
    return formats;
  }

  private NeuronModel model(NeuronProfile profile) {
    return new NeuronModel(profile, profile.driver(), 5, "n1", clock, line -> {});
  }

  /** Only these devices are there: there are fewer files to make. */
  private NeuronTree tree(NeuronModel model, Integer... devices) throws IOException {
    model.devices().stream()
        .filter(device -> !List.of(devices).contains(device.index()))
        .forEach(DeviceModel::lose);
    NeuronTree tree = new NeuronTree(directory.resolve("root"), model, TreeDescription.read());
    tree.build();
    return tree;
  }

  private Path device(int index) {
    return directory.resolve("root/sys/devices/virtual/neuron_device/neuron" + index);
  }

  private static List<Path> files(Path top) throws IOException {
    try (Stream<Path> all = Files.walk(top)) {
      return all.filter(Files::isRegularFile).filter(path -> !Files.isSymbolicLink(path)).toList();
    }
  }

  private String text(String path) throws IOException {
    return Files.readString(directory.resolve("root").resolve(path));
  }

  @ParameterizedTest
  @EnumSource
  void everyFileHasTheDriversForm(NeuronProfile profile) throws IOException {
    NeuronModel model = model(profile);
    int last = profile.devices() - 1;
    NeuronTree tree = tree(model, 0, last);
    clock.advance(Duration.ofSeconds(3));
    model.advance();
    tree.refresh();
    for (int index : new int[] {0, last}) {
      for (Path file : files(device(index))) {
        String path = device(index).relativize(file).toString();
        List<String> fitting = FORMATS.keySet().stream().filter(path::matches).toList();
        assertThat(fitting).as(path).hasSize(1);
        assertThat(Files.readString(file))
            .as(path)
            .matches(Pattern.compile(FORMATS.getOrDefault(fitting.getFirst(), "")));
      }
    }
    assertThat(text("sys/module/neuron/version")).isEqualTo(profile.driver() + "\n");
    assertThat(text("proc/devices")).contains("%3d neuron\n".formatted(model.major()));
    assertThat(text("millwright-simulated")).contains("Nothing in here comes from a Neuron device");
    assertThat(directory.resolve("root/sys/class/neuron_device/neuron0/core_count"))
        .hasContent(Integer.toString(profile.cores()));
  }

  /** 854 files of a device by the driver, and two of the kernel. */
  @Test
  void aTrainium3DeviceHasAllThatItsDriverShows() throws IOException {
    tree(model(NeuronProfile.TRN3), 0, 3);
    long statuses = files(device(0).resolve("neuron_core7/stats/status")).size();
    assertThat(statuses).isEqualTo(24 * 2);
    assertThat(files(device(0))).hasSize(46 + 2 + 8 * (1 + 48 + 39 + 12 + 1));
    assertThat(device(3)).isDirectory();
    assertThat(device(1)).doesNotExist();
    assertThat(Files.readString(device(0).resolve("connected_devices"))).isEqualTo("\n");
    assertThat(text("sys/class/neuron_device/node_cnt")).isEqualTo("4\n");
    assertThat(Files.getPosixFilePermissions(device(0).resolve("core_count")))
        .isEqualTo(PosixFilePermissions.fromString("r--r--r--"));
    assertThat(Files.getPosixFilePermissions(device(0).resolve("reset")))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
  }

  @Test
  void anOldDriverLacksWhatCameLater() throws IOException {
    tree(model(NeuronProfile.OLD_TRN1), 5, 15);
    assertThat(device(15).resolve("stats/hardware/health_status")).doesNotExist();
    assertThat(device(15).resolve("stats/hardware/mem_ecc_corrected")).doesNotExist();
    assertThat(device(15).resolve("stats/power/utilization_raw")).doesNotExist();
    assertThat(device(15).resolve("neuron_core2")).doesNotExist();
    assertThat(Files.getPosixFilePermissions(device(15).resolve("core_count")))
        .isEqualTo(PosixFilePermissions.fromString("r--------"));
    assertThat(Files.readString(device(5).resolve("connected_devices"))).isEqualTo("1, 6, 4, 9\n");
  }

  @Test
  void aLineThatIsTooLongForTheDriversBufferIsEmpty() {
    assertThat(NeuronTree.cut("10, 11, 12, 13\n")).isEqualTo("10, 11, 12, 13\n");
    assertThat(NeuronTree.cut("10, 11, 12, 13, 14, 15\n")).isEmpty();
  }

  /** What a reader of sysfs does: it keeps the descriptor and reads at 0 again. */
  @Test
  void whoHasAFileOpenSeesWhatIsNew() throws IOException {
    NeuronModel model = model(NeuronProfile.TRN3);
    NeuronTree tree = tree(model, 0);
    DeviceModel device = model.devices().getFirst();
    device.setLoad(OptionalDouble.of(1));
    Path time = device(0).resolve("neuron_core3/stats/other_info/nc_time_in_use/total");
    Path memory = device(0).resolve("neuron_core3/stats/memory_usage/device_mem/total");
    try (FileChannel times = FileChannel.open(time, StandardOpenOption.READ);
        FileChannel bytes = FileChannel.open(memory, StandardOpenOption.READ)) {
      long last = number(times);
      for (int i = 0; i < 10; i++) {
        clock.advance(Duration.ofSeconds(1));
        model.advance();
        tree.refresh();
        assertThat(number(times)).isEqualTo(last + 1_000_000_000_000L);
        last = number(times);
      }
      assertThat(number(bytes)).isPositive();
      device.setLoad(OptionalDouble.of(0));
      clock.advance(Duration.ofSeconds(1));
      model.advance();
      tree.refresh();
      assertThat(number(bytes)).isZero(); // shorter than before: nothing is left behind it
      tree.remove(0);
      assertThat(device(0)).doesNotExist();
      assertThat(times.read(ByteBuffer.allocate(8), 0)).isEqualTo(-1);
    }
  }

  private static long number(FileChannel file) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(64);
    file.read(bytes, 0);
    String text = StandardCharsets.US_ASCII.decode(bytes.flip()).toString();
    assertThat(text).matches("\\d+\n");
    return Long.parseLong(text.strip());
  }

  @Test
  void onlyAModelThatMovedWritesFiles() throws IOException {
    NeuronModel model = model(NeuronProfile.TRN3);
    NeuronTree tree = tree(model, 2);
    model.devices().forEach(device -> device.setLoad(OptionalDouble.of(0)));
    clock.advance(Duration.ofSeconds(1));
    model.advance();
    tree.refresh();
    Path status = device(2).resolve("neuron_core0/stats/status/timeout/total");
    Files.writeString(status, "x\n"); // as long as what was there
    clock.advance(Duration.ofSeconds(1));
    model.advance();
    tree.refresh();
    assertThat(status).hasContent("x");
    model.status(model.devices().get(2), 0, "timeout", 4);
    tree.refresh();
    assertThat(status).hasContent("4");
  }

  @Test
  void aTreeOfSomebodyElseIsLeftAlone() throws IOException {
    Path kept = Files.createDirectories(directory.resolve("root")).resolve("kept");
    Files.writeString(kept, "mine");
    assertThatThrownBy(() -> tree(model(NeuronProfile.TRN3)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("give another directory");
    assertThat(kept).hasContent("mine");
  }

  @Test
  void whatItBuiltItDeletes() throws IOException {
    NeuronTree tree = tree(model(NeuronProfile.TRN3), 1);
    tree.delete();
    assertThat(directory).isEmptyDirectory();
  }
}
