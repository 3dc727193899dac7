package io.millwright.drivers.nvml.actuator;

import static io.millwright.drivers.nvml.NvmlCode.FUNCTION_NOT_FOUND;
import static io.millwright.drivers.nvml.NvmlCode.SUCCESS;

import io.millwright.drivers.nvml.NvmlCode;
import io.millwright.drivers.nvml.binding.FirstSetPowerLimitCalls;
import io.millwright.drivers.nvml.binding.Group;
import io.millwright.drivers.nvml.binding.NativeBlock;
import io.millwright.drivers.nvml.binding.NvmlLibrary;
import io.millwright.drivers.nvml.binding.PowerCalls;
import io.millwright.drivers.nvml.binding.SetPowerLimitCalls;
import java.util.OptionalLong;

/**
 * Sets the power limit of a GPU, and of nothing else of its module: by the function of R535, or by
 * the one that every driver has (nvml.md 2.8). The limit is gone when the driver is loaded anew.
 */
final class PowerLimitSetter {
  private static final int OUT = 128;
  private static final int SECOND_OUT = OUT + Integer.BYTES;
  private static final int VALUE = 144;

  /** {@code NVML_POWER_SCOPE_GPU}. */
  private static final int GPU = 0;

  private final NvmlLibrary library;
  private final NativeBlock block;

  PowerLimitSetter(NvmlLibrary library, NativeBlock block) {
    this.library = library;
    this.block = block;
  }

  /** What a device allows, in milliwatts; meaningless unless the code is success. */
  private record Range(int code, long least, long most) {}

  PowerLimitChange set(String uuid, long device, OptionalLong asked) {
    Range range = range(device);
    if (range.code() != SUCCESS) {
      return told(uuid, asked, OptionalLong.empty(), inForce(device), Outcome.of(range.code()));
    }
    if (asked.isPresent()) {
      return set(uuid, device, asked, asked.getAsLong(), range);
    }
    int code = PowerCalls.nvmlDeviceGetPowerManagementDefaultLimit(device, block.address(OUT));
    return code == SUCCESS
        ? set(uuid, device, asked, block.getUnsigned(OUT), range)
        : told(uuid, asked, OptionalLong.empty(), inForce(device), Outcome.of(code));
  }

  private PowerLimitChange set(
      String uuid, long device, OptionalLong asked, long wanted, Range range) {
    long held = Math.clamp(wanted, range.least(), range.most());
    if (stands(device, held)) {
      Outcome outcome = held == wanted ? new Outcome.Unchanged() : new Outcome.Clamped();
      return told(uuid, asked, OptionalLong.empty(), OptionalLong.of(held), outcome);
    }
    int code = write(device, (int) held);
    OptionalLong inForce = inForce(device);
    Outcome outcome = code == SUCCESS ? outcome(wanted, held, device, inForce) : Outcome.of(code);
    OptionalLong set = code == SUCCESS ? OptionalLong.of(held) : OptionalLong.empty();
    return told(uuid, asked, set, inForce, outcome);
  }

  private static PowerLimitChange told(
      String uuid, OptionalLong asked, OptionalLong set, OptionalLong inForce, Outcome outcome) {
    return new PowerLimitChange(uuid, asked, set, inForce, outcome);
  }

  /** What the device says after it was told, whatever the setter's code promised. */
  private Outcome outcome(long wanted, long held, long device, OptionalLong inForce) {
    if (!inForce.equals(OptionalLong.of(held)) || !requested(device).equals(inForce)) {
      return new Outcome.Overruled();
    }
    return held == wanted ? new Outcome.Done() : new Outcome.Clamped();
  }

  private boolean stands(long device, long milliwatts) {
    OptionalLong wanted = OptionalLong.of(milliwatts);
    return requested(device).equals(wanted) && inForce(device).equals(wanted);
  }

  private Range range(long device) {
    if (!library.has(Group.POWER)) {
      return new Range(FUNCTION_NOT_FOUND, 0, 0);
    }
    int code =
        PowerCalls.nvmlDeviceGetPowerManagementLimitConstraints(
            device, block.address(OUT), block.address(SECOND_OUT));
    if (code != SUCCESS) {
      return new Range(code, 0, 0);
    }
    long least = block.getUnsigned(OUT);
    long most = block.getUnsigned(SECOND_OUT);
    return new Range(least <= most && most > 0 ? SUCCESS : NvmlCode.UNKNOWN, least, most);
  }

  private OptionalLong inForce(long device) {
    return library.has(Group.POWER)
        ? read(PowerCalls.nvmlDeviceGetEnforcedPowerLimit(device, block.address(OUT)))
        : OptionalLong.empty();
  }

  private OptionalLong requested(long device) {
    return read(PowerCalls.nvmlDeviceGetPowerManagementLimit(device, block.address(OUT)));
  }

  private OptionalLong read(int code) {
    return code == SUCCESS ? OptionalLong.of(block.getUnsigned(OUT)) : OptionalLong.empty();
  }

  private int write(long device, int milliwatts) {
    int code = FUNCTION_NOT_FOUND;
    if (library.has(Group.SET_POWER_LIMIT)) {
      block.putInt(VALUE, SetterLayout.POWER_VALUE_VERSION);
      block.putInt(VALUE + SetterLayout.POWER_VALUE_SCOPE, GPU);
      block.putInt(VALUE + SetterLayout.POWER_VALUE_MILLIWATTS, milliwatts);
      code = SetPowerLimitCalls.nvmlDeviceSetPowerManagementLimit_v2(device, block.address(VALUE));
    }
    if (NvmlCode.fallsBack(code) && library.has(Group.FIRST_SET_POWER_LIMIT)) {
      code = FirstSetPowerLimitCalls.nvmlDeviceSetPowerManagementLimit(device, milliwatts);
    }
    return code;
  }
}
