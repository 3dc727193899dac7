package io.millwright.drivers.nvml;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every offset of the events of the node, against the layouts computed from NVIDIA's header. */
class SystemEventLayoutTest {

  /** As a row of the layouts: structure, field, its offset, the structure's size. */
  record Field(String structure, String field, int offset, int total) {}

  static Stream<Field> fields() {
    String create = "nvmlSystemEventSetCreateRequest_v1_t";
    String free = "nvmlSystemEventSetFreeRequest_v1_t";
    String register = "nvmlSystemRegisterEventRequest_v1_t";
    String wait = "nvmlSystemEventSetWaitRequest_v1_t";
    String event = "nvmlSystemEventData_v1_t";
    int registerSize = SystemEventLayout.REGISTER_SIZE;
    int waitSize = SystemEventLayout.WAIT_SIZE;
    return Stream.of(
        new Field(create, "version", 0, SystemEventLayout.SET_SIZE),
        new Field(create, "set", SystemEventLayout.SET, SystemEventLayout.SET_SIZE),
        new Field(free, "version", 0, SystemEventLayout.SET_SIZE),
        new Field(free, "set", SystemEventLayout.SET, SystemEventLayout.SET_SIZE),
        new Field(register, "version", 0, registerSize),
        new Field(register, "eventTypes", SystemEventLayout.REGISTER_TYPES, registerSize),
        new Field(register, "set", SystemEventLayout.REGISTER_SET, registerSize),
        new Field(wait, "version", 0, waitSize),
        new Field(wait, "timeoutms", SystemEventLayout.WAIT_MILLISECONDS, waitSize),
        new Field(wait, "set", SystemEventLayout.WAIT_SET, waitSize),
        new Field(wait, "data", SystemEventLayout.WAIT_DATA, waitSize),
        new Field(wait, "dataSize", SystemEventLayout.WAIT_ROOM, waitSize),
        new Field(wait, "numEvent", SystemEventLayout.WAIT_NUMBER, waitSize),
        new Field(event, "eventType", SystemEventLayout.EVENT_TYPE, SystemEventLayout.EVENT_SIZE),
        new Field(event, "gpuId", SystemEventLayout.EVENT_GPU, SystemEventLayout.EVENT_SIZE),
        new Field(
            "nvmlEventData_t",
            "gpuInstanceId",
            NvmlLayout.EVENT_GPU_INSTANCE,
            NvmlLayout.EVENT_SIZE),
        new Field(
            "nvmlEventData_t",
            "computeInstanceId",
            NvmlLayout.EVENT_COMPUTE_INSTANCE,
            NvmlLayout.EVENT_SIZE));
  }

  @ParameterizedTest
  @MethodSource("fields")
  void isThatOfTheHeader(Field field) throws IOException {
    assertThat(rows("nvml-struct-layouts.tsv"))
        .anySatisfy(row -> {
          assertThat(row.subList(0, 3))
              .containsExactly(field.structure(), field.field(), Integer.toString(field.offset()));
          assertThat(row.getLast()).isEqualTo(Integer.toString(field.total()));
        });
  }

  @Test
  void versionsAreTheHeaders() throws IOException {
    assertThat(rows("nvml-constants.tsv"))
        .contains(
            List.of("nvmlSystemEventSetCreateRequest_v1", "" + SystemEventLayout.SET_VERSION),
            List.of("nvmlSystemEventSetFreeRequest_v1", "" + SystemEventLayout.SET_VERSION),
            List.of("nvmlSystemRegisterEventRequest_v1", "" + SystemEventLayout.REGISTER_VERSION),
            List.of("nvmlSystemEventSetWaitRequest_v1", "" + SystemEventLayout.WAIT_VERSION));
  }

  private static List<List<String>> rows(String table) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(SystemEventLayoutTest.class.getResourceAsStream("/nvml/" + table))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .map(line -> List.of(line.split("\t", -1)))
          .toList();
    }
  }
}
