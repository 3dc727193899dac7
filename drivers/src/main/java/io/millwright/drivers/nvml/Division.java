package io.millwright.drivers.nvml;

import io.millwright.drivers.CallWatch;
import io.millwright.drivers.nvml.binding.NativeBlock;
import io.millwright.drivers.nvml.binding.NvmlLibrary;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How a device is divided, as its driver says when it is asked.
 *
 * @param parts the MIG devices, by their numbers
 * @param complete whether each of them said who it is; one that did not is as it was known, or left
 *     out, and is to be asked again
 */
public record Division(PartitionMode mode, List<Part> parts, boolean complete) {
  /** Nothing was said yet. */
  static final Division NOT_KNOWN = new Division(PartitionMode.UNKNOWN, List.of(), false);

  private static final Division ABSENT = new Division(PartitionMode.ABSENT, List.of(), true);

  /** A driver that says more is not believed; the products of now have seven. */
  private static final int MOST = 64;

  private static final int LONGEST = 96;

  public Division {
    parts = List.copyOf(parts);
  }

  /**
   * One MIG device: a compute instance within its GPU instance.
   *
   * @param number by which its device finds it; numbers have holes
   * @param handle its {@code nvmlDevice_t}, which dies with it
   */
  public record Part(
      int number, long handle, int gpuInstance, int computeInstance, String uuid, String name) {}

  /**
   * Asks a driver for all of it, outside of every lane.
   *
   * @param scratch at least 96 bytes
   */
  public static Division ask(NvmlLibrary library, long device, NativeBlock scratch) {
    return ask(new Nvml(library, CallWatch.NONE), device, scratch, NOT_KNOWN);
  }

  /**
   * Asks for all of it: a call, and where the device is divided one a number and four an instance.
   *
   * @param scratch at least 96 bytes
   * @param known what holds where the driver does not answer now
   */
  static Division ask(Nvml nvml, long device, NativeBlock scratch, Division known) {
    long out = scratch.address(0);
    int code = nvml.migMode(device, out, out + Integer.BYTES);
    if (NvmlCode.absent(code) && known.mode() != PartitionMode.ON) {
      return ABSENT;
    }
    if (code != NvmlCode.SUCCESS) {
      return known.unsettled();
    }
    PartitionMode mode = PartitionMode.of(scratch.getInt(0));
    return mode == PartitionMode.ON
        ? parts(nvml, device, scratch, known)
        : new Division(mode, List.of(), true);
  }

  private Division unsettled() {
    return new Division(mode, parts, false);
  }

  private static Division parts(Nvml nvml, long device, NativeBlock scratch, Division known) {
    int numbers = numbers(nvml, device, scratch);
    if (numbers < 0) {
      return new Division(PartitionMode.ON, known.parts(), false);
    }
    List<Part> parts = new ArrayList<>();
    boolean complete = true;
    for (int number = 0; number < numbers; number++) {
      int code = nvml.migDevice(device, number, scratch.address(0));
      if (code == NvmlCode.NOT_FOUND) {
        continue;
      }
      if (code != NvmlCode.SUCCESS) { // one number that is not told hides no other
        complete = false;
        known.at(number).ifPresent(parts::add);
        continue;
      }
      long handle = scratch.getLong(0);
      if (!addPart(nvml, number, handle, scratch, parts)) {
        complete = false;
        known.at(number, handle).ifPresent(parts::add);
      }
    }
    return new Division(PartitionMode.ON, parts, complete);
  }

  private Optional<Part> at(int number) {
    return parts.stream().filter(part -> part.number() == number).findFirst();
  }

  private Optional<Part> at(int number, long handle) {
    return parts.stream()
        .filter(part -> part.number() == number && part.handle() == handle)
        .findFirst();
  }

  /** Negative where the driver did not say. */
  private static int numbers(Nvml nvml, long device, NativeBlock scratch) {
    int code = nvml.mostMigDevices(device, scratch.address(0));
    return code == NvmlCode.SUCCESS ? (int) Math.min(MOST, scratch.getUnsigned(0)) : -1;
  }

  private static boolean addPart(
      Nvml nvml, int number, long handle, NativeBlock scratch, List<Part> parts) {
    long out = scratch.address(0);
    if (nvml.gpuInstanceId(handle, out) != NvmlCode.SUCCESS) {
      return false;
    }
    int gpuInstance = scratch.getInt(0);
    if (nvml.computeInstanceId(handle, out) != NvmlCode.SUCCESS) {
      return false;
    }
    int computeInstance = scratch.getInt(0);
    if (nvml.uuid(handle, out, LONGEST) != NvmlCode.SUCCESS) {
      return false;
    }
    String uuid = scratch.getString(0, LONGEST);
    if (nvml.name(handle, out, LONGEST) != NvmlCode.SUCCESS) {
      return false;
    }
    String name = scratch.getString(0, LONGEST);
    parts.add(new Part(number, handle, gpuInstance, computeInstance, uuid, name));
    return true;
  }

  /**
   * Whether the driver still says the same, as far as handles and identities tell; nothing is
   * allocated. True also where it does not answer.
   */
  boolean stands(Nvml nvml, long device, NativeBlock scratch) {
    long out = scratch.address(0);
    int code = nvml.migMode(device, out, out + Integer.BYTES);
    if (NvmlCode.absent(code)) {
      return mode == PartitionMode.ABSENT;
    }
    if (code != NvmlCode.SUCCESS) {
      return true;
    }
    PartitionMode now = PartitionMode.of(scratch.getInt(0));
    return now == mode && (now != PartitionMode.ON || partsStand(nvml, device, scratch));
  }

  private boolean partsStand(Nvml nvml, long device, NativeBlock scratch) {
    int numbers = numbers(nvml, device, scratch);
    int at = 0;
    for (int number = 0; number < numbers; number++) {
      int code = nvml.migDevice(device, number, scratch.address(0));
      if (code != NvmlCode.SUCCESS && code != NvmlCode.NOT_FOUND) {
        return true;
      }
      long handle = code == NvmlCode.SUCCESS ? scratch.getLong(0) : 0;
      boolean known = at < parts.size() && parts.get(at).number() == number;
      if (handle != (known ? parts.get(at).handle() : 0)) {
        return false;
      }
      if (known && !named(nvml, parts.get(at), scratch)) {
        return false;
      }
      at += known ? 1 : 0;
    }
    return numbers < 0 || at == parts.size();
  }

  /** A driver may give the handle of one that is gone to another. */
  private static boolean named(Nvml nvml, Part part, NativeBlock scratch) {
    int code = nvml.uuid(part.handle(), scratch.address(0), LONGEST);
    return code != NvmlCode.SUCCESS || scratch.holds(0, part.uuid());
  }

  /** {@code 3:gi1}; {@code 3:gi1ci0} where its GPU instance holds several compute instances. */
  String index(String parent, Part part) {
    String within = parent + ":gi" + part.gpuInstance();
    return alone(part) ? within : within + "ci" + part.computeInstance();
  }

  /** Whether it has its GPU instance for itself. */
  boolean alone(Part part) {
    return parts.stream().filter(other -> other.gpuInstance() == part.gpuInstance()).count() == 1;
  }
}
