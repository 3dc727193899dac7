package io.millwright.drivers.nvml;

import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_INTERCONNECT_ERRORS_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_INTERCONNECT_RECEIVE_BYTES_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_INTERCONNECT_TRANSMIT_BYTES_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_LINK_BIT_ERROR_RATIO;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_LINK_ERRORS_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_LINK_FEC_CORRECTIONS_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_LINK_LOW_POWER;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_LINK_RECEIVE_BYTES_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_LINK_RECEIVE_PACKETS_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_LINK_RECOVERIES_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_LINK_SPEED_BYTES_PER_SECOND;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_LINK_TRANSMIT_BYTES_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_LINK_TRANSMIT_PACKETS_TOTAL;

import io.millwright.drivers.nvml.FieldBatch.Field;
import io.millwright.protocol.vocabulary.Metric;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Stream;

/**
 * What is read of the links of one type: a state and some quantities of each link, and on NVLink 4
 * and before two sums that the driver itself makes.
 *
 * @param type {@code nvlink} or {@code c2c}
 * @param state the field of a link's state
 * @param quantities those of them that the site wants
 * @param sums of all links, by the scope {@code UINT_MAX}
 */
record LinkPlan(String type, int links, int state, List<Quantity> quantities, List<Sum> sums) {
  private static final int ALL_LINKS = -1;

  /** The fields of errors from 206 on, then 219 and 221. */
  private static final List<Integer> ERROR_FIELDS =
      List.of(206, 207, 208, 209, 210, 211, 212, 219, 221);

  private static final List<String> ERROR_KINDS =
      List.of(
          "malformed",
          "buffer_overrun",
          "receive",
          "receive_remote",
          "receive_general",
          "local_integrity",
          "transmit_discard",
          "effective",
          "symbol");

  private static final int FEC_BINS = 16;

  LinkPlan {
    quantities = List.copyOf(quantities);
    sums = List.copyOf(sums);
  }

  /**
   * A number of each link.
   *
   * @param perLink the family of single links
   * @param own labels of that family behind link and type, and of the sum behind type
   * @param unit from what the driver says into the base unit
   * @param sum the family of the device that this is summed into
   * @param counter of {@code nvmlDeviceGetNvLinkErrorCounter}, for drivers without the field
   */
  record Quantity(
      Metric perLink,
      List<String> own,
      int field,
      DoubleUnaryOperator unit,
      Optional<Metric> sum,
      Optional<Integer> counter) {
    Quantity {
      own = List.copyOf(own);
    }

    static Quantity of(Metric perLink, int field, DoubleUnaryOperator unit, String... own) {
      return new Quantity(perLink, List.of(own), field, unit, Optional.empty(), Optional.empty());
    }

    Quantity summed(Metric device) {
      return new Quantity(perLink, own, field, unit, Optional.of(device), counter);
    }

    Quantity orCounter(int number) {
      return new Quantity(perLink, own, field, unit, sum, Optional.of(number));
    }

    private static Quantity error(int field, String kind) {
      return of(ACCELERATOR_LINK_ERRORS_TOTAL, field, Prefix.NONE::of, kind)
          .summed(ACCELERATOR_INTERCONNECT_ERRORS_TOTAL);
    }
  }

  /** A sum over all links that the driver makes. */
  record Sum(Metric device, int field, DoubleUnaryOperator unit) {}

