package io.millwright.drivers.nvml;

import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_LINK_BANDWIDTH_REDUCED;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_LINK_ENCRYPTION_ENABLED;

import io.millwright.drivers.nvml.binding.NativeBlock;
import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import org.jspecify.annotations.Nullable;

/**
 * How the NVLinks of a device are set as a whole: whether they encrypt, and whether somebody has
 * given bandwidth away for power: nvml.md 2.11.
 */
final class LinkModeReader implements Reader {
  private static final int BEST = 1;

  private final int encrypted;
  private final int reduced;
  private @Nullable NativeBlock second;

  LinkModeReader(SeriesTable.Builder table, Accelerator accelerator) {
    encrypted =
        table.add(Cadence.SLOW, Series.of(ACCELERATOR_LINK_ENCRYPTION_ENABLED, accelerator));
    reduced = table.add(Cadence.SLOW, Series.of(ACCELERATOR_LINK_BANDWIDTH_REDUCED, accelerator));
  }

  /** Whether the site sees this far. */
  static boolean wanted(SeriesTable.Builder table) {
    return table.wants(ACCELERATOR_LINK_ENCRYPTION_ENABLED);
  }

  @Override
  public void read(Cadence cadence, DeviceCalls calls) {
    if (cadence != Cadence.SLOW) {
      return;
    }
    readEncryption(calls);
    readBandwidth(calls);
  }

  /**
   * A driver that no longer takes the first struct has the same at the same place of the second.
   */
  private void readEncryption(DeviceCalls calls) {
    int version = NvmlLayout.LINK_INFO_V1_VERSION;
    calls.block().putInt(DeviceCalls.OUT, version);
    int code = calls.nvml().linkInfo(calls.device(), version, calls.out(0));
    if (code == NvmlCode.ARGUMENT_VERSION_MISMATCH) {
      readSecond(calls);
    } else {
      calls.settleUnsigned(encrypted, code, NvmlLayout.LINK_INFO_ENCRYPTED, Prefix.NONE);
    }
  }

  /** It is larger than the scratch area. */
  private void readSecond(DeviceCalls calls) {
    NativeBlock info = second;
    if (info == null) {
      info = new NativeBlock(NvmlLayout.LINK_INFO_V2_SIZE);
      second = info;
    }
    int version = NvmlLayout.LINK_INFO_V2_VERSION;
    info.putInt(0, version);
    int code = calls.nvml().linkInfo(calls.device(), version, info.address(0));
    boolean told = calls.succeeded(code);
    calls.settle(
        encrypted, code, told ? (double) info.getUnsigned(NvmlLayout.LINK_INFO_ENCRYPTED) : 0);
  }

  @Override
  public void close(DeviceCalls calls) {
    if (second != null) {
      second.close();
    }
    second = null;
  }

  /** The modes are numbers without a published meaning; whether it is the best one is told. */
  private void readBandwidth(DeviceCalls calls) {
    calls.block().putInt(DeviceCalls.OUT, NvmlLayout.LINK_BANDWIDTH_V1_VERSION);
    int code = calls.nvml().linkBandwidth(calls.device(), calls.out(0));
    boolean told = calls.succeeded(code);
    boolean best =
        told && calls.block().getInt(DeviceCalls.OUT + NvmlLayout.LINK_BANDWIDTH_BEST) == BEST;
    calls.settle(reduced, code, best ? 0 : 1);
  }
}
