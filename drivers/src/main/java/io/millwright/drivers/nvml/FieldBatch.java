package io.millwright.drivers.nvml;

import static io.millwright.drivers.nvml.NvmlLayout.FIELD_ID;
import static io.millwright.drivers.nvml.NvmlLayout.FIELD_RETURN;
import static io.millwright.drivers.nvml.NvmlLayout.FIELD_SCOPE;
import static io.millwright.drivers.nvml.NvmlLayout.FIELD_TYPE;
import static io.millwright.drivers.nvml.NvmlLayout.FIELD_UNION;
import static io.millwright.drivers.nvml.NvmlLayout.FIELD_VALUE_SIZE;

import io.millwright.drivers.nvml.binding.NativeBlock;
import java.util.List;

/**
 * Fields read by one {@code nvmlDeviceGetFieldValues}. Each entry has a return code and a type of
 * its own; success of the call says nothing about them (nvml.md 3).
 */
final class FieldBatch {
  private static final int UNKNOWN = 999;
  private static final int NOT_AVAILABLE = -1;

  private final int start;
  private final int[] ids;
  private final int[] scopes;
  private int callCode;

  /** A field id and its scope: 0 the GPU, 1 the module, 2 the memory. */
  record Field(int id, int scope) {}

  /**
   * @param start offset in the block where the array begins; it takes 40 bytes a field
   */
  FieldBatch(NativeBlock block, int start, List<Field> fields) {
    this.start = start;
    this.ids = fields.stream().mapToInt(Field::id).toArray();
    this.scopes = fields.stream().mapToInt(Field::scope).toArray();
    for (int i = 0; i < ids.length; i++) {
      int at = at(i);
      block.putInt(at + FIELD_ID, ids[i]);
      block.putInt(at + FIELD_SCOPE, scopes[i]);
    }
  }

  /** Bytes of the block that this many fields take. */
  static int size(int fields) {
    return fields * FIELD_VALUE_SIZE;
  }

  void read(DeviceCalls calls) {
    callCode = calls.nvml().fieldValues(calls.device(), ids.length, calls.block().address(start));
    if (callCode != NvmlCode.SUCCESS) {
      calls.succeeded(callCode); // success says nothing of the device: its entries do
    }
  }

  /** The return code of one entry of the last read. */
  int code(DeviceCalls calls, int entry) {
    if (callCode != NvmlCode.SUCCESS) {
      return callCode;
    }
    NativeBlock block = calls.block();
    int code = block.getInt(at(entry) + FIELD_RETURN);
    return code == NvmlCode.SUCCESS ? typeCode(block, at(entry)) : code;
  }

  /** The number of one entry, whose code was success. */
  double value(DeviceCalls calls, int entry) {
    NativeBlock block = calls.block();
    int union = at(entry) + FIELD_UNION;
    return switch (block.getInt(at(entry) + FIELD_TYPE)) {
      case 0 -> block.getDouble(union);
      case 1 -> block.getUnsigned(union);
      case 2, 3 -> unsigned(block.getLong(union));
      case 4 -> block.getLong(union);
      case 5 -> block.getInt(union);
      case 6 -> block.getUnsignedShort(union);
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
    return start + entry * FIELD_VALUE_SIZE;
  }

  /** A type that nobody knows yet has no member of the union to read. */
  private static int typeCode(NativeBlock block, int at) {
    int type = block.getInt(at + FIELD_TYPE);
    if (type < 0 || type > 6) {
      return UNKNOWN;
    }
    boolean absent = type == 1 && block.getInt(at + FIELD_UNION) == NOT_AVAILABLE;
    return absent ? NvmlCode.NOT_SUPPORTED : NvmlCode.SUCCESS;
  }

  private static double unsigned(long raw) {
    return raw >= 0 ? raw : (raw >>> 1) * 2.0;
  }
}
