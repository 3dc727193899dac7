package io.millwright.simulator;

import static io.millwright.simulator.AgentProcess.soon;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.millwright.simulator.neuron.NeuronNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A simulated Neuron node as the process that it is, its control socket and its stand-ins. */
class NeuronNodeTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private static Optional<AgentProcess> process = Optional.empty();
  private static Path base = Path.of("");

  @BeforeAll
  static void start() throws IOException {
    base = Scratch.directory("mw-neuron");
    Path directory = Files.createDirectories(base.resolve("millwright-simulated/n1"));
    process = Optional.of(simulator("simulate", "neuron", directory.toString(), "--load", "0.5"));
    AgentProcess started = process.orElseThrow();
    soon().until(() -> !started.alive() || started.output().contains("SIMULATED"));
    assertThat(started.alive()).as(started.errors()).isTrue();
  }

  /** The first that ends deletes its tree. */
  @AfterAll
  static void end() throws Exception {
    AgentProcess started = process.orElseThrow();
    try (started) {
      started.signal("TERM");
      assertThat(started.exitCode()).isZero();
      assertThat(node().root()).doesNotExist();
      assertThat(node().controlSocket()).doesNotExist();
    }
  }

  private static AgentProcess simulator(String... words) throws IOException {
    return AgentProcess.start(
        List.of("env", "XDG_RUNTIME_DIR=" + base),
        System.getProperty("java.class.path"),
        Main.class.getName(),
        words);
  }

  private static NeuronNode node() {
    return new NeuronNode(base.resolve("millwright-simulated/n1"));
  }

  private static SimulatedNode control() {
    return SimulatedNode.at(node().directory());
  }

  private static Path file(int device, String path) {
    return node().root().resolve("sys/devices/virtual/neuron_device/neuron" + device).resolve(path);
  }

  private static String text(int device, String path) throws IOException {
    return Files.readString(file(device, path));
  }

  @Test
  void timePassesInTheFiles() throws IOException {
    String time = "neuron_core4/stats/other_info/nc_time_in_use/total";
    long begun = Long.parseLong(text(3, time).strip());
    soon().until(() -> Long.parseLong(text(3, time).strip()) > begun);
    assertThat(control().get(3, "load")).isEqualTo("0.5");
    assertThat(control().get(3)).containsEntry("state", "present").containsKey("core7.load");
  }

  @Test
  void anAnsweredCommandIsInTheFiles() throws IOException {
    control().fault(2, "ecc hbm 2");
    control().fault(2, "ecc corrected 7");
    control().fault(2, "link intraserver down");
    assertThat(text(2, "stats/hardware/mem_ecc_uncorrected")).isEqualTo("2\n");
    assertThat(text(2, "stats/hardware/mem_ecc_corrected")).isEqualTo("7\n");
    assertThat(text(2, "stats/hardware/health_status/hw_error_event")).isEqualTo("1\n");
    assertThat(text(2, "stats/hardware/health_status/unhealthy_components"))
        .isEqualTo("hbm,link_intraserver\n");
    control().fault(2, "link intraserver up");
    assertThat(text(2, "stats/hardware/health_status/unhealthy_components")).isEqualTo("hbm\n");
    assertThat(Files.readString(node().kernelLog()))
        .containsPattern(
            "(?m)^4,\\d+,\\d+,-;.* NEURON_HW_ERR=HBM_UNCORRECTABLE_ERROR .* nd-id=2 nc-id=0 ");
    control().fault(2, "status hw_dma_abort_error 3 6");
    assertThat(text(2, "neuron_core6/stats/status/hw_dma_abort_error/total")).isEqualTo("3\n");
    control().command("set node sys/class/neuron_device/node_id busy");
    assertThat(node().root().resolve("sys/class/neuron_device/node_id")).hasContent("busy");
    control().command("unset node all");
    assertThat(node().root().resolve("sys/class/neuron_device/node_id")).hasContent("0");
  }

  @Test
  void garbageStaysUntilReleased() throws IOException {
    String power = "stats/power/utilization";
    control().fault(1, "garbage info/serial_number deadbeef");
    control().fault(1, "garbage " + power + " half");
    control().set(1, "neuron_core0/stats/tensor_engine/pe_cntrs", "invalid");
    assertThat(text(1, "info/serial_number")).isEqualTo("0xdeadbeef\n");
    assertThat(text(1, power)).startsWith("POWER_STATUS_").doesNotContain("\n");
    assertThat(text(1, "neuron_core0/stats/tensor_engine/pe_cntrs")).isEqualTo("invalid\n");
    control().fault(1, "release");
    assertThat(text(1, "info/serial_number")).matches("[0-9a-f]{16}\n");
    assertThat(text(1, power)).matches("POWER_STATUS_[A-Z_]+,\\d+,[0-9.]+,[0-9.]+,[0-9.]+\n");
  }

  @Test
  void aReadHangsUntilReleased() throws Exception {
    String ecc = "stats/hardware/mem_ecc_uncorrected";
    control().fault(1, "hang");
    CompletableFuture<String> reader = new CompletableFuture<>();
    Thread reading =
        Thread.ofPlatform()
            .daemon()
            .start(() -> {
              try {
                reader.complete(text(1, ecc));
              } catch (IOException e) {
                reader.completeExceptionally(e);
              }
            });
    soon()
        .until(() -> {
          for (StackTraceElement frame : reading.getStackTrace()) {
            if (frame.getMethodName().contains("open")) {
              return true;
            }
          }
          return false;
        });
    control().get(1, "load"); // the node itself does not hang
    assertThat(reader).isNotDone();
    control().fault(1, "release");
    assertThat(reader.get(60, TimeUnit.SECONDS)).isEqualTo("0\n");
    assertThat(file(1, ecc)).isRegularFile().hasContent("0");
  }

  @Test
  void devicesAndTheDriverGoAndComeBack() throws IOException {
    String serial = text(3, "info/serial_number");
    control().fault(3, "lost");
    assertThat(file(3, "")).doesNotExist();
    assertThat(Files.isSymbolicLink(node().root().resolve("sys/class/neuron_device/neuron3")))
        .isFalse();
    assertThat(control().get(3, "state")).isEqualTo("gone");
    control().fault(3, "return");
    assertThat(text(3, "info/serial_number")).isEqualTo(serial);
    control().fault(3, "reset");
    assertThat(text(3, "reset")).isEqualTo("0\n");
    soon().until(() -> text(3, "reset").equals("1\n"));

    control().command("driver unload");
    assertThat(node().root().resolve("sys/module/neuron")).doesNotExist();
    assertThat(node().root().resolve("sys/class/neuron_device")).doesNotExist();
    assertThat(Files.readString(node().root().resolve("proc/devices"))).doesNotContain("neuron");
    control().command("driver load");
    assertThat(text(3, "info/serial_number")).isEqualTo(serial);
    assertThat(text(3, "neuron_core0/stats/other_info/reset_req_count/total")).isEqualTo("0\n");
  }

  @Test
  void whatIsRefusedSaysWhatIsAllowed() {
    assertThatThrownBy(() -> control().fault(0, "xid 79"))
        .hasMessageContaining("kind: xid, allowed: ecc, ");
    assertThatThrownBy(() -> control().command("get 4"))
        .hasMessageContaining("device: 4, allowed: 0 to 3");
    assertThatThrownBy(() -> control().set(0, "load", "1.5"))
        .hasMessageContaining("load: 1.5, allowed: 0 to 1");
    assertThatThrownBy(() -> control().set(0, "no/such/file", "1"))
        .hasMessageContaining("file: no/such/file, allowed: a file of the device's directory");
    assertThatThrownBy(() -> control().fault(0, "status oops 1"))
        .hasMessageContaining("status: oops, allowed: success, failure, ");
  }

  @Test
  void theCommandLineBreaksItTooAndASecondProcessIsRefused() throws Exception {
    try (AgentProcess fault = simulator("simulate", "fault", "n1", "0", "heartbeat", "stall")) {
      assertThat(fault.exitCode()).as(fault.errors()).isZero();
    }
    String directory = node().directory().toString();
    try (AgentProcess fault = simulator("simulate", "fault", directory, "0", "heartbeat", "run")) {
      assertThat(fault.exitCode()).as(fault.errors()).isZero();
    }
    try (AgentProcess fault = simulator("simulate", "fault", directory + "x", "0", "hang")) {
      assertThat(fault.exitCode()).isEqualTo(1);
      assertThat(fault.errors()).contains("simulate neuron " + directory + "x").hasLineCount(1);
    }
    try (AgentProcess second = simulator("simulate", "neuron", node().directory().toString())) {
      assertThat(second.exitCode()).isEqualTo(1);
      assertThat(second.errors()).contains("another process simulates").hasLineCount(1);
    }
    assertThat(control().answers()).isTrue();
  }

  @Test
  void theMonitorTellsOfThePeriodAndTheListOfTheDevices() throws Exception {
    Path configuration = base.resolve("monitor.json");
    Files.writeString(
        configuration,
        "{\"period\":\"200ms\",\"neuron_runtimes\":[{\"tag_filter\":\".*\",\"metrics\":["
            + "{\"type\":\"neuroncore_counters\"},{\"type\":\"execution_stats\"},"
            + "{\"type\":\"memory_used\"}]}],\"system_metrics\":[{\"type\":\"neuron_hw_counters\"}]}");
    Process monitor =
        new ProcessBuilder(node().monitor().toString(), "-c", configuration.toString())
            .redirectError(base.resolve("monitor.err").toFile())
            .start();
    try (BufferedReader records =
        new BufferedReader(
            new InputStreamReader(monitor.getInputStream(), StandardCharsets.UTF_8))) {
      JsonNode first = JSON.readTree(records.readLine());
      JsonNode second = JSON.readTree(records.readLine());
      for (int i = 0; i < 20 && completed(second) == 0; i++) {
        second = JSON.readTree(records.readLine());
      }
      assertThat(first.at("/instance_info/instance_name").asText())
          .isEqualTo("millwright-simulated");
      assertThat(first.at("/neuron_hardware_info/neuron_device_type").asText())
          .isEqualTo("trainium3");
      assertThat(completed(second)).isPositive();
      JsonNode core =
          second.at("/neuron_runtime_data/0/report/neuroncore_counters/neuroncores_in_use");
      assertThat(core).hasSize(16);
      assertThat(core.at("/0/neuroncore_utilization").asDouble()).isBetween(0.0, 100.0);
      assertThat(core.at("/0/v4d")).hasSize(2);
      assertThat(second.at("/system_data/neuron_hw_counters/neuron_devices")).isNotEmpty();
      assertThat(second.at("/system_data/memory_info").isMissingNode()).isTrue();
    } finally {
      monitor.destroy();
      assertThat(monitor.waitFor(60, TimeUnit.SECONDS)).isTrue();
    }
    assertThat(base.resolve("monitor.err")).content().contains("SIMULATED");

    Process list = new ProcessBuilder(node().ls().toString(), "-j").start();
    JsonNode devices = JSON.readTree(list.getInputStream());
    assertThat(list.waitFor()).isZero();
    assertThat(devices.at("/1/neuroncore_ids").toString()).isEqualTo("[4,5,6,7]");
    assertThat(devices.at("/1/numa_node").isTextual()).isTrue();
    assertThat(devices.at("/1/connected_to").isNull()).isTrue();
  }

  private static long completed(JsonNode record) {
    return record
        .at("/neuron_runtime_data/0/report/execution_stats/execution_summary/completed")
        .asLong();
  }
}
