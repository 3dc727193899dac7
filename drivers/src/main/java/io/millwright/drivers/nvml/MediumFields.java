package io.millwright.drivers.nvml;

import io.millwright.drivers.nvml.FieldBatch.Field;
import io.millwright.drivers.nvml.binding.NativeBlock;
import io.millwright.protocol.vocabulary.Cadence;
import java.util.List;
import java.util.stream.Stream;

/** The fields of each fifth second: the recovery action and the power limits of two scopes. */
final class MediumFields implements Reader {
  static final int RECOVERY_ACTION = 0;
  static final int LIMITS = 1;
  static final int COUNT = 11;

  private final FieldBatch batch;

  MediumFields(NativeBlock block, int start) {
    List<Field> fields =
        Stream.concat(
                Stream.of(new Field(FieldIds.RECOVERY_ACTION, 0)),
                PowerReader.limitFields().stream())
            .toList();
    batch = new FieldBatch(block, start, fields);
  }

  FieldBatch batch() {
    return batch;
  }

  @Override
  public void read(Cadence cadence, DeviceCalls calls) {
    if (cadence == Cadence.MEDIUM) {
      batch.read(calls);
    }
  }

  @Override
  public void askAnew() {
    batch.askAll();
  }
}
