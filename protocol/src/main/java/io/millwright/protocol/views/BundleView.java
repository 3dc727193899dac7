package io.millwright.protocol.views;

import java.util.List;
import java.util.Optional;

/**
 * Evidence of a node that somebody wanted: a bundle, or a run of the site's test; {@code
 * /v1/nodes/{node}/evidence}.
 *
 * @param order number of the wish at this collector
 * @param state {@code asked}, {@code ready} or {@code failed}
 * @param by who wanted it
 * @param why it failed, in one sentence
 * @param id by which it is read, once it is ready
 * @param bytes of all of it
 * @param sha256 of all of it, in hexadecimal
 * @param test where a test was run
 */
public record BundleView(
    int schemaVersion,
    String order,
    String node,
    String state,
    long atMs,
    String by,
    String reason,
    String incident,
    Optional<String> why,
    Optional<String> id,
    long bytes,
    Optional<String> sha256,
    List<Part> parts,
    List<Missing> missing,
    Optional<DoctorView.Test> test) {
  public BundleView {
    parts = List.copyOf(parts);
    missing = List.copyOf(missing);
  }

  /** An entry of the archive. */
  public record Part(String name, long bytes, String sha256, boolean simulated) {}

  /** What is not in it, and why. */
  public record Missing(String name, String why) {}
}
