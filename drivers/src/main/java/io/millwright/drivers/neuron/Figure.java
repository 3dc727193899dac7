package io.millwright.drivers.neuron;

import io.millwright.drivers.host.Text;
import io.millwright.protocol.vocabulary.Fault;

/**
 * One file that holds one unsigned number in a line of its own, as of its last reading. A number
 * without the end of its line may have been cut and is none.
 */
final class Figure implements AutoCloseable {
  private final SysfsFile file;
  private boolean known;
  private long value;
  private Fault fault = Fault.NOT_FOUND;

  Figure(SysfsFile file) {
    this.file = file;
  }

  void read(SysfsRound round) {
    known = false;
    if (!file.read(round)) {
      fault = file.fault();
      return;
    }
    Text text = round.text();
    known = text.line() && text.nextNumber() && !text.word() && !text.line();
    value = text.number();
    fault = Fault.PARSE;
  }

  boolean known() {
    return known;
  }

  /** The number, unsigned; meaningless unless {@link #known}. */
  long value() {
    return value;
  }

  /** Why there is none; meaningless where it is {@link #known}. */
  Fault fault() {
    return fault;
  }

  @Override
  public void close() {
    file.close();
  }
}
