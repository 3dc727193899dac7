package io.millwright.drivers.nvml;

import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_FABRIC_CONDITION;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_FABRIC_INFO;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_FABRIC_REGISTRATION_FAILED;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_FABRIC_STATE;

import io.millwright.drivers.nvml.Fabric.Membership;
import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.List;

/** Registration with the NVLink fabric, and what is wrong with it: nvml.md section 6. */
final class FabricReader implements Reader {
  /** In the order of {@code NVML_GPU_FABRIC_STATE_*}. */
  private static final List<String> STATES =
      List.of("not_supported", "not_started", "in_progress", "completed");

  /** In the order of their two bits in the mask, from the lowest; then the four of the last. */
  private static final List<String> CONDITIONS =
      List.of(
          "degraded_bandwidth",
          "route_recovery",
          "route_unhealthy",
          "access_timeout_recovery",
          "incorrect_configuration");

  /** The lowest bit of each condition in the mask. */
  private static final int[] SHIFTS = {0, 2, 4, 6, 8};

  private static final int CONDITION_BITS = 3;
  private static final int CONFIGURATION_BITS = 0xF;
  private static final int NOT_SHOWN = -1;
  private static final int CONFIGURATION = 4;
  private static final int UNTOLD = 0;
  private static final int BAD = 1;
  private static final int GOOD = 2;
  private static final int CONFIGURATION_RIGHT = 1;

  /** {@code NO_PARTITION}: somebody has given the device to nobody, which is no fault of it. */
  private static final int NO_PARTITION = 4;

  private final int[] states = new int[STATES.size()];
  private final int[] conditions = new int[CONDITIONS.size()];
  private final int registrationFailed;
  private final Fabric fabric = new Fabric();

  private final boolean shows;
  private Membership shown = Membership.NONE;
  private Membership now = Membership.NONE;
  private int info = NOT_SHOWN;

  FabricReader(SeriesTable.Builder table, Accelerator accelerator) {
    shows = table.wants(ACCELERATOR_FABRIC_INFO);
    for (int i = 0; i < states.length; i++) {
      states[i] =
          table.add(
              Cadence.MEDIUM, Series.of(ACCELERATOR_FABRIC_STATE, accelerator, STATES.get(i)));
    }
    registrationFailed =
        table.add(Cadence.MEDIUM, Series.of(ACCELERATOR_FABRIC_REGISTRATION_FAILED, accelerator));
    for (int i = 0; i < conditions.length; i++) {
      conditions[i] =
          table.add(
              Cadence.MEDIUM,
              Series.of(ACCELERATOR_FABRIC_CONDITION, accelerator, CONDITIONS.get(i)));
    }
  }

  @Override
  public void read(Cadence cadence, DeviceCalls calls) {
    if (cadence != Cadence.MEDIUM) {
      return;
    }
    int code = fabric.ask(calls);
    if (calls.succeeded(code)) {
      if (shows && fabric.differs(calls, now)) {
        now = fabric.membership(calls);
      }
      showInfo(calls, NvmlCode.SUCCESS);
      readState(calls);
      readConditions(calls);
      return;
    }
    for (int slot : states) {
      calls.settle(slot, code, 0);
    }
    for (int slot : conditions) {
      calls.settle(slot, code, 0);
    }
    calls.settle(registrationFailed, code, 0);
    showInfo(calls, code);
  }

  private void showInfo(DeviceCalls calls, int code) {
    if (info != NOT_SHOWN) {
      calls.settle(info, code, 1);
    }
  }

  /** Whether the driver has registered the device elsewhere since its labels were made. */
  boolean moved() {
    return !now.equals(shown);
  }

  /** Puts the domain into the table; one without a name, as of a node of its own, is none. */
  void show(SeriesTable.Builder table, Accelerator accelerator) {
    shown = now;
    boolean named = !shown.clusterUuid().isEmpty();
    info =
        shows && named
            ? table.add(
                Cadence.MEDIUM,
                Series.of(
                    ACCELERATOR_FABRIC_INFO, accelerator, shown.clusterUuid(), shown.cliqueLabel()))
            : NOT_SHOWN;
  }

  /** What is in the table was read a moment ago. */
  void shown(Readings readings) {
    if (info != NOT_SHOWN) {
      readings.measured(info, 1);
    }
  }

  private void readState(DeviceCalls calls) {
    int state = fabric.state(calls);
    calls.settle(registrationFailed, NvmlCode.SUCCESS, fabric.failed(calls) ? 1 : 0);
    for (int i = 0; i < states.length; i++) {
      if (fabric.failed(calls)) {
        calls.unavailable(states[i], Fault.OTHER); // it ended, and not well
      } else if (state < states.length) {
        calls.settle(states[i], NvmlCode.SUCCESS, i == state ? 1 : 0);
      } else {
        calls.unavailable(states[i], Fault.PARSE); // a state that nobody knows yet
      }
    }
  }

  private void readConditions(DeviceCalls calls) {
    if (!fabric.hasHealth()) {
      for (int slot : conditions) {
        calls.unsupported(slot);
      }
      return;
    }
    int mask = fabric.health(calls);
    for (int i = 0; i < CONFIGURATION; i++) {
      readCondition(calls, conditions[i], (mask >> SHIFTS[i]) & CONDITION_BITS);
    }
    int configuration = (mask >> SHIFTS[CONFIGURATION]) & CONFIGURATION_BITS;
    if (configuration == UNTOLD) {
      calls.unsupported(conditions[CONFIGURATION]);
    } else {
      boolean right = configuration == CONFIGURATION_RIGHT || configuration == NO_PARTITION;
      double wrong = right ? 0 : 1;
      calls.settle(conditions[CONFIGURATION], NvmlCode.SUCCESS, wrong);
    }
  }

  private static void readCondition(DeviceCalls calls, int slot, int bits) {
    switch (bits) {
      case UNTOLD -> calls.unsupported(slot);
      case BAD -> calls.settle(slot, NvmlCode.SUCCESS, 1);
      case GOOD -> calls.settle(slot, NvmlCode.SUCCESS, 0);
      default -> calls.unavailable(slot, Fault.PARSE);
    }
  }
}
