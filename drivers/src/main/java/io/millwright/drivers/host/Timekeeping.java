package io.millwright.drivers.host;

import io.millwright.drivers.CallWatch;
import io.millwright.drivers.host.binding.Adjtimex;
import io.millwright.protocol.vocabulary.Fault;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** What the kernel thinks of its clock. Not by a path, so that a tree has another one. */
interface Timekeeping {

  /** What was answered. */
  sealed interface Answer {
    /**
     * It is kept in time.
     *
     * @param offsetSeconds what the kernel has still to correct; empty where another program
     *     corrects it past the kernel's own loop, as chronyd does, which leaves 0 there
     */
    record Synchronized(OptionalDouble offsetSeconds) implements Answer {}

    /** Nobody keeps it in time; how far off it is is not known. */
    record Unsynchronized() implements Answer {}

    /** There is no such call here. */
    record Unsupported() implements Answer {}

    /** The call was refused. */
    record Refused(Fault fault) implements Answer {}
  }

  Answer ask();

  /** The kernel's, by adjtimex(2). */
  final class OfKernel implements Timekeeping {
    private static final String CALL = "adjtimex";
    private static final double NANOS_PER_SECOND = 1e9;
    private static final double MICROS_PER_SECOND = 1e6;
    private static final int EPERM = -1;
    private static final int ENOSYS = -38;

    private final CallWatch watch;
    private @Nullable Adjtimex call;
    private boolean missing;

    OfKernel(CallWatch watch) {
      this.watch = watch;
    }

    @Override
    public Answer ask() {
      if (missing) {
        return new Answer.Unsupported();
      }
      watch.entered(CALL);
      int code = -1;
      try {
        Adjtimex clock = bound();
        code = clock.call();
        return answer(code, clock);
      } catch (LinkageError none) {
        missing = true;
        return new Answer.Unsupported();
      } finally {
        watch.returned(CALL, Math.min(code, 0));
      }
    }

    private Adjtimex bound() {
      Adjtimex clock = call;
      if (clock == null) {
        clock = new Adjtimex();
        call = clock;
      }
      return clock;
    }

    private static Answer answer(int code, Adjtimex clock) {
      if (code < 0) {
        return refused(code);
      }
      if ((clock.status() & Adjtimex.STA_UNSYNC) != 0) {
        return new Answer.Unsynchronized();
      }
      if ((clock.status() & Adjtimex.STA_PLL) == 0) {
        return new Answer.Synchronized(OptionalDouble.empty());
      }
      boolean nanos = (clock.status() & Adjtimex.STA_NANO) != 0;
      return new Answer.Synchronized(
          OptionalDouble.of(clock.offset() / (nanos ? NANOS_PER_SECOND : MICROS_PER_SECOND)));
    }

    private static Answer refused(int code) {
      return switch (code) {
        case ENOSYS -> new Answer.Unsupported();
        case EPERM -> new Answer.Refused(Fault.PERMISSION);
        default -> new Answer.Refused(Fault.OTHER);
      };
    }
  }
}
