package io.millwright.drivers.nvml.actuator;

import static io.millwright.drivers.nvml.NvmlCode.FUNCTION_NOT_FOUND;
import static io.millwright.drivers.nvml.NvmlCode.SUCCESS;

import io.millwright.drivers.nvml.NvmlCode;
import io.millwright.drivers.nvml.actuator.PowerProfileChange.Operation;
import io.millwright.drivers.nvml.binding.FirstUpdatePowerProfileCalls;
import io.millwright.drivers.nvml.binding.Group;
import io.millwright.drivers.nvml.binding.NativeBlock;
import io.millwright.drivers.nvml.binding.NvmlLibrary;
import io.millwright.drivers.nvml.binding.PowerProfileCalls;
import io.millwright.drivers.nvml.binding.UpdatePowerProfileCalls;
import java.util.Set;
import java.util.TreeSet;

/**
 * Requests workload power profiles: by the one function of R590, or by the two of R570 (nvml.md
 * 2.8, 2.21). What is requested is gone when the driver is loaded anew.
 */
final class PowerProfileSetter {
  private static final int CURRENT = 112;
  private static final int REQUEST = CURRENT + SetterLayout.PROFILES_SIZE;

  private final NvmlLibrary library;
  private final NativeBlock block;

  PowerProfileSetter(NvmlLibrary library, NativeBlock block) {
    this.library = library;
    this.block = block;
  }

  /** What a device says of its profiles; empty unless the code is success. */
  private record Current(
      int code, Set<Integer> supported, Set<Integer> requested, Set<Integer> inForce) {}

  PowerProfileChange set(String uuid, long device, Operation operation, Set<Integer> asked) {
    Current before = current(device);
    Set<Integer> known = new TreeSet<>(asked);
    known.retainAll(before.supported());
    if (before.code() != SUCCESS || (known.isEmpty() && !asked.isEmpty())) {
      int code = before.code() == SUCCESS ? NvmlCode.NOT_SUPPORTED : before.code();
      return told(uuid, operation, asked, Set.of(), before, Outcome.of(code));
    }
    Set<Integer> wanted = after(before.requested(), operation, known);
    if (wanted.equals(before.requested())) {
      return told(
          uuid, operation, asked, Set.of(), before, held(known, asked, new Outcome.Unchanged()));
    }
    int code = write(device, operation, known, before);
    Current after = current(device);
    Outcome outcome = code == SUCCESS ? read(wanted, after, known, asked) : Outcome.of(code);
    return told(uuid, operation, asked, code == SUCCESS ? known : Set.of(), after, outcome);
  }

  private static PowerProfileChange told(
      String uuid,
      Operation operation,
      Set<Integer> asked,
      Set<Integer> set,
      Current current,
      Outcome outcome) {
    return new PowerProfileChange(
        uuid, operation, asked, set, current.requested(), current.inForce(), outcome);
  }

  private static Outcome held(Set<Integer> known, Set<Integer> asked, Outcome whole) {
    return known.equals(asked) ? whole : new Outcome.Clamped();
  }

  /** A profile that is requested and not in force gave way to another. */
  private static Outcome read(
      Set<Integer> wanted, Current after, Set<Integer> known, Set<Integer> asked) {
    if (!after.requested().equals(wanted) || !after.inForce().equals(wanted)) {
      return new Outcome.Overruled();
    }
    return held(known, asked, new Outcome.Done());
  }

  private static Set<Integer> after(Set<Integer> before, Operation operation, Set<Integer> known) {
    Set<Integer> after = new TreeSet<>(operation == Operation.REPLACE ? Set.of() : before);
    if (operation == Operation.CLEAR) {
      after.removeAll(known);
    } else {
      after.addAll(known);
    }
    return after;
  }

  private Current current(long device) {
    int code = FUNCTION_NOT_FOUND;
    if (library.has(Group.POWER_PROFILES)) {
      block.putInt(CURRENT, SetterLayout.PROFILES_VERSION);
      code =
          PowerProfileCalls.nvmlDeviceWorkloadPowerProfileGetCurrentProfiles(
              device, block.address(CURRENT));
    }
    return code == SUCCESS
        ? new Current(
            code,
            mask(CURRENT + SetterLayout.PROFILES_SUPPORTED),
            mask(CURRENT + SetterLayout.PROFILES_REQUESTED),
            mask(CURRENT + SetterLayout.PROFILES_ENFORCED))
        : new Current(code, Set.of(), Set.of(), Set.of());
  }

  private Set<Integer> mask(int offset) {
    Set<Integer> profiles = new TreeSet<>();
    for (int i = 0; i < SetterLayout.MASK_SIZE * Byte.SIZE; i++) {
      int word = block.getInt(offset + i / Integer.SIZE * Integer.BYTES);
      if ((word >>> i % Integer.SIZE & 1) == 1) {
        profiles.add(i);
      }
    }
    return profiles;
  }

  private void putMask(int offset, Set<Integer> profiles) {
    for (int word = 0; word < SetterLayout.MASK_SIZE / Integer.BYTES; word++) {
      int bits = 0;
      for (int bit = 0; bit < Integer.SIZE; bit++) {
        bits |= profiles.contains(word * Integer.SIZE + bit) ? 1 << bit : 0;
      }
      block.putInt(offset + word * Integer.BYTES, bits);
    }
  }

  private int write(long device, Operation operation, Set<Integer> known, Current before) {
    int code = FUNCTION_NOT_FOUND;
    if (library.has(Group.UPDATE_POWER_PROFILES)) {
      block.putInt(REQUEST + SetterLayout.UPDATE_OPERATION, operation.code());
      putMask(REQUEST + SetterLayout.UPDATE_MASK, known);
      code =
          UpdatePowerProfileCalls.nvmlDeviceWorkloadPowerProfileUpdateProfiles_v1(
              device, block.address(REQUEST));
    }
    return NvmlCode.fallsBack(code) && library.has(Group.FIRST_UPDATE_POWER_PROFILES)
        ? writeFirst(device, operation, known, before)
        : code;
  }

  /** The older functions cannot replace: what is to go is cleared before the rest comes. */
  private int writeFirst(long device, Operation operation, Set<Integer> known, Current before) {
    Set<Integer> going = new TreeSet<>(operation == Operation.CLEAR ? known : before.requested());
    if (operation == Operation.REPLACE) {
      going.removeAll(known);
    }
    if (operation != Operation.ADD && !going.isEmpty()) {
      putRequest(going);
      int code =
          FirstUpdatePowerProfileCalls.nvmlDeviceWorkloadPowerProfileClearRequestedProfiles(
              device, block.address(REQUEST));
      if (code != SUCCESS) {
        return code;
      }
    }
    if (operation == Operation.CLEAR || known.isEmpty()) {
      return SUCCESS;
    }
    putRequest(known);
    return FirstUpdatePowerProfileCalls.nvmlDeviceWorkloadPowerProfileSetRequestedProfiles(
        device, block.address(REQUEST));
  }

  private void putRequest(Set<Integer> profiles) {
    block.putInt(REQUEST, SetterLayout.REQUEST_VERSION);
    putMask(REQUEST + SetterLayout.REQUEST_MASK, profiles);
  }
}
