package io.millwright.drivers.host;

import io.millwright.protocol.vocabulary.Fault;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;

/** The fault that a failed file operation amounts to. */
public final class Faults {
  private Faults() {}

  public static Fault of(IOException failure) {
    return switch (failure) {
      case NoSuchFileException missing -> Fault.NOT_FOUND;
      case AccessDeniedException denied -> Fault.PERMISSION;
      default -> Fault.OTHER;
    };
  }
}
