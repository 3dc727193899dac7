package io.millwright.drivers.neuron.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecordReaderTest {

  @Test
  void aCoreBelongsToTheRuntimeThatUsesIt() {
    MonitorRecord record = Records.of("inf1-four-runtimes.jsonl");
    assertThat(record.runtimes())
        .extracting(RuntimeReport::tag)
        .containsExactly("worker-0", "worker-1", "worker-2", "worker-3");
    assertThat(record.cores())
        .extracting(CoreUse::index, CoreUse::tag, CoreUse::utilization)
        .containsExactly(
            tuple(0, "worker-0", OptionalDouble.of(0.2)),
            tuple(1, "worker-1", OptionalDouble.of(0.3)),
            tuple(2, "worker-2", OptionalDouble.of(0.4)),
            tuple(3, "worker-3", OptionalDouble.of(0.5)));
    assertThat(record.cores().get(2).memoryBytes())
        .containsEntry("constants", 60_000_002L)
        .containsEntry("runtime", 40_000L);
    assertThat(record.devices())
        .containsExactly(
            new DeviceEcc(
                0,
                Map.of(
                    "mem_ecc_corrected", 3L,
                    "mem_ecc_uncorrected", 0L,
                    "sram_ecc_corrected", 1L,
                    "sram_ecc_uncorrected", 0L)));
    assertThat(record.instance().id()).isEqualTo("i-0000000000000f00d");
    assertThat(record.hardware().memoryBytes()).isEmpty();
    assertThat(record.troubles()).isEmpty();
  }

  @Test
  void memoryOfACoreIsSummedOverItsRuntimes() {
    String runtime =
        """
        {"pid":%d,"neuron_runtime_tag":"%s","report":{
          "memory_used":{"neuron_runtime_used_bytes":{"usage_breakdown":{
            "neuroncore_memory_usage":{"5":{"tensors":%d}}}}},
          "neuroncore_counters":{"neuroncores_in_use":{"5":{"neuroncore_utilization":%s}}}}}\
        """;
    MonitorRecord record =
        Records.read(
            "{\"neuron_runtime_data\":["
                + runtime.formatted(1, "a", 10, "75.5")
                + ","
                + runtime.formatted(2, "b", 20, "0")
                + "]}");
    assertThat(record.cores())
        .containsExactly(new CoreUse(5, "a", OptionalDouble.of(0.755), Map.of("tensors", 30L)));
  }

  @Test
  void whatIsNotThereIsNotThere() {
    RuntimeReport inf2 = Records.of("inf2-without-generic.jsonl").runtimes().getFirst();
    assertThat(inf2.errors()).doesNotContainKey("generic").containsEntry("hardware", 0L);
    assertThat(inf2.latency("total", "p50")).hasValue(0.000061);
    assertThat(inf2.latency("total", "p25")).isEmpty();
    assertThat(inf2.cpuRatios()).isEqualTo(Map.of("user", 0.125, "system", 0.1025));
    assertThat(inf2.memoryBytes()).isEqualTo(Map.of("host", 900_000_000L, "device", 110_000_000L));
  }

  @Test
  void anIdleNodeHasFactsOnly() {
    MonitorRecord idle = Records.of("trn1-idle-first.jsonl");
    assertThat(idle.runtimes()).isEmpty();
    assertThat(idle.cores()).isEmpty();
    assertThat(idle.devices()).isEmpty();
    assertThat(idle.hardware()).isEqualTo(new MonitorRecord.Hardware("1", "34359738368", "2"));
    assertThat(idle.instance().id()).isEmpty();
    assertThat(idle.troubles()).as("no metadata service answers, as everywhere on site").isEmpty();
  }

  @Test
  void aLogicalCoreIsOneCore() {
    MonitorRecord trn2 = Records.of("trn2-logical-cores.jsonl");
    assertThat(trn2.cores()).hasSize(8);
    assertThat(trn2.cores().get(3).utilization()).hasValue(0.45);
    RuntimeReport runtime = trn2.runtimes().getFirst();
    assertThat(runtime.latencies()).isEmpty();
    assertThat(runtime.executions()).containsEntry("timed_out", 2L);
    assertThat(runtime.cpuError()).contains("process accounting is not available");
    assertThat(runtime.cpuRatios()).isEmpty();
    assertThat(trn2.troubles())
        .containsExactly(
            new MonitorRecord.Trouble(
                "neuron_runtime_vcpu_usage", "process accounting is not available"));
    assertThat(Records.of("trn3-synthetic.jsonl").cores()).hasSize(16);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"neuron_runtime_data\":null,\"system_data\":null,\"instance_info\":null}",
        "{\"neuron_runtime_data\":{},\"system_data\":[],\"new_group\":{\"a\":[[{}]]}}",
        "{\"neuron_runtime_data\":[null,7,[],{\"report\":null}],\"system_data\":7}",
        "{\"neuron_runtime_data\":[{\"report\":{\"execution_stats\":{\"execution_summary\":"
            + "{\"completed\":\"many\",\"timed_out\":-1,\"failed_to_queue\":1.5}}}}]}",
        "{\"system_data\":{\"neuron_hw_counters\":{\"neuron_devices\":[{},{"
            + "\"neuron_device_index\":-1},{\"neuron_device_index\":99999}]}}}",
        "{\"neuron_runtime_data\":[{\"report\":{\"neuroncore_counters\":{\"neuroncores_in_use\":"
            + "{\"x\":{\"neuroncore_utilization\":1},\"1024\":{\"neuroncore_utilization\":1}}}}}]}"
      })
  void anythingOfAnotherShapeIsPassedOver(String line) {
    MonitorRecord record = Records.read(line);
    assertThat(record.cores()).isEmpty();
    assertThat(record.devices()).isEmpty();
    assertThat(record.runtimes()).allMatch(runtime -> runtime.executions().isEmpty());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "7",
        "[]",
        "{",
        "null",
        "time=now level=error",
        "{}{}",
        "{\"a\":1}]",
        "\u0000"
      })
  void whatIsNoObjectIsMalformed(String line) {
    assertThat(Records.result(line)).isInstanceOf(ReadResult.Malformed.class);
  }

  /** A child that is killed leaves half a line. */
  @Test
  void everyHalfOfALineIsMalformed() {
    String line = Records.line("inf2-without-generic.jsonl");
    for (int length = 0; length < line.length(); length++) {
      assertThat(Records.result(line.substring(0, length)))
          .as("%d of %d bytes", length, line.length())
          .isInstanceOf(ReadResult.Malformed.class);
    }
  }

  @Test
  void anyBytesAreARecordOrMalformed() {
    long seed = System.nanoTime();
    System.out.println("RecordReaderTest seed " + seed);
    Random random = new Random(seed);
    String line = Records.line("inf1-four-runtimes.jsonl");
    int malformed = 0;
    for (int round = 0; round < 2000; round++) {
      StringBuilder broken = new StringBuilder(line);
      for (int change = random.nextInt(1, 6); change > 0; change--) {
        broken.setCharAt(random.nextInt(broken.length()), (char) random.nextInt(1, 128));
      }
      malformed += Records.result(broken.toString()) instanceof ReadResult.Malformed ? 1 : 0;
    }
    assertThat(malformed).isBetween(1, 1999);
  }

  /** Whether the error stands before the values or behind them. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void valuesOfAGroupWithAnErrorAreNone(boolean first) {
    String whole =
        """
        {"neuron_runtime_data":[{"pid":7,"neuron_runtime_tag":"t","report":{
          "execution_stats":{"execution_summary":{"completed":4},"error_summary":{"model":1},
            "latency_stats":{"total_latency":{"p50":0.5}},"error":""},
          "memory_used":{"neuron_runtime_used_bytes":{"host":1,"neuron_device":2,
            "usage_breakdown":{"neuroncore_memory_usage":{"0":{"tensors":3}}}},"error":""},
          "neuron_runtime_vcpu_usage":{"vcpu_usage":{"user":10,"system":20},"error":""},
          "neuroncore_counters":{"neuroncores_in_use":{"0":{"neuroncore_utilization":50}},
            "error":""}}}],
        "system_data":{"neuron_hw_counters":{"neuron_devices":[
          {"neuron_device_index":0,"mem_ecc_corrected":5}],"error":""}}}\
        """;
    MonitorRecord well = Records.read(whole);
    assertThat(well.troubles()).isEmpty();
    RuntimeReport good = well.runtimes().getFirst();

    RuntimeReport noExecutions = broken(whole, "execution_stats", first).runtimes().getFirst();
    assertThat(noExecutions.executions()).isEmpty();
    assertThat(noExecutions.errors()).isEmpty();
    assertThat(noExecutions.latencies()).isEmpty();
    assertThat(noExecutions.memoryBytes()).isEqualTo(good.memoryBytes());

    MonitorRecord noMemory = broken(whole, "memory_used", first);
    assertThat(noMemory.runtimes().getFirst().memoryBytes()).isEmpty();
    assertThat(noMemory.cores())
        .containsExactly(new CoreUse(0, "t", OptionalDouble.of(0.5), Map.of()));

    RuntimeReport noCpu = broken(whole, "neuron_runtime_vcpu_usage", first).runtimes().getFirst();
    assertThat(noCpu.cpuRatios()).isEmpty();
    assertThat(noCpu.executions()).isEqualTo(good.executions());

    assertThat(broken(whole, "neuroncore_counters", first).cores())
        .containsExactly(new CoreUse(0, "t", OptionalDouble.empty(), Map.of("tensors", 3L)));

    MonitorRecord noEcc = broken(whole, "neuron_hw_counters", first);
    assertThat(noEcc.devices()).isEmpty();
    assertThat(noEcc.cores()).isEqualTo(well.cores());
  }

  private static MonitorRecord broken(String whole, String group, boolean first) {
    int begin = whole.indexOf("\"" + group + "\":{") + group.length() + 4;
    int error = whole.indexOf("\"error\":\"\"", begin);
    MonitorRecord record =
        Records.read(
            first
                ? whole.substring(0, begin) + "\"error\":\"no\"," + without(whole, begin, error)
                : whole.substring(0, error) + "\"error\":\"no\"" + whole.substring(error + 10));
    assertThat(record.troubles()).containsExactly(new MonitorRecord.Trouble(group, "no"));
    return record;
  }

  private static String without(String whole, int begin, int error) {
    return whole.substring(begin, error) + "\"more\":0" + whole.substring(error + 10);
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "-0.5", "1e999", "-1e999", "\"50\"", "null"})
  void aUtilizationThatIsNoneIsLeftOut(String percent) {
    assertThat(Records.read(busy(percent)).cores()).isEmpty();
    assertThat(Records.read(busy("100.4")).cores())
        .extracting(CoreUse::utilization)
        .containsExactly(OptionalDouble.of(1));
  }

  private static String busy(String percent) {
    return "{\"neuron_runtime_data\":[{\"pid\":1,\"report\":{\"neuroncore_counters\":"
        + "{\"neuroncores_in_use\":{\"0\":{\"neuroncore_utilization\":"
        + percent
        + "}}}}}]}";
  }

  @Test
  void aDeviceIsThereOnce() {
    String device = "{\"neuron_device_index\":%d,\"mem_ecc_corrected\":%d}";
    MonitorRecord record =
        Records.read(
            "{\"system_data\":{\"neuron_hw_counters\":{\"neuron_devices\":["
                + String.join(
                    ",", device.formatted(3, 7), device.formatted(3, 9), device.formatted(64, 1))
                + "]}}}");
    assertThat(record.devices()).containsExactly(new DeviceEcc(3, Map.of("mem_ecc_corrected", 7L)));
    assertThat(record.troubles())
        .containsExactly(
            new MonitorRecord.Trouble(
                "neuron_hw_counters", "a device is there twice; the first is taken"),
            new MonitorRecord.Trouble("neuron_hw_counters", "more than 64 devices"));
    assertThat(Records.read(busy("1").replace("\"0\"", "\"1024\"")).troubles())
        .containsExactly(new MonitorRecord.Trouble("neuroncore_counters", "more than 1024 cores"));
  }

  /** Also those that look like another encoding's. */
  @ParameterizedTest
  @ValueSource(strings = {"7b00000022", "0000007b00", "fffe7b00", "feff007b", "00007bff", "ff"})
  void bytesOfAnotherEncodingAreMalformed(String bytes) throws IOException {
    assertThat(new RecordReader().read(new ByteArrayInputStream(HexFormat.of().parseHex(bytes))))
        .isInstanceOf(ReadResult.Malformed.class);
  }

  @Test
  void whatItHoldsIsBounded() {
    String runtime = "{\"pid\":1,\"neuron_runtime_tag\":\"" + "t".repeat(5000) + "\\n\"}";
    MonitorRecord record =
        Records.read(
            "{\"neuron_runtime_data\":["
                + String.join(",", Collections.nCopies(300, runtime))
                + "]}");
    assertThat(record.runtimes()).hasSize(128);
    assertThat(record.runtimes().getFirst().tag()).hasSize(256);
    assertThat(record.troubles())
        .containsExactly(
            new MonitorRecord.Trouble("neuron_runtime_data", "more than 128 runtimes"));
    assertThat(List.copyOf(record.cores())).isEmpty();
  }
}
