package io.millwright.protocol.health;

import java.util.Optional;

/**
 * What is known of one error code of an NVSwitch.
 *
 * @param code NVIDIA's number
 * @param kind how far it reaches
 * @param rule id of the rule that judges it; empty where nothing follows from it
 * @param meaning in one sentence
 */
public record Sxid(int code, Kind kind, Optional<String> rule, String meaning) {

  /** How far an error reaches, as NVIDIA's guide of the fabric manager sorts them. */
  public enum Kind {
    /** The whole fabric of the node. */
    FABRIC,
    /** The traffic of one port. */
    PORT,
    /** The work goes on. */
    NONFATAL,
    /** A notice. */
    NOTICE
  }
}
