package io.millwright.protocol.frames;

import java.util.List;
import java.util.OptionalInt;

/** The versions of the session protocol that this build speaks. */
public final class ProtocolVersion {
  public static final int CURRENT = 1;

  /** Best first, as HELLO says them. */
  public static final List<Integer> SUPPORTED = List.of(CURRENT);

  private ProtocolVersion() {}

  /** The highest version that both speak; empty where there is none. */
  public static OptionalInt common(List<Integer> theirs) {
    return theirs.stream().filter(SUPPORTED::contains).mapToInt(Integer::intValue).max();
  }
}
