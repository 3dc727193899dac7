package io.millwright.drivers.nvml;

import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_INFOROM_VALID;
import static io.millwright.protocol.vocabulary.Metric.ACCELERATOR_MEMORY_UNREPAIRABLE;

import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;

/**
 * Two flags for which a device is sent back: memory that cannot be repaired, and an InfoROM that
 * cannot be read. The latter is what the driver answers when it is asked for the image's version:
 * {@code nvmlDeviceValidateInforom} reads the flash slowly and is never called.
 */
final class IntegrityReader implements Reader {
  private static final int VERSION_LENGTH = 16;

  private final int unrepairable;
  private final int inforom;

  IntegrityReader(SeriesTable.Builder table, Accelerator accelerator) {
    unrepairable = table.add(Cadence.SLOW, Series.of(ACCELERATOR_MEMORY_UNREPAIRABLE, accelerator));
    inforom = table.add(Cadence.SLOW, Series.of(ACCELERATOR_INFOROM_VALID, accelerator));
  }

  @Override
  public void read(Cadence cadence, DeviceCalls calls) {
    if (cadence != Cadence.SLOW) {
      return;
    }
    long device = calls.device();
    long out = calls.out(0);
    calls.settleUnsigned(unrepairable, calls.nvml().unrepairableMemory(device, out), Prefix.NONE);
    int code = calls.nvml().inforomImageVersion(device, out, VERSION_LENGTH);
    boolean corrupted = code == NvmlCode.CORRUPTED_INFOROM;
    calls.settle(inforom, corrupted ? NvmlCode.SUCCESS : code, corrupted ? 0 : 1);
  }
}
