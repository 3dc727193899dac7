package io.millwright.drivers.nvml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.millwright.protocol.vocabulary.Metric;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Numbers of links and bus against the header's own. */
class LinkConstantsTest {
  private static final String FIELD = "NVML_FI_DEV_";

  @ParameterizedTest
  @CsvSource({
    "NVLINK_COUNT_XMIT_BYTES, ACCELERATOR_LINK_TRANSMIT_BYTES_TOTAL, ''",
    "NVLINK_COUNT_RCV_BYTES, ACCELERATOR_LINK_RECEIVE_BYTES_TOTAL, ''",
    "NVLINK_COUNT_XMIT_PACKETS, ACCELERATOR_LINK_TRANSMIT_PACKETS_TOTAL, ''",
    "NVLINK_COUNT_RCV_PACKETS, ACCELERATOR_LINK_RECEIVE_PACKETS_TOTAL, ''",
    "NVLINK_GET_SPEED, ACCELERATOR_LINK_SPEED_BYTES_PER_SECOND, ''",
    "NVLINK_COUNT_MALFORMED_PACKET_ERRORS, ACCELERATOR_LINK_ERRORS_TOTAL, malformed",
    "NVLINK_COUNT_BUFFER_OVERRUN_ERRORS, ACCELERATOR_LINK_ERRORS_TOTAL, buffer_overrun",
    "NVLINK_COUNT_RCV_ERRORS, ACCELERATOR_LINK_ERRORS_TOTAL, receive",
    "NVLINK_COUNT_RCV_REMOTE_ERRORS, ACCELERATOR_LINK_ERRORS_TOTAL, receive_remote",
    "NVLINK_COUNT_RCV_GENERAL_ERRORS, ACCELERATOR_LINK_ERRORS_TOTAL, receive_general",
    "NVLINK_COUNT_LOCAL_LINK_INTEGRITY_ERRORS, ACCELERATOR_LINK_ERRORS_TOTAL, local_integrity",
    "NVLINK_COUNT_XMIT_DISCARDS, ACCELERATOR_LINK_ERRORS_TOTAL, transmit_discard",
    "NVLINK_COUNT_EFFECTIVE_ERRORS, ACCELERATOR_LINK_ERRORS_TOTAL, effective",
    "NVLINK_COUNT_SYMBOL_ERRORS, ACCELERATOR_LINK_ERRORS_TOTAL, symbol",
    "NVLINK_COUNT_LINK_RECOVERY_SUCCESSFUL_EVENTS, ACCELERATOR_LINK_RECOVERIES_TOTAL, success",
    "NVLINK_COUNT_LINK_RECOVERY_FAILED_EVENTS, ACCELERATOR_LINK_RECOVERIES_TOTAL, failure",
    "NVLINK_COUNT_EFFECTIVE_BER, ACCELERATOR_LINK_BIT_ERROR_RATIO, effective",
    "NVLINK_COUNT_SYMBOL_BER, ACCELERATOR_LINK_BIT_ERROR_RATIO, symbol",
    "NVLINK_COUNT_RAW_BER_V2, ACCELERATOR_LINK_BIT_ERROR_RATIO, raw",
    "NVLINK_COUNT_FEC_HISTORY_0, ACCELERATOR_LINK_FEC_CORRECTIONS_TOTAL, 0",
    "NVLINK_COUNT_FEC_HISTORY_15, ACCELERATOR_LINK_FEC_CORRECTIONS_TOTAL, 15",
  })
  void aQuantityOfNvlink5IsTheFieldOfThatName(String name, Metric metric, String own)
      throws IOException {
    assertThat(field(LinkPlan.nvlink5(18, Metric.Tier.OPTIONAL), metric, own))
        .isEqualTo(header(FIELD + name));
  }

  @ParameterizedTest
  @CsvSource({
    "NVLINK_THROUGHPUT_DATA_TX, ACCELERATOR_LINK_TRANSMIT_BYTES_TOTAL, ''",
    "NVLINK_THROUGHPUT_DATA_RX, ACCELERATOR_LINK_RECEIVE_BYTES_TOTAL, ''",
    "NVLINK_ERROR_DL_REPLAY, ACCELERATOR_LINK_ERRORS_TOTAL, replay",
    "NVLINK_ERROR_DL_RECOVERY, ACCELERATOR_LINK_ERRORS_TOTAL, recovery",
    "NVLINK_ERROR_DL_CRC, ACCELERATOR_LINK_ERRORS_TOTAL, crc",
  })
  void aQuantityOfNvlink4IsTheFieldOfThatName(String name, Metric metric, String own)
      throws IOException {
    assertThat(field(LinkPlan.nvlink4(18, Metric.Tier.OPTIONAL), metric, own))
        .isEqualTo(header(FIELD + name));
  }

  @ParameterizedTest
  @CsvSource({
    "C2C_LINK_GET_MAX_BW, ACCELERATOR_LINK_SPEED_BYTES_PER_SECOND, ''",
    "C2C_LINK_ERROR_INTR, ACCELERATOR_LINK_ERRORS_TOTAL, crc",
    "C2C_LINK_ERROR_REPLAY, ACCELERATOR_LINK_ERRORS_TOTAL, replay",
    "C2C_LINK_ERROR_REPLAY_B2B, ACCELERATOR_LINK_ERRORS_TOTAL, replay_back_to_back",
    "C2C_LINK_POWER_STATE, ACCELERATOR_LINK_LOW_POWER, ''",
  })
  void aQuantityOfC2cIsTheFieldOfThatName(String name, Metric metric, String own)
      throws IOException {
    assertThat(field(LinkPlan.c2c(10, Metric.Tier.OPTIONAL), metric, own))
        .isEqualTo(header(FIELD + name));
  }

