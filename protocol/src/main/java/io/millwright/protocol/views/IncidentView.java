package io.millwright.protocol.views;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * One physical cause and what it did; {@code GET /v1/incidents}.
 *
 * @param id as in {@code inc-2026-1122-7}
 * @param aliases ids that it had before it turned out to be this one
 * @param state {@code open} or {@code closed}
 * @param severity {@code warning} or {@code critical}
 * @param summary one sentence
 * @param cause what it is about: device, node, rack, domain, cooling, feed, switch or site
 * @param causeName of the part or the node; UUID of the device
 * @param root where it began; absent where that is not known, and where it is no node's fault
 * @param page {@code none}, {@code waiting}, {@code sent}, {@code suppressed}, or {@code nobody}
 *     where it would be sent and there is no webhook
 * @param repeats incidents that began at the root within thirty days, this one with them
 * @param suspects how many nodes and devices it touches
 * @param jobs that it touches, for those who may see jobs
 * @param evidence what stands or stood, where one incident is asked for
 * @param closedBy who closed it, where a person did, for those who may see names
 * @param closeReason why
 * @param tickets under which parts of it are returned, with a comma between, for those who may see
 *     jobs
 */
public record IncidentView(
    String id,
    List<String> aliases,
    String state,
    String severity,
    int revision,
    String summary,
    String cause,
    String causeName,
    Optional<Root> root,
    long openedMs,
    OptionalLong clearSinceMs,
    OptionalLong closedMs,
    String page,
    int repeats,
    int suspects,
    List<String> nodes,
    List<String> jobs,
    List<Evidence> evidence,
    Optional<String> closedBy,
    Optional<String> closeReason,
    Optional<String> tickets) {
  public IncidentView {
    aliases = List.copyOf(aliases);
    nodes = List.copyOf(nodes);
    jobs = List.copyOf(jobs);
    evidence = List.copyOf(evidence);
  }

  /** A node, or one of its devices. */
  public record Root(
      String node, Optional<String> accelerator, Optional<String> uuid, Optional<String> serial) {}

  /**
   * One rule that holds or held.
   *
   * @param codes of the errors behind it, as in {@code 149}
   * @param clearedMs when it ended
   * @param sinceMs when it began to hold, as its node tells it; once it ended, or where its node is
   *     not heard, {@code seenMs}
   * @param seenMs when the collector saw it first, by the collector's clock
   * @param version of the rule, like {@code scope} and {@code clears} while its node tells it
   * @param scope what the advice touches
   * @param clears what ends it, in one sentence
   * @param runbook path, on the collector's port, of the page that says what to do
   */
  public record Evidence(
      String node,
      Optional<String> accelerator,
      Optional<String> uuid,
      Optional<String> serial,
      String rule,
      String verdict,
      String advice,
      String observed,
      List<String> codes,
      long sinceMs,
      OptionalLong clearedMs,
      OptionalLong seenMs,
      OptionalInt version,
      Optional<String> scope,
      Optional<String> clears,
      Optional<String> runbook) {
    public Evidence {
      codes = List.copyOf(codes);
    }
  }
}
