package io.millwright.drivers.nvml;

import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_CONFIDENTIAL_COMPUTING_MODE;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_CONFIDENTIAL_COMPUTING_READY;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_CONFIDENTIAL_PEER_PROTECTION;

import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.List;

/**
 * Whether confidential computing is on, and whether the devices take work: nvml.md 2.18.
 *
 * <p>The driver tells it of the node as a whole, and each device's lane asks for itself and shows
 * it as its own: so it is read under that lane's deadline and books like everything else, a device
 * of a guest says it as one of bare metal does, and a rule on one device joins nothing. The price
 * is the same small call once a device and slow period.
 *
 * <p><i>Failure:</i> what the node refuses or fails to say is no word on the device: its series say
 * so, and the device is neither lost by it nor known to answer.
 */
final class ConfidentialReader implements Reader {
  private static final List<String> MODES = List.of("off", "on", "devtools");

  /** In the order of {@code NVML_CC_SYSTEM_MULTIGPU_*}. */
  private static final List<String> PROTECTIONS = List.of("none", "protected_pcie", "nvle");

  private static final int NO_WORD = -1;
  private static final int NONE = 0;
  private static final int ENABLED = 1;

  private final int[] modes;
  private final int[] protections;
  private final int ready;
  private int stateCode = NvmlCode.NOT_SUPPORTED;

  ConfidentialReader(SeriesTable.Builder table, Accelerator accelerator) {
    modes = slots(ACCELERATOR_CONFIDENTIAL_COMPUTING_MODE, MODES, table, accelerator);
    protections = slots(ACCELERATOR_CONFIDENTIAL_PEER_PROTECTION, PROTECTIONS, table, accelerator);
    ready =
        table.add(Cadence.SLOW, Series.of(ACCELERATOR_CONFIDENTIAL_COMPUTING_READY, accelerator));
  }

  private static int[] slots(
      Metric metric, List<String> words, SeriesTable.Builder table, Accelerator accelerator) {
    return words.stream()
        .mapToInt(word -> table.add(Cadence.SLOW, Series.of(metric, accelerator, word)))
        .toArray();
  }

  /** Whether the site sees this far. */
  static boolean wanted(SeriesTable.Builder table) {
    return table.wants(ACCELERATOR_CONFIDENTIAL_COMPUTING_MODE);
  }

  /**
   * What the state means for what there is only while something is protected: success where it is,
   * "not supported" where it is not, else the code of a call that failed.
   */
  int stateCode() {
    return stateCode;
  }

  @Override
  public void read(Cadence cadence, DeviceCalls calls) {
    if (cadence == Cadence.SLOW) {
      readState(calls);
      readReady(calls);
    }
  }

  private void readState(DeviceCalls calls) {
    calls.block().putInt(DeviceCalls.OUT, NvmlLayout.CC_SETTINGS_V1_VERSION);
    int code = calls.nvml().confidentialSettings(calls.out(0));
    if (!NvmlCode.fallsBack(code)) {
      take(calls, code, NvmlLayout.CC_SETTINGS_FEATURE, NvmlLayout.CC_SETTINGS_DEVTOOLS);
      boolean told = code == NvmlCode.SUCCESS;
      takeProtection(calls, code, told ? number(calls, NvmlLayout.CC_SETTINGS_PEERS) : NO_WORD);
      return;
    }
    code = calls.nvml().confidentialState(calls.out(0));
    take(calls, code, NvmlLayout.CC_STATE_FEATURE, NvmlLayout.CC_STATE_DEVTOOLS);
    takeProtection(calls, NvmlCode.NOT_SUPPORTED, NO_WORD);
  }

  /** A state without a word here leaves none of them at 1. */
  private void take(DeviceCalls calls, int code, int feature, int devtools) {
    boolean told = code == NvmlCode.SUCCESS;
    int mode = told ? mode(number(calls, feature), number(calls, devtools)) : NO_WORD;
    stateCode = told && mode == NONE ? NvmlCode.NOT_SUPPORTED : code;
    show(calls, modes, code, mode);
  }

  private static int mode(int feature, int devtools) {
    if (feature < 0 || feature > ENABLED || devtools < 0 || devtools > ENABLED) {
      return NO_WORD;
    }
    return feature + feature * devtools;
  }

  /** Devices may be protected together while the feature as such is off: protected PCIe. */
  private void takeProtection(DeviceCalls calls, int code, int protection) {
    if (code == NvmlCode.SUCCESS && protection != NONE) {
      stateCode = NvmlCode.SUCCESS;
    }
    show(calls, protections, code, protection);
  }

  private static void show(DeviceCalls calls, int[] slots, int code, int which) {
    for (int i = 0; i < slots.length; i++) {
      calls.settle(slots[i], code, i == which ? 1 : 0);
    }
  }

  /** What the driver says of it where nothing is protected means nothing. */
  private void readReady(DeviceCalls calls) {
    if (stateCode != NvmlCode.SUCCESS) {
      calls.settle(ready, stateCode, 0);
      return;
    }
    int code = calls.nvml().confidentialReady(calls.out(0));
    boolean told = code == NvmlCode.SUCCESS;
    calls.settle(ready, code, told ? (double) calls.block().getUnsigned(DeviceCalls.OUT) : 0);
  }

  private static int number(DeviceCalls calls, int offset) {
    return calls.block().getInt(DeviceCalls.OUT + offset);
  }
}