  private static int field(LinkPlan plan, Metric metric, String own) {
    return plan.quantities().stream()
        .filter(quantity -> quantity.perLink() == metric)
        .filter(quantity -> String.join("", quantity.own()).equals(own))
        .mapToInt(LinkPlan.Quantity::field)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void theErrorsOfTheBusAreInTheOrderOfTheirKinds() throws IOException {
    String[] names = {
      "PCIE_REPLAY_COUNTER",
      "PCIE_COUNT_CORRECTABLE_ERRORS",
      "PCIE_COUNT_NAKS_RECEIVED",
      "PCIE_COUNT_RECEIVER_ERROR",
      "PCIE_COUNT_BAD_TLP",
      "PCIE_COUNT_NAKS_SENT",
      "PCIE_COUNT_BAD_DLLP",
      "PCIE_COUNT_NON_FATAL_ERROR",
      "PCIE_COUNT_FATAL_ERROR",
      "PCIE_COUNT_UNSUPPORTED_REQ",
      "PCIE_COUNT_LCRC_ERROR",
      "PCIE_L0_TO_RECOVERY_COUNTER"
    };
    for (int i = 0; i < names.length; i++) {
      assertThat(PcieReader.fields().get(i).id()).as(names[i]).isEqualTo(header(FIELD + names[i]));
    }
    assertThat(PcieReader.fields()).hasSize(names.length);
  }

  @Test
  void theRestIsOfTheHeaderToo() throws IOException {
    assertThat(FieldIds.NVLINK_COUNT).isEqualTo(header("NVML_FI_DEV_NVLINK_LINK_COUNT"));
    assertThat(FieldIds.NVLINK_STATE).isEqualTo(header("NVML_FI_DEV_NVLINK_GET_STATE"));
    assertThat(FieldIds.C2C_LINK_COUNT).isEqualTo(header("NVML_FI_DEV_C2C_LINK_COUNT"));
    assertThat(FieldIds.C2C_LINK_STATUS).isEqualTo(header("NVML_FI_DEV_C2C_LINK_GET_STATUS"));
    assertThat(FieldIds.PCIE_SENT_BYTES).isEqualTo(header("NVML_FI_DEV_PCIE_COUNT_TX_BYTES"));
    assertThat(FieldIds.PCIE_RECEIVED_BYTES).isEqualTo(header("NVML_FI_DEV_PCIE_COUNT_RX_BYTES"));
    assertThat(BitErrorRatio.MANTISSA_SHIFT).isEqualTo(header("NVML_NVLINK_BER_MANTISSA_SHIFT"));
    assertThat(BitErrorRatio.MANTISSA_MASK).isEqualTo(header("NVML_NVLINK_BER_MANTISSA_WIDTH"));
    assertThat(BitErrorRatio.EXPONENT_MASK).isEqualTo(header("NVML_NVLINK_BER_EXP_WIDTH"));
    assertThat(header("NVML_NVLINK_BER_EXP_SHIFT")).isZero();
    assertThat(header("NVML_NVLINK_ERROR_DL_REPLAY")).isZero();
    assertThat(header("NVML_NVLINK_ERROR_DL_RECOVERY")).isEqualTo(1);
    assertThat(header("NVML_NVLINK_ERROR_DL_CRC_FLIT")).isEqualTo(2);
    assertThat(header("NVML_NVLINK_STATE_ACTIVE")).isEqualTo(1);
    assertThat(header("NVML_NVLINK_STATE_SLEEP")).isEqualTo(2);
    assertThat(header("NVML_NVLINK_DEVICE_TYPE_SWITCH")).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource({
    "0x30C, 3e-12",
    "0xF0F, 15e-15",
    "0x100, 1",
    "0x000, 0",
    "0xFFF, 15e-255",
    "0xA30C, 3e-12",
  })
  void aPackedRatioIsMantissaTimesAPowerOfTen(String packed, double ratio) {
    assertThat(BitErrorRatio.of(Integer.decode(packed))).isCloseTo(ratio, within(ratio * 1e-15));
  }

  @Test
  void aTierHasTheQuantitiesItShowsAndThoseItSums() {
    assertThat(LinkPlan.nvlink5(18, Metric.Tier.BASE).entries()).isEqualTo(18 * (1 + 2 + 9));
    assertThat(LinkPlan.nvlink5(18, Metric.Tier.EXTENDED).entries()).isEqualTo(18 * 20);
    assertThat(LinkPlan.nvlink5(18, Metric.Tier.OPTIONAL).entries()).isEqualTo(18 * 36);
    assertThat(LinkPlan.nvlink4(18, Metric.Tier.BASE).entries()).isEqualTo(18 * (1 + 3) + 2);
    assertThat(LinkPlan.nvlink4(0, Metric.Tier.BASE).fields()).isEmpty();
    LinkPlan plan = LinkPlan.nvlink4(18, Metric.Tier.EXTENDED);
    assertThat(plan.fields()).hasSize(plan.entries());
  }

  private static int header(String name) throws IOException {
    try (InputStream table =
        Objects.requireNonNull(
            LinkConstantsTest.class.getResourceAsStream("/nvml/nvml-constants.tsv"))) {
      Map<String, String> constants =
          new String(table.readAllBytes(), StandardCharsets.UTF_8)
              .lines()
              .map(line -> line.split("\t", -1))
              .collect(Collectors.toMap(cells -> cells[0], cells -> cells[1], (a, b) -> a));
      assertThat(constants.keySet()).containsAll(Set.of(name));
      return Integer.decode(Objects.requireNonNull(constants.get(name)));
    }
  }
}
