package io.millwright.agent.evidence;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * Where a part of a bundle comes from.
 *
 * @param name of the part, as in {@code readings.txt}
 * @param deadline after which the bundle goes on without it
 * @param simulated whether what it tells is of simulated hardware
 */
public record Source(String name, Duration deadline, BooleanSupplier simulated, Text text) {
  private static final Duration SOON = Duration.ofSeconds(10);

  /** Writes the part; may fail, or never return. */
  public interface Text {
    void write(OutputStream out) throws IOException;
  }

  /** A part that is held already. */
  public static Source held(String name, BooleanSupplier simulated, Text text) {
    return new Source(name, SOON, simulated, text);
  }
}
