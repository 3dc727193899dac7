package io.millwright.drivers.nvml;

import io.millwright.drivers.nvml.FieldBatch.Field;
import io.millwright.drivers.nvml.binding.NativeBlock;
import io.millwright.protocol.vocabulary.Cadence;
import java.util.List;

/**
 * The fields of each thirtieth second, PCIe and all links in one call: the errors of PCIe first,
 * then the margins of the temperature, then the plans of the links in their order.
 */
final class SlowFields implements Reader {
  private final FieldBatch batch;

  SlowFields(NativeBlock block, int start, List<Field> fields) {
    batch = new FieldBatch(block, start, fields);
  }

  FieldBatch batch() {
    return batch;
  }

  @Override
  public void read(Cadence cadence, DeviceCalls calls) {
    if (cadence == Cadence.SLOW) {
      batch.read(calls);
    }
  }

  @Override
  public void askAnew() {
    batch.askAll();
  }
}
