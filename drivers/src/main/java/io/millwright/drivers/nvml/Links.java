package io.millwright.drivers.nvml;

import io.millwright.drivers.nvml.FieldBatch.Field;
import io.millwright.drivers.nvml.binding.NativeBlock;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Which links a device has, as its driver says when it is opened. How many are of the silicon and
 * not how many are wired: {@link LinkProfile} knows that.
 *
 * @param known whether the driver has answered; where it has not, it is asked again
 * @param peers what is at the other end of each NVLink, as of the opening; empty where nobody wants
 *     to know
 * @param c2c links to the processor of the same module
 */
record Links(boolean known, List<String> peers, int nvlinks, int c2c) {
  /** {@code NVML_NVLINK_MAX_LINKS}; a driver that says more is not believed. */
  private static final int MOST = 36;

  /** No batch of the readers begins here: see {@link FieldBatch}. */
  private static final int BEHIND_THE_OTHERS = Long.BYTES;

  /** {@code nvmlIntNvLinkDeviceType_t}. */
  private static final int ACCELERATOR = 0;

  private static final int PROCESSOR = 1;
  private static final int SWITCH = 2;

  private static final int COUNT = 0;
  private static final int C2C_COUNT = 1;

  private static final Links NOT_KNOWN = new Links(false, List.of(), 0, 0);

  Links {
    peers = List.copyOf(peers);
  }

  /** One call, and one a link where the site wants to see single links. */
  static Links ask(Nvml nvml, long device, Metric.Tier tier) {
    int values = DeviceCalls.OUT + DeviceCalls.OUT_SIZE + BEHIND_THE_OTHERS;
    try (NativeBlock block = new NativeBlock(values + FieldBatch.size(2))) {
      Readings none = new Readings(SeriesTable.builder().build());
      DeviceCalls calls = new DeviceCalls(nvml, device, block, none);
      FieldBatch batch =
          new FieldBatch(
              block,
              values,
              List.of(new Field(FieldIds.NVLINK_COUNT, 0), new Field(FieldIds.C2C_LINK_COUNT, 0)));
      batch.read(calls);
      int code = batch.code(calls, COUNT);
      int c2cCode = batch.code(calls, C2C_COUNT);
      if (!answered(code) || !answered(c2cCode)) {
        return NOT_KNOWN;
      }
      int links = count(code, batch, calls, COUNT);
      boolean wanted = Metric.ACCELERATOR_LINK_UP.tier().compareTo(tier) <= 0;
      return new Links(
          true,
          wanted ? peers(calls, links) : List.of(),
          links,
          count(c2cCode, batch, calls, C2C_COUNT));
    }
  }

  private static boolean answered(int code) {
    return code == NvmlCode.SUCCESS || NvmlCode.absent(code);
  }

  private static int count(int code, FieldBatch batch, DeviceCalls calls, int entry) {
    return code == NvmlCode.SUCCESS ? (int) Math.clamp(batch.value(calls, entry), 0, MOST) : 0;
  }

  private static List<String> peers(DeviceCalls calls, int links) {
    return IntStream.range(0, links).mapToObj(link -> peer(calls, link)).toList();
  }

  /** A link that is down knows nobody. */
  private static String peer(DeviceCalls calls, int link) {
    int code = calls.nvml().nvlinkRemoteType(calls.device(), link, calls.out(0));
    if (code != NvmlCode.SUCCESS) {
      return "unknown";
    }
    return switch (calls.block().getInt(DeviceCalls.OUT)) {
      case ACCELERATOR -> "accelerator";
      case PROCESSOR -> "cpu";
      case SWITCH -> "switch";
      default -> "unknown";
    };
  }
}
