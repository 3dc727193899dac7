package io.millwright.drivers.nvml;

import io.millwright.protocol.vocabulary.Accelerator;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.util.stream.Stream;

/**
 * One quantity over the links of one type. The sum is what the links have counted since it was
 * first told, on top of what they said then: it does not fall because a link went silent or began
 * its counter anew, and does not jump because one speaks up later.
 */
final class LinkColumn {
  private static final int NOT_WANTED = -1;

  private final LinkPlan.Quantity quantity;
  private final double[] last;
  private final boolean[] heard;
  private boolean summed;
  private double total;
  private final int[] slots;
  private final int sum;
  private final int counter;

  LinkColumn(
      LinkPlan.Quantity quantity,
      LinkPlan plan,
      SeriesTable.Builder table,
      Accelerator accelerator) {
    this.quantity = quantity;
    last = new double[plan.links()];
    heard = new boolean[plan.links()];
    counter = quantity.counter().orElse(NOT_WANTED);
    slots = table.wants(quantity.perLink()) ? new int[plan.links()] : new int[0];
    for (int link = 0; link < slots.length; link++) {
      slots[link] =
          add(table, accelerator, quantity.perLink(), Integer.toString(link), plan.type());
    }
    sum = quantity.sum().map(device -> add(table, accelerator, device, plan.type())).orElse(-1);
  }

  private int add(
      SeriesTable.Builder table, Accelerator accelerator, Metric metric, String... labels) {
    String[] all = Stream.concat(Stream.of(labels), quantity.own().stream()).toArray(String[]::new);
    return table.add(Cadence.SLOW, Series.of(metric, accelerator, all));
  }

  /** Entries of this quantity lie {@code stride} apart. */
  void read(DeviceCalls calls, FieldBatch batch, int first, int stride) {
    boolean told = false;
    int refusal = NvmlCode.NOT_SUPPORTED;
    for (int link = 0; link < last.length; link++) {
      int code = readLink(calls, batch, first + link * stride, link);
      if (code == NvmlCode.SUCCESS) {
        told = true;
      } else if (!NvmlCode.absent(code)) {
        refusal = code;
      }
      if (slots.length > 0) {
        calls.settle(slots[link], code, last[link]);
      }
    }
    summed |= told;
    if (sum != NOT_WANTED) {
      calls.settle(sum, told ? NvmlCode.SUCCESS : refusal, total);
    }
  }

  private int readLink(DeviceCalls calls, FieldBatch batch, int entry, int link) {
    int code = batch.code(calls, entry);
    if (calls.succeeded(code)) {
      take(link, quantity.unit().applyAsDouble(batch.value(calls, entry)));
      return code;
    }
    return NvmlCode.absent(code) && counter != NOT_WANTED ? readCounter(calls, link) : code;
  }

  private int readCounter(DeviceCalls calls, int link) {
    int code = calls.nvml().nvlinkErrors(calls.device(), link, counter, calls.out(0));
    if (calls.succeeded(code)) {
      take(link, quantity.unit().applyAsDouble((double) calls.block().getLong(DeviceCalls.OUT)));
    }
    return code;
  }

  private void take(int link, double now) {
    if (heard[link]) {
      total += now >= last[link] ? now - last[link] : now;
    } else if (!summed) {
      total += now;
    }
    heard[link] = true;
    last[link] = now;
  }
}
