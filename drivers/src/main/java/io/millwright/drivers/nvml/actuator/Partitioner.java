package io.millwright.drivers.nvml.actuator;

import static io.millwright.drivers.nvml.NvmlCode.FUNCTION_NOT_FOUND;
import static io.millwright.drivers.nvml.NvmlCode.NOT_FOUND;
import static io.millwright.drivers.nvml.NvmlCode.SUCCESS;

import io.millwright.drivers.nvml.Division;
import io.millwright.drivers.nvml.NvmlCode;
import io.millwright.drivers.nvml.PartitionMode;
import io.millwright.drivers.nvml.binding.Group;
import io.millwright.drivers.nvml.binding.LifecycleCalls;
import io.millwright.drivers.nvml.binding.MigCalls;
import io.millwright.drivers.nvml.binding.NativeBlock;
import io.millwright.drivers.nvml.binding.NvmlLibrary;
import io.millwright.drivers.nvml.binding.PartitionCalls;
import io.millwright.drivers.nvml.binding.ProcessCalls;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Divides devices that are in MIG mode: makes a GPU instance with one compute instance over all of
 * it, and takes both away. Each change is read back, and what the driver shows is what is told.
 * Nothing of it outlives the driver.
 *
 * <p>Apart from all readers, and used by none of the daemons: a device is divided by whoever runs
 * the node.
 *
 * <p><i>Lifecycle:</i> attached by {@link #open}, detached by {@link #close}. <i>Threading:</i> one
 * caller. <i>Failure:</i> never throws for what a device or its driver does; may block for ever.
 */
public final class Partitioner implements AutoCloseable {
  /** {@code NVML_GPU_INSTANCE_PROFILE_COUNT} was raised seven times (nvml.md 5). */
  private static final int MOST_PROFILES = 32;

  private static final int MOST_COMPUTE_PROFILES = 16;
  private static final int MOST_PLACEMENTS = 16;
  private static final int MOST_INSTANCES = 16;
  private static final long NO_ARRAY = 0;

  /** How the driver's names of profiles begin, or not. */
  private static final String PREFIX = "MIG ";

  private static final int HANDLE = 0;
  private static final int COUNT = 8;
  private static final int STRUCT = 16;
  private static final int BLOCK_SIZE = STRUCT + 256;

  private final NvmlLibrary library;
  private final NativeBlock block = new NativeBlock(BLOCK_SIZE);

  private Partitioner(NvmlLibrary library) {
    this.library = library;
  }

  /** What came of opening. */
  public sealed interface Opened {
    /** It is attached to the driver. */
    record Ready(Partitioner partitioner) implements Opened {}

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
    return code == SUCCESS ? new Opened.Ready(new Partitioner(library)) : new Opened.Refused(code);
  }

  private record Profile(int id, int slices, String name) {}

  /**
   * Makes an instance of a device.
   *
   * @param uuid of the device
   * @param profile its name, as in {@code 1g.23gb}
   * @param start the first of its memory slices; empty for where the driver likes
   */
  public PartitionChange create(String uuid, String profile, OptionalInt start) {
    Optional<PartitionChange> refused = refusal(uuid);
    if (refused.isPresent()) {
      return refused.get();
    }
    long device = block.getLong(HANDLE);
    List<Profile> profiles = new ArrayList<>();
    int code = addProfiles(device, profiles);
    return code == SUCCESS
        ? profiles.stream()
            .filter(one -> one.name().equals(profile))
            .findFirst()
            .map(found -> create(device, found, start))
            .orElseGet(() -> noSuchProfile(profiles))
        : PartitionChange.of(code);
  }

  private static PartitionChange noSuchProfile(List<Profile> profiles) {
    return new PartitionChange.NoSuchProfile(profiles.stream().map(Profile::name).toList());
  }

  /** Finds the device; empty where it is there and can be divided now. */
  private Optional<PartitionChange> refusal(String uuid) {
    if (!library.has(Group.PARTITION) || !library.has(Group.MIG)) {
      return Optional.of(new Outcome.Unsupported());
    }
    int code = DeviceLookup.find(uuid, block, STRUCT, HANDLE);
    if (code != SUCCESS) {
      return Optional.of(Outcome.of(code));
    }
    int modeCode =
        MigCalls.nvmlDeviceGetMigMode(
            block.getLong(HANDLE), block.address(COUNT), block.address(STRUCT));
    if (modeCode != SUCCESS) {
      return Optional.of(PartitionChange.of(modeCode));
    }
    return switch (PartitionMode.of(block.getInt(COUNT))) {
      case ON -> Optional.empty();
      case OFF -> Optional.of(new PartitionChange.ModeOff());
      case ABSENT, UNKNOWN -> Optional.of(new PartitionChange.ModeUnknown());
    };
  }

  /** Those that the device has; what it does not know it refuses one by one. */
  private int addProfiles(long device, List<Profile> profiles) {
    for (int profile = 0; profile < MOST_PROFILES; profile++) {
      block.putInt(STRUCT, PartitionLayout.PROFILE_V2_VERSION);
      int code =
          PartitionCalls.nvmlDeviceGetGpuInstanceProfileInfoV(
              device, profile, block.address(STRUCT));
      if (code == SUCCESS) {
        String name =
            block.getString(
                STRUCT + PartitionLayout.PROFILE_NAME, PartitionLayout.PROFILE_NAME_LENGTH);
        profiles.add(
            new Profile(
                block.getInt(STRUCT + PartitionLayout.PROFILE_ID),
                block.getInt(STRUCT + PartitionLayout.PROFILE_SLICES),
                name.startsWith(PREFIX) ? name.substring(PREFIX.length()) : name));
      } else if (!isNone(code)) {
        return code;
      }
    }
    return SUCCESS;
  }

  /**
   * Whether a number of a list stands for nothing here: the product has none, or no such number.
   */
  private static boolean isNone(int code) {
    return code == NvmlCode.NOT_SUPPORTED || code == NvmlCode.INVALID_ARGUMENT;
  }

  private PartitionChange create(long device, Profile profile, OptionalInt start) {
    if (start.isEmpty()) {
      int code =
          PartitionCalls.nvmlDeviceCreateGpuInstance(device, profile.id(), block.address(HANDLE));
      return code == SUCCESS ? complete(device, profile) : PartitionChange.of(code);
    }
    block.putInt(COUNT, MOST_PLACEMENTS);
    int code =
        PartitionCalls.nvmlDeviceGetGpuInstancePossiblePlacements_v2(
            device, profile.id(), block.address(STRUCT), block.address(COUNT));
    return code == SUCCESS ? createAt(device, profile, start.getAsInt()) : PartitionChange.of(code);
  }

  /** At one of the places that the driver has just written down. */
  private PartitionChange createAt(long device, Profile profile, int start) {
    List<Integer> starts = new ArrayList<>();
    for (int i = 0; i < Math.min(MOST_PLACEMENTS, block.getInt(COUNT)); i++) {
      int placement = STRUCT + i * PartitionLayout.PLACEMENT_SIZE;
      int possible = block.getInt(placement + PartitionLayout.PLACEMENT_START);
      if (possible == start) {
        int code =
            PartitionCalls.nvmlDeviceCreateGpuInstanceWithPlacement(
                device, profile.id(), block.address(placement), block.address(HANDLE));
        return code == SUCCESS ? complete(device, profile) : PartitionChange.of(code);
      }
      starts.add(possible);
    }
    return new PartitionChange.NoSuchPlace(starts);
  }

  /** All of it or nothing: without a compute instance nobody could use the GPU instance. */
  private PartitionChange complete(long device, Profile profile) {
    long gpuInstance = block.getLong(HANDLE);
    int code = computeProfile(gpuInstance, profile.slices());
    if (code == SUCCESS) {
      int id = block.getInt(STRUCT + PartitionLayout.COMPUTE_PROFILE_ID);
      code =
          PartitionCalls.nvmlGpuInstanceCreateComputeInstance(
              gpuInstance, id, block.address(HANDLE));
    }
    if (code != SUCCESS) {
      return takenBack(gpuInstance, code);
    }
    return shown(device, gpuInstance);
  }

  private static PartitionChange takenBack(long gpuInstance, int code) {
    int undone = PartitionCalls.nvmlGpuInstanceDestroy(gpuInstance);
    if (NvmlCode.lost(code) || NvmlCode.lost(undone)) {
      return new Outcome.Lost();
    }
    if (undone != SUCCESS && !isNobody(undone)) {
      return new PartitionChange.LeftBehind(code, undone);
    }
    return NvmlCode.absent(code) // not the device: it has just been divided
        ? new Outcome.Refused(code)
        : PartitionChange.of(code);
  }

  /** The compute profile that takes all slices of the instance. */
  private int computeProfile(long gpuInstance, int slices) {
    for (int profile = 0; profile < MOST_COMPUTE_PROFILES; profile++) {
      block.putInt(STRUCT, PartitionLayout.COMPUTE_PROFILE_V2_VERSION);
      int code =
          PartitionCalls.nvmlGpuInstanceGetComputeInstanceProfileInfoV(
              gpuInstance, profile, 0, block.address(STRUCT));
      if (code == SUCCESS
          && block.getInt(STRUCT + PartitionLayout.COMPUTE_PROFILE_SLICES) == slices) {
        return SUCCESS;
      }
      if (code != SUCCESS && !isNone(code)) {
        return code;
      }
    }
    return NvmlCode.NOT_SUPPORTED;
  }

  private PartitionChange shown(long device, long gpuInstance) {
    int code = PartitionCalls.nvmlGpuInstanceGetInfo(gpuInstance, block.address(STRUCT));
    if (code != SUCCESS) {
      return notShown(code);
    }
    int id = block.getInt(STRUCT + PartitionLayout.INSTANCE_ID);
    int placement = STRUCT + PartitionLayout.INSTANCE_PLACEMENT;
    int start = block.getInt(placement + PartitionLayout.PLACEMENT_START);
    int size = block.getInt(placement + PartitionLayout.PLACEMENT_LENGTH);
    return parts(device).stream()
        .filter(part -> part.gpuInstance() == id)
        .findFirst()
        .<PartitionChange>map(part -> new PartitionChange.Created(id, start, size, part.uuid()))
        .orElseGet(PartitionChange.NotShown::new);
  }

  private static PartitionChange notShown(int code) {
    return NvmlCode.lost(code) ? new Outcome.Lost() : new PartitionChange.NotShown();
  }

  private List<Division.Part> parts(long device) {
    return Division.ask(library, device, block).parts();
  }

  /**
   * Takes an instance away, with its compute instances. Where processes run in it nothing is
   * touched.
   *
   * @param uuid of the device
   * @param gpuInstance its number
   */
  public PartitionChange destroy(String uuid, int gpuInstance) {
    Optional<PartitionChange> refused = refusal(uuid);
    if (refused.isPresent()) {
      return refused.get();
    }
    long device = block.getLong(HANDLE);
    int code =
        PartitionCalls.nvmlDeviceGetGpuInstanceById(device, gpuInstance, block.address(HANDLE));
    if (code != SUCCESS) {
      return isNobody(code) ? new PartitionChange.NoSuchInstance() : PartitionChange.of(code);
    }
    long handle = block.getLong(HANDLE);
    Optional<PartitionChange> busy = busy(device, gpuInstance);
    return busy.isPresent() ? busy.get() : destroy(device, gpuInstance, handle);
  }

  private static boolean isNobody(int code) {
    return code == NOT_FOUND || code == NvmlCode.INVALID_ARGUMENT;
  }

  private PartitionChange destroy(long device, int gpuInstance, long handle) {
    int destroyed = destroyComputeInstances(handle);
    if (destroyed == SUCCESS) {
      destroyed = PartitionCalls.nvmlGpuInstanceDestroy(handle);
    }
    if (destroyed != SUCCESS) {
      return PartitionChange.of(destroyed);
    }
    int again =
        PartitionCalls.nvmlDeviceGetGpuInstanceById(device, gpuInstance, block.address(HANDLE));
    return isNobody(again) ? new PartitionChange.Destroyed(gpuInstance) : notShown(again);
  }

  /**
   * Looked at before anything is touched, because compute instances go one by one. What the driver
   * does not say is taken for busy.
   */
  private Optional<PartitionChange> busy(long device, int gpuInstance) {
    Division division = Division.ask(library, device, block);
    if (!division.complete()) {
      return Optional.of(new PartitionChange.InUse());
    }
    for (Division.Part part : division.parts()) {
      Optional<PartitionChange> busy =
          part.gpuInstance() == gpuInstance ? busy(processes(part.handle())) : Optional.empty();
      if (busy.isPresent()) {
        return busy;
      }
    }
    return Optional.empty();
  }

  /** By the code of the question which processes run there; "insufficient size" is that some do. */
  private Optional<PartitionChange> busy(int code) {
    if (code == SUCCESS && block.getInt(COUNT) == 0) {
      return Optional.empty();
    }
    return Optional.of(
        code == NvmlCode.NO_PERMISSION || NvmlCode.lost(code)
            ? PartitionChange.of(code)
            : new PartitionChange.InUse());
  }

  /** With room for none: success means that there are none. */
  private int processes(long instance) {
    block.putInt(COUNT, 0);
    return library.has(Group.PROCESSES)
        ? ProcessCalls.nvmlDeviceGetComputeRunningProcesses_v3(
            instance, block.address(COUNT), NO_ARRAY)
        : FUNCTION_NOT_FOUND;
  }

  private int destroyComputeInstances(long gpuInstance) {
    for (int profile = 0; profile < MOST_COMPUTE_PROFILES; profile++) {
      block.putInt(STRUCT, PartitionLayout.COMPUTE_PROFILE_V2_VERSION);
      int known =
          PartitionCalls.nvmlGpuInstanceGetComputeInstanceProfileInfoV(
              gpuInstance, profile, 0, block.address(STRUCT));
      if (known != SUCCESS && !isNone(known)) {
        return known;
      }
      int code =
          known == SUCCESS
              ? destroyOf(gpuInstance, block.getInt(STRUCT + PartitionLayout.COMPUTE_PROFILE_ID))
              : SUCCESS;
      if (code != SUCCESS) {
        return code;
      }
    }
    return SUCCESS;
  }

  private int destroyOf(long gpuInstance, int profileId) {
    block.putInt(COUNT, MOST_INSTANCES);
    int code =
        PartitionCalls.nvmlGpuInstanceGetComputeInstances(
            gpuInstance, profileId, block.address(STRUCT), block.address(COUNT));
    if (isNone(code)) {
      return SUCCESS;
    }
    int count = code == SUCCESS ? Math.min(MOST_INSTANCES, block.getInt(COUNT)) : 0;
    for (int i = 0; i < count && code == SUCCESS; i++) {
      code = PartitionCalls.nvmlComputeInstanceDestroy(block.getLong(STRUCT + i * Long.BYTES));
    }
    return code;
  }

  @Override
  public void close() {
    var _ = LifecycleCalls.nvmlShutdown();
    block.close();
  }
}
