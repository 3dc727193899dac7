package io.millwright.drivers.nvml;

import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_PCIE_ERRORS_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_PCIE_LINK_GENERATION;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_PCIE_LINK_WIDTH_LANES;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_PCIE_RECEIVE_BYTES_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_PCIE_REPLAYS_TOTAL;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_PCIE_TRANSMIT_BYTES_TOTAL;

import io.millwright.drivers.nvml.FieldBatch.Field;
import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.List;
import java.util.stream.Stream;

/**
 * The PCIe link. The counters of bytes are read at each tick, because they wrap ({@link
 * WrappingCounter}); {@code nvmlDeviceGetPcieThroughput} is never called: it waits 20 ms inside.
 */
final class PcieReader implements Reader {
  private static final List<String> KINDS =
      List.of(
          "correctable",
          "naks_received",
          "receiver",
          "bad_tlp",
          "naks_sent",
          "bad_dllp",
          "non_fatal",
          "fatal",
          "unsupported_request",
          "lcrc",
          "l0_to_recovery");

  /** In the order of {@link #KINDS}. */
  private static final List<Integer> KIND_FIELDS =
      List.of(173, 174, 175, 176, 177, 178, 179, 180, 181, 182, 169);

  private static final int REPLAYS = 0;
  private static final int ERRORS = 1;

  private final FastFields fast;
  private final SlowFields slow;
  private final WrappingCounter received = new WrappingCounter();
  private final WrappingCounter sent = new WrappingCounter();
  private final int generation;
  private final int mostGeneration;
  private final int lanes;
  private final int mostLanes;
  private final int receivedBytes;
  private final int sentBytes;
  private final int replays;
  private final int[] errors;

  PcieReader(FastFields fast, SlowFields slow, SeriesTable.Builder table, Accelerator accelerator) {
    this.fast = fast;
    this.slow = slow;
    generation = slow(table, Series.of(ACCELERATOR_PCIE_LINK_GENERATION, accelerator, "current"));
    mostGeneration = slow(table, Series.of(ACCELERATOR_PCIE_LINK_GENERATION, accelerator, "max"));
    lanes = slow(table, Series.of(ACCELERATOR_PCIE_LINK_WIDTH_LANES, accelerator, "current"));
    mostLanes = slow(table, Series.of(ACCELERATOR_PCIE_LINK_WIDTH_LANES, accelerator, "max"));
    receivedBytes =
        table.add(Cadence.FAST, Series.of(ACCELERATOR_PCIE_RECEIVE_BYTES_TOTAL, accelerator));
    sentBytes =
        table.add(Cadence.FAST, Series.of(ACCELERATOR_PCIE_TRANSMIT_BYTES_TOTAL, accelerator));
    replays = slow(table, Series.of(ACCELERATOR_PCIE_REPLAYS_TOTAL, accelerator));
    errors =
        KINDS.stream()
            .mapToInt(
                kind -> slow(table, Series.of(ACCELERATOR_PCIE_ERRORS_TOTAL, accelerator, kind)))
            .toArray();
  }

  /** The first entries of {@link SlowFields}. */
  static List<Field> fields() {
    return Stream.concat(Stream.of(FieldIds.PCIE_REPLAYS), KIND_FIELDS.stream())
        .map(id -> new Field(id, 0))
        .toList();
  }

  @Override
  public void read(Cadence cadence, DeviceCalls calls) {
    if (cadence == Cadence.FAST) {
      readBytes(calls, FastFields.PCIE_SENT, sentBytes, sent);
      readBytes(calls, FastFields.PCIE_RECEIVED, receivedBytes, received);
    }
    if (cadence == Cadence.SLOW) {
      readLink(calls);
      readReplays(calls);
      for (int i = 0; i < errors.length; i++) {
        slow.batch().settle(calls, ERRORS + i, errors[i], Prefix.NONE);
      }
    }
  }

  private void readBytes(DeviceCalls calls, int entry, int slot, WrappingCounter counter) {
    FieldBatch batch = fast.batch();
    int code = batch.code(calls, entry);
    boolean read = calls.succeeded(code);
    calls.settle(slot, code, read ? counter.total(batch.value(calls, entry)) : 0);
  }

  private void readLink(DeviceCalls calls) {
    Nvml nvml = calls.nvml();
    long device = calls.device();
    long out = calls.out(0);
    calls.settleUnsigned(generation, nvml.pcieGeneration(device, out), Prefix.NONE);
    calls.settleUnsigned(mostGeneration, nvml.maxPcieGeneration(device, out), Prefix.NONE);
    calls.settleUnsigned(lanes, nvml.pcieWidth(device, out), Prefix.NONE);
    calls.settleUnsigned(mostLanes, nvml.maxPcieWidth(device, out), Prefix.NONE);
  }

  private void readReplays(DeviceCalls calls) {
    FieldBatch batch = slow.batch();
    batch.settle(calls, REPLAYS, replays, Prefix.NONE);
    if (NvmlCode.absent(batch.code(calls, REPLAYS))) {
      calls.settleUnsigned(
          replays, calls.nvml().pcieReplays(calls.device(), calls.out(0)), Prefix.NONE);
    }
  }

  private static int slow(SeriesTable.Builder table, Series series) {
    return table.add(Cadence.SLOW, series);
  }
}
