package io.millwright.protocol.views;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Which accelerators have another driver or firmware than they should; {@code GET /v1/drift}.
 *
 * @param desired what the site wants; absent where it says nothing
 * @param compared nodes that were compared
 * @param unmatched SKUs of the desired set of which no accelerator was seen
 * @param more differences that are not listed; absent where all are
 */
public record DriftView(
    int schemaVersion,
    Optional<Desired> desired,
    int compared,
    List<String> unmatched,
    List<Difference> differences,
    OptionalInt more) {

  /**
   * The signed set.
   *
   * @param name of the one in force; empty while none is
   * @param trouble why the file is not what is in force
   */
  public record Desired(String file, String name, Optional<String> trouble) {}

  /**
   * An accelerator that differs in one component.
   *
   * @param domain NVLink domain or UltraServer of its node
   * @param component {@code driver}, or firmware as in {@code vbios}
   * @param wanted absent where no version has the majority
   * @param against {@code desired}, {@code fleet} or {@code domain}
   * @param having accelerators that have the wanted version, of {@code compared} ones; both 0
   *     against the desired set
   */
  public record Difference(
      String node,
      String index,
      String slot,
      String uuid,
      String sku,
      Optional<String> domain,
      String component,
      String actual,
      Optional<String> wanted,
      String against,
      int having,
      int compared) {}

  public DriftView {
    unmatched = List.copyOf(unmatched);
    differences = List.copyOf(differences);
  }
}
