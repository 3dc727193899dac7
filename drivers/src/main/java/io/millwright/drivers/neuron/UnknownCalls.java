package io.millwright.drivers.neuron;

import io.millwright.drivers.neuron.binding.PassiveCall;
import java.util.EnumSet;
import java.util.Set;

/**
 * The questions that the driver was found not to know; forgotten when another driver is there.
 *
 * <p><i>Threading:</i> any thread.
 */
final class UnknownCalls {
  private final Set<PassiveCall> calls = EnumSet.noneOf(PassiveCall.class);
  private String driver = "";

  /** The driver that is attached now, by its version. */
  synchronized void attached(String version) {
    if (!version.equals(driver)) {
      driver = version;
      calls.clear();
    }
  }

  synchronized boolean holds(PassiveCall call) {
    return calls.contains(call);
  }

  synchronized void add(PassiveCall call) {
    calls.add(call);
  }
}
