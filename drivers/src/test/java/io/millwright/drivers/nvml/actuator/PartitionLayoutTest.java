package io.millwright.drivers.nvml.actuator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every offset by which a device is divided, against the layouts computed from NVIDIA's header. */
class PartitionLayoutTest {

  /** As a row of the layouts: structure, field, its offset, the structure's size. */
  record Field(String structure, String field, int offset, int total) {}

  static Stream<Field> fields() {
    String profile = "nvmlGpuInstanceProfileInfo_v2_t";
    String compute = "nvmlComputeInstanceProfileInfo_v2_t";
    String placement = "nvmlGpuInstancePlacement_t";
    String instance = "nvmlGpuInstanceInfo_t";
    int profileSize = PartitionLayout.PROFILE_V2_SIZE;
    int computeSize = PartitionLayout.COMPUTE_PROFILE_V2_SIZE;
    int placementSize = PartitionLayout.PLACEMENT_SIZE;
    int instanceSize = PartitionLayout.INSTANCE_SIZE;
    return Stream.of(
        new Field(profile, "version", 0, profileSize),
        new Field(profile, "id", PartitionLayout.PROFILE_ID, profileSize),
        new Field(profile, "sliceCount", PartitionLayout.PROFILE_SLICES, profileSize),
        new Field(profile, "name", PartitionLayout.PROFILE_NAME, profileSize),
        new Field(compute, "version", 0, computeSize),
        new Field(compute, "id", PartitionLayout.COMPUTE_PROFILE_ID, computeSize),
        new Field(compute, "sliceCount", PartitionLayout.COMPUTE_PROFILE_SLICES, computeSize),
        new Field(placement, "start", PartitionLayout.PLACEMENT_START, placementSize),
        new Field(placement, "size", PartitionLayout.PLACEMENT_LENGTH, placementSize),
        new Field(instance, "id", PartitionLayout.INSTANCE_ID, instanceSize),
        new Field(instance, "placement", PartitionLayout.INSTANCE_PLACEMENT, instanceSize));
  }

  @ParameterizedTest
  @MethodSource("fields")
  void isThatOfTheHeader(Field field) throws IOException {
    assertThat(rows())
        .anySatisfy(row -> {
          assertThat(row.subList(0, 3))
              .containsExactly(field.structure(), field.field(), Integer.toString(field.offset()));
          assertThat(row.getLast()).isEqualTo(Integer.toString(field.total()));
        });
  }

  private static List<List<String>> rows() throws IOException {
    try (InputStream layouts =
        Objects.requireNonNull(
            PartitionLayoutTest.class.getResourceAsStream("/nvml/nvml-struct-layouts.tsv"))) {
      return new String(layouts.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .map(line -> List.of(line.split("\t", -1)))
          .toList();
    }
  }
}
