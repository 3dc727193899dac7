package io.millwright.drivers.nvml.actuator;

import io.millwright.drivers.nvml.NvmlCode;
import io.millwright.drivers.nvml.binding.LifecycleCalls;
import io.millwright.drivers.nvml.binding.NativeBlock;
import io.millwright.drivers.nvml.binding.NvmlLibrary;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The devices of one NVIDIA driver.
 *
 * <p><i>Lifecycle:</i> attached by {@link #open}, detached by {@link #close}.
 */
public final class NvmlActuator implements Actuator {
  private static final int HANDLE = 0;
  private static final int TEXT = 8;
  private static final int BLOCK_SIZE = 256;

  private final NativeBlock block = new NativeBlock(BLOCK_SIZE);
  private final PowerLimitSetter limits;
  private final PowerProfileSetter profiles;

  private NvmlActuator(NvmlLibrary library) {
    limits = new PowerLimitSetter(library, block);
    profiles = new PowerProfileSetter(library, block);
  }

  /** What came of opening. */
  public sealed interface Opened {
    /** It is attached to the driver. */
    record Ready(Actuator actuator) implements Opened {}

    /** The driver does not answer. */
    record Refused(int code) implements Opened {

      /** NVIDIA's word for the code. */
      public String word() {
        return NvmlCode.word(code);
      }
    }
  }

  /** Attaches to the driver: {@code nvmlInit_v2}. */
  public static Opened open(NvmlLibrary library) {
    int code = LifecycleCalls.nvmlInit_v2();
    return code == NvmlCode.SUCCESS
        ? new Opened.Ready(new NvmlActuator(library))
        : new Opened.Refused(code);
  }

  @Override
  public PowerLimitChange powerLimit(String uuid, OptionalLong milliwatts) {
    int code = DeviceLookup.find(uuid, block, TEXT, HANDLE);
    return code == NvmlCode.SUCCESS
        ? limits.set(uuid, block.getLong(HANDLE), milliwatts)
        : new PowerLimitChange(
            uuid, milliwatts, OptionalLong.empty(), OptionalLong.empty(), Outcome.of(code));
  }

  @Override
  public PowerProfileChange powerProfiles(
      String uuid, PowerProfileChange.Operation operation, Set<Integer> asked) {
    int code = DeviceLookup.find(uuid, block, TEXT, HANDLE);
    return code == NvmlCode.SUCCESS
        ? profiles.set(uuid, block.getLong(HANDLE), operation, asked)
        : new PowerProfileChange(
            uuid, operation, asked, Set.of(), Set.of(), Set.of(), Outcome.of(code));
  }

  @Override
  public void close() {
    var _ = LifecycleCalls.nvmlShutdown();
    block.close();
  }
}
