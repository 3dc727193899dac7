package io.millwright.drivers.nvml;

import io.millwright.drivers.nvml.binding.NativeBlock;

/**
 * The driver's own buffer of power samples ({@code nvmlDeviceGetSamples}): what it saw since it was
 * asked last. Owned by its device's lane.
 */
final class PowerBuffer {
  private static final int TOTAL_POWER = 0;
  private static final int MOST = 1024;
  private static final int TYPE = 0;
  private static final int COUNT = 4;
  private static final int SAMPLES = 8;

  /** Of what the buffer held before it was asked first, so much counts, in its microseconds. */
  private static final long FIRST_MICROS = 1_000_000;

  private final NativeBlock block = new NativeBlock(SAMPLES + MOST * NvmlLayout.SAMPLE_SIZE);
  private long lastSeen;
  private int count;
  private int first;

  /** Asks for what is new; {@code NVML_ERROR_NOT_FOUND} where nothing is. */
  int read(DeviceCalls calls) {
    count = 0;
    block.putInt(COUNT, MOST);
    int code =
        calls
            .nvml()
            .samples(
                calls.device(),
                TOTAL_POWER,
                lastSeen,
                block.address(TYPE),
                block.address(COUNT),
                block.address(SAMPLES));
    if (code != NvmlCode.SUCCESS) {
      return code;
    }
    int type = block.getInt(TYPE);
    if (type != ValueType.DOUBLE && type != ValueType.UNSIGNED_INT) {
      return NvmlCode.NOT_SUPPORTED; // no type that power was ever told in
    }
    count = Math.clamp(block.getInt(COUNT), 0, MOST);
    seen();
    return code;
  }

  private void seen() {
    boolean begun = lastSeen > 0;
    for (int i = 0; i < count; i++) {
      lastSeen = Math.max(lastSeen, block.getLong(at(i)));
    }
    first = 0;
    while (!begun && first < count && block.getLong(at(first)) < lastSeen - FIRST_MICROS) {
      first++;
    }
  }

  /** Adds what was new to a window, in watts. */
  void addTo(MinuteWindow window) {
    boolean real = block.getInt(TYPE) == ValueType.DOUBLE;
    for (int i = first; i < count; i++) {
      int value = at(i) + NvmlLayout.SAMPLE_VALUE;
      window.add(
          Prefix.MILLI.of(real ? block.getDouble(value) : (double) block.getUnsigned(value)));
    }
  }

  private static int at(int sample) {
    return SAMPLES + sample * NvmlLayout.SAMPLE_SIZE;
  }

  void close() {
    block.close();
  }
}
