package io.millwright.drivers.nvml;

import static io.millwright.drivers.nvml.NvmlLayout.FIELD_ID;
import static io.millwright.drivers.nvml.NvmlLayout.FIELD_RETURN;
import static io.millwright.drivers.nvml.NvmlLayout.FIELD_SCOPE;
import static io.millwright.drivers.nvml.NvmlLayout.FIELD_TYPE;
import static io.millwright.drivers.nvml.NvmlLayout.FIELD_UNION;
import static io.millwright.drivers.nvml.NvmlLayout.FIELD_VALUE_SIZE;

import io.millwright.drivers.nvml.binding.NativeBlock;
import java.util.Arrays;
import java.util.List;

/**
 * Fields read by one {@code nvmlDeviceGetFieldValues}. Each entry has a return code and a type of
 * its own; success of the call says nothing about them (nvml.md 3). A field that the device refused
 * before it ever answered is left out of the calls that follow.
 */
final class FieldBatch {
  private static final int NOT_AVAILABLE = -1;

  private final int start;
  private final int[] ids;
  private final int[] scopes;
  private final NativeBlock block;
  private final int[] places;
  private final int[] refusals;
  private final boolean[] settled;
  private int asked;
  private int unsettled;
  private boolean outdated;
  private int callCode;

  /** A field id and its scope: 0 the GPU, 1 the module, 2 the memory. */
  record Field(int id, int scope) {}

  /**
   * @param start offset in the block where the array begins; it takes 40 bytes a field, and no two
   *     batches of a device begin at the same
   */
  FieldBatch(NativeBlock block, int start, List<Field> fields) {
    this.start = start;
    this.ids = fields.stream().mapToInt(Field::id).toArray();
    this.scopes = fields.stream().mapToInt(Field::scope).toArray();
    this.block = block;
    this.places = new int[ids.length];
    this.refusals = new int[ids.length];
    this.settled = new boolean[ids.length];
    askAll();
  }

  /** Every field is asked for again, as when something happened to the device. */
  void askAll() {
    Arrays.fill(refusals, NvmlCode.SUCCESS);
    Arrays.fill(settled, false);
    unsettled = ids.length;
    outdated = true;
  }

  /** Writes the fields that are left one behind the other. */
  private void layOut() {
    asked = 0;
    for (int i = 0; i < ids.length; i++) {
      if (refusals[i] == NvmlCode.SUCCESS) {
        int at = start + asked * FIELD_VALUE_SIZE;
        block.putInt(at + FIELD_ID, ids[i]);
        block.putInt(at + FIELD_SCOPE, scopes[i]);
        places[i] = asked;
        asked++;
      }
    }
    outdated = false;
  }

  /** Bytes of the block that this many fields take. */
  static int size(int fields) {
    return fields * FIELD_VALUE_SIZE;
  }

  void read(DeviceCalls calls) {
    if (outdated) {
      layOut();
    }
    if (asked == 0) {
      callCode = NvmlCode.SUCCESS;
      return;
    }
    callCode = calls.nvml().fieldValues(calls.device(), start, asked, calls.block().address(start));
    if (callCode != NvmlCode.SUCCESS) {
      calls.succeeded(callCode); // success says nothing of the device: its entries do
    } else if (unsettled > 0) {
      settle();
    }
  }

  /** What has answered once is asked for from then on, whatever it says later. */
  private void settle() {
    for (int i = 0; i < ids.length; i++) {
      int code = settled[i] ? NvmlCode.TIMEOUT : told(i);
      boolean refused = NvmlCode.refusal(code);
      if (refused || code == NvmlCode.SUCCESS) {
        settled[i] = true;
        unsettled--;
        refusals[i] = code;
        outdated |= refused;
      }
    }
  }

  /** The return code of one entry of the last read. */
  int code(DeviceCalls calls, int entry) {
    if (refusals[entry] != NvmlCode.SUCCESS) {
      return refusals[entry];
    }
    if (callCode != NvmlCode.SUCCESS) {
      return callCode;
    }
    int code = told(entry);
    return code == NvmlCode.SUCCESS ? typeCode(block, at(entry)) : code;
  }

  /** An entry whose id or scope the driver does not know is one that it does not have. */
  private int told(int entry) {
    int code = block.getInt(at(entry) + FIELD_RETURN);
    return code == NvmlCode.INVALID_ARGUMENT ? NvmlCode.NOT_SUPPORTED : code;
  }

  /** The number of one entry, whose code was success. */
  double value(DeviceCalls calls, int entry) {
    int union = at(entry) + FIELD_UNION;
    return switch (block.getInt(at(entry) + FIELD_TYPE)) {
      case ValueType.DOUBLE -> block.getDouble(union);
      case ValueType.UNSIGNED_INT -> block.getUnsigned(union);
      case ValueType.UNSIGNED_LONG, ValueType.UNSIGNED_LONG_LONG -> unsigned(block.getLong(union));
      case ValueType.SIGNED_LONG_LONG -> block.getLong(union);
      case ValueType.SIGNED_INT -> block.getInt(union);
      case ValueType.UNSIGNED_SHORT -> block.getUnsignedShort(union);
      default -> throw new IllegalStateException("value of an entry that has none");
    };
  }

  /** The entry as a reading in the metric's base unit. */
  void settle(DeviceCalls calls, int entry, int slot, Prefix prefix) {
    int code = code(calls, entry);
    calls.succeeded(code);
    calls.settle(slot, code, code == NvmlCode.SUCCESS ? prefix.of(value(calls, entry)) : 0);
  }

  private int at(int entry) {
    return start + places[entry] * FIELD_VALUE_SIZE;
  }

  private static int typeCode(NativeBlock block, int at) {
    int type = block.getInt(at + FIELD_TYPE);
    if (!ValueType.known(type)) {
      return NvmlCode.UNKNOWN;
    }
    boolean absent =
        type == ValueType.UNSIGNED_INT && block.getInt(at + FIELD_UNION) == NOT_AVAILABLE;
    return absent ? NvmlCode.NOT_SUPPORTED : NvmlCode.SUCCESS;
  }

  private static double unsigned(long raw) {
    return raw >= 0 ? raw : (raw >>> 1) * 2.0;
  }
}
