package io.millwright.drivers.nvml;

import io.millwright.drivers.CallWatch;
import io.millwright.drivers.Source.Outcome;
import io.millwright.drivers.nvml.binding.NativeBlock;
import io.millwright.drivers.nvml.binding.NvmlLibrary;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Periods;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * The driver behind the library: attached or not, how many devices, and each of them opened.
 *
 * <p><i>Threading:</i> {@link #attach} and {@link #detach} on one control thread; {@link #open} on
 * the lane that will own the device. <i>Failure:</i> return codes are values.
 */
public final class NvmlDriver {
  private static final int SCRATCH = 256;
  private static final int VERSION_LENGTH = 80;
  private static final int UUID_LENGTH = 96;

  private final NvmlLibrary library;
  private final String node;
  private final Metric.Tier tier;
  private final BooleanSupplier counters;
  private final Neighbours neighbours = new Neighbours();

  /** One that has the performance counters for itself. */
  public NvmlDriver(NvmlLibrary library, String node, Metric.Tier tier) {
    this(library, node, tier, () -> true);
  }

  /**
   * @param node name of this node, for the labels
   * @param tier the last tier of families that is read; the driver is never asked for the others
   * @param counters whether the performance counters are ours to use now; asked at each tick, on
   *     the lanes' threads
   */
  public NvmlDriver(NvmlLibrary library, String node, Metric.Tier tier, BooleanSupplier counters) {
    this.library = library;
    this.node = node;
    this.tier = tier;
    this.counters = counters;
  }

  /** What came of attaching. */
  public sealed interface Attached {
    /** The driver answers. */
    record Ready(String driverVersion, int devices) implements Attached {}

    /** It does not; the sentence says what to do. To be tried again. */
    record Refused(int code, String sentence) implements Attached {

      /** Something refuses that is there, such as a driver of another version than the library. */
      public boolean ofDriver() {
        return code != NvmlCode.DRIVER_NOT_LOADED && code != NvmlCode.LIBRARY_NOT_FOUND;
      }
    }
  }

  /** What came of opening a device. */
  public sealed interface Opened {
    record Device(NvmlDevice device) implements Opened {}

    /** The device or the driver refused; to be tried again. */
    record Refused(int code, Outcome outcome) implements Opened {

      /** The driver knows no such device. */
      public boolean unknown() {
        return code == NvmlCode.NOT_FOUND || code == NvmlCode.GPU_NOT_FOUND;
      }
    }
  }

  /** {@code nvmlInit_v2}, version and count. Attaches once more each time; see {@link #detach}. */
  public Attached attach(CallWatch watch) {
    Nvml nvml = new Nvml(library, watch);
    int code = nvml.init();
    if (code != NvmlCode.SUCCESS) {
      return refused(code);
    }
    try (NativeBlock scratch = new NativeBlock(SCRATCH)) {
      int versionCode = nvml.driverVersion(scratch.address(0), VERSION_LENGTH);
      String version = versionCode == NvmlCode.SUCCESS ? scratch.getString(0, VERSION_LENGTH) : "";
      int countCode = nvml.count(scratch.address(0));
      if (countCode != NvmlCode.SUCCESS) {
        nvml.shutdown();
        return refused(countCode);
      }
      return new Attached.Ready(version, scratch.getInt(0));
    }
  }

  private Attached.Refused refused(int code) {
    String remedy =
        switch (code) {
          case NvmlCode.DRIVER_NOT_LOADED ->
              "library present, driver not loaded: load it with 'modprobe nvidia', or wait until the"
                  + " node has";
          case NvmlCode.LIB_RM_VERSION_MISMATCH ->
              "the library is of another version than the loaded driver: reboot or reload the"
                  + " driver, then restart this agent";
          case NvmlCode.NO_PERMISSION ->
              "no permission on the driver's device nodes: let this user open /dev/nvidia*";
          default -> "the driver refused: " + NvmlCode.word(code);
        };
    return new Attached.Refused(code, library.path() + ": " + remedy);
  }

  /** {@code nvmlShutdown}; only while no other call is in flight. */
  public void detach(CallWatch watch) {
    new Nvml(library, watch).shutdown();
  }

  /** The number of devices the driver knows now. */
  public Counted count(CallWatch watch) {
    try (NativeBlock scratch = new NativeBlock(SCRATCH)) {
      int code = new Nvml(library, watch).count(scratch.address(0));
      return new Counted(code, code == NvmlCode.SUCCESS ? scratch.getInt(0) : 0);
    }
  }

  /**
   * A count and the code it came with.
   *
   * @param devices meaningless unless the code is success
   */
  public record Counted(int code, int devices) {

    public boolean succeeded() {
      return code == NvmlCode.SUCCESS;
    }

    public boolean driverGone() {
      return NvmlCode.driverGone(code);
    }
  }

  /** Identity of the device that is at this place on the bus now; two calls and no more. */
  public Optional<String> uuidAt(int index, CallWatch watch) {
    try (NativeBlock scratch = new NativeBlock(SCRATCH)) {
      Nvml nvml = new Nvml(library, watch);
      if (nvml.handleByIndex(index, scratch.address(0)) != NvmlCode.SUCCESS) {
        return Optional.empty();
      }
      int code = nvml.uuid(scratch.getLong(0), scratch.address(0), UUID_LENGTH);
      return code == NvmlCode.SUCCESS
          ? Optional.of(scratch.getString(0, UUID_LENGTH))
          : Optional.empty();
    }
  }

  /** As {@link #open(String, String, Periods, CallWatch)}, for the standard periods. */
  public Opened open(String uuid, String driverVersion, CallWatch watch) {
    return open(uuid, driverVersion, Periods.STANDARD, watch);
  }

  /**
   * Opens the device with this identity, wherever it is now.
   *
   * @param periods at which it will be read: what its rounds may cost follows from them
   */
  public Opened open(String uuid, String driverVersion, Periods periods, CallWatch watch) {
    try (NativeBlock scratch = new NativeBlock(SCRATCH)) {
      Nvml nvml = new Nvml(library, watch, new Admission(periods));
      int text = Long.BYTES;
      scratch.putString(text, uuid);
      int code = nvml.handleByUuid(scratch.address(text), scratch.address(0));
      return opened(nvml, code, driverVersion, scratch);
    }
  }

  private Opened opened(Nvml nvml, int code, String driverVersion, NativeBlock scratch) {
    if (code != NvmlCode.SUCCESS) {
      return new Opened.Refused(code, outcome(code));
    }
    long handle = scratch.getLong(0);
    NvmlIdentity identity = NvmlIdentity.read(nvml, handle, node, scratch);
    if (identity.code() != NvmlCode.SUCCESS) {
      return new Opened.Refused(identity.code(), outcome(identity.code()));
    }
    return new Opened.Device(
        new NvmlDevice(nvml, handle, identity, driverVersion, tier, counters, neighbours));
  }

  private static Outcome outcome(int code) {
    if (NvmlCode.driverGone(code)) {
      return Outcome.DRIVER_GONE;
    }
    return NvmlCode.lost(code) ? Outcome.DEVICE_LOST : Outcome.FAILED;
  }

  /** A new event set of this driver. */
  public NvmlEvents.Created events(CallWatch watch) {
    return NvmlEvents.create(library, watch);
  }

  /** A new set for the events of the node; R575. */
  public NvmlSystemEvents.Created systemEvents(CallWatch watch) {
    return NvmlSystemEvents.create(library, watch);
  }
}