  /** NVLink 5: Blackwell and later. */
  static LinkPlan nvlink5(int links, Metric.Tier tier) {
    Stream<Quantity> traffic =
        Stream.of(
            Quantity.of(ACCELERATOR_LINK_SPEED_BYTES_PER_SECOND, 164, Prefix.MEGA::of),
            Quantity.of(ACCELERATOR_LINK_TRANSMIT_PACKETS_TOTAL, 201, Prefix.NONE::of),
            Quantity.of(ACCELERATOR_LINK_TRANSMIT_BYTES_TOTAL, 202, Prefix.NONE::of)
                .summed(ACCELERATOR_INTERCONNECT_TRANSMIT_BYTES_TOTAL),
            Quantity.of(ACCELERATOR_LINK_RECEIVE_PACKETS_TOTAL, 203, Prefix.NONE::of),
            Quantity.of(ACCELERATOR_LINK_RECEIVE_BYTES_TOTAL, 204, Prefix.NONE::of)
                .summed(ACCELERATOR_INTERCONNECT_RECEIVE_BYTES_TOTAL),
            Quantity.of(ACCELERATOR_LINK_RECOVERIES_TOTAL, 213, Prefix.NONE::of, "success"),
            Quantity.of(ACCELERATOR_LINK_RECOVERIES_TOTAL, 214, Prefix.NONE::of, "failure"),
            Quantity.of(ACCELERATOR_LINK_BIT_ERROR_RATIO, 220, BitErrorRatio::of, "effective"),
            Quantity.of(ACCELERATOR_LINK_BIT_ERROR_RATIO, 222, BitErrorRatio::of, "symbol"),
            Quantity.of(ACCELERATOR_LINK_BIT_ERROR_RATIO, 293, BitErrorRatio::of, "raw"));
    List<Quantity> all = new ArrayList<>(traffic.toList());
    for (int i = 0; i < ERROR_FIELDS.size(); i++) {
      all.add(Quantity.error(ERROR_FIELDS.get(i), ERROR_KINDS.get(i)));
    }
    for (int bin = 0; bin < FEC_BINS; bin++) {
      all.add(
          Quantity.of(
              ACCELERATOR_LINK_FEC_CORRECTIONS_TOTAL,
              FieldIds.NVLINK_FEC_HISTORY + bin,
              Prefix.NONE::of,
              Integer.toString(bin)));
    }
    return new LinkPlan("nvlink", links, FieldIds.NVLINK_STATE, wanted(all, tier), List.of());
  }

  /** NVLink 4 and before: the bytes are payload, in KiB. */
  static LinkPlan nvlink4(int links, Metric.Tier tier) {
    List<Quantity> all =
        List.of(
            Quantity.of(ACCELERATOR_LINK_SPEED_BYTES_PER_SECOND, 164, Prefix.MEGA::of),
            Quantity.of(ACCELERATOR_LINK_TRANSMIT_BYTES_TOTAL, 138, Prefix.KIBI::of),
            Quantity.of(ACCELERATOR_LINK_RECEIVE_BYTES_TOTAL, 139, Prefix.KIBI::of),
            Quantity.error(161, "replay").orCounter(0),
            Quantity.error(162, "recovery").orCounter(1),
            Quantity.error(163, "crc").orCounter(2));
    List<Sum> sums =
        List.of(
            new Sum(ACCELERATOR_INTERCONNECT_TRANSMIT_BYTES_TOTAL, 138, Prefix.KIBI::of),
            new Sum(ACCELERATOR_INTERCONNECT_RECEIVE_BYTES_TOTAL, 139, Prefix.KIBI::of));
    return new LinkPlan(
        "nvlink", links, FieldIds.NVLINK_STATE, wanted(all, tier), links > 0 ? sums : List.of());
  }

  /**
   * A Grace module's links between processor and accelerator, which count no bytes. Replays back to
   * back are among the replays, so they are no errors of their own in the sum.
   */
  static LinkPlan c2c(int links, Metric.Tier tier) {
    List<Quantity> all =
        List.of(
            Quantity.of(ACCELERATOR_LINK_SPEED_BYTES_PER_SECOND, 172, Prefix.MEGA::of),
            Quantity.error(231, "crc"),
            Quantity.error(232, "replay"),
            Quantity.of(ACCELERATOR_LINK_ERRORS_TOTAL, 233, Prefix.NONE::of, "replay_back_to_back"),
            Quantity.of(ACCELERATOR_LINK_LOW_POWER, 234, Prefix.NONE::of));
    return new LinkPlan("c2c", links, FieldIds.C2C_LINK_STATUS, wanted(all, tier), List.of());
  }

  private static List<Quantity> wanted(List<Quantity> all, Metric.Tier tier) {
    return all.stream()
        .filter(each -> each.sum().isPresent() || each.perLink().tier().compareTo(tier) <= 0)
        .toList();
  }

  /** Entries of one link: its state, then its quantities. */
  int stride() {
    return 1 + quantities.size();
  }

  /** Entries of the batch that this plan takes. */
  int entries() {
    return links * stride() + sums.size();
  }

  /** The fields in the order of the batch: link by link, then the sums. */
  List<Field> fields() {
    List<Field> fields = new ArrayList<>();
    for (int link = 0; link < links; link++) {
      fields.add(new Field(state, link));
      for (Quantity quantity : quantities) {
        fields.add(new Field(quantity.field(), link));
      }
    }
    sums.forEach(sum -> fields.add(new Field(sum.field(), ALL_LINKS)));
    return fields;
  }
}
