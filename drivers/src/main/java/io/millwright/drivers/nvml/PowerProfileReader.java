package io.millwright.drivers.nvml;

import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_POWER_PROFILE_ACTIVE;

import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;

/** Which workload power profiles are in force, of those that the device has: nvml.md 2.21. */
final class PowerProfileReader implements Reader {
  private final int[] profiles;

  PowerProfileReader(SeriesTable.Builder table, Accelerator accelerator) {
    profiles = new int[table.wants(ACCELERATOR_POWER_PROFILE_ACTIVE) ? Integer.SIZE : 0];
    for (int i = 0; i < profiles.length; i++) {
      profiles[i] =
          table.add(
              Cadence.SLOW,
              Series.of(ACCELERATOR_POWER_PROFILE_ACTIVE, accelerator, PowerProfile.word(i)));
    }
  }

  @Override
  public void read(Cadence cadence, DeviceCalls calls) {
    if (cadence != Cadence.SLOW || profiles.length == 0) {
      return;
    }
    calls.block().putInt(DeviceCalls.OUT, NvmlLayout.POWER_PROFILES_V1_VERSION);
    int code = calls.nvml().powerProfiles(calls.device(), calls.out(0));
    boolean read = calls.succeeded(code);
    int supported = read ? mask(calls, NvmlLayout.POWER_PROFILES_SUPPORTED) : 0;
    int enforced = read ? mask(calls, NvmlLayout.POWER_PROFILES_ENFORCED) : 0;
    for (int i = 0; i < profiles.length; i++) {
      if (read && (supported >>> i & 1) == 0) {
        calls.unsupported(profiles[i]);
      } else {
        calls.settle(profiles[i], code, enforced >>> i & 1);
      }
    }
  }

  private static int mask(DeviceCalls calls, int offset) {
    return calls.block().getInt(DeviceCalls.OUT + offset);
  }
}
