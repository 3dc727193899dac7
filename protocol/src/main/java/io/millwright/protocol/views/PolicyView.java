package io.millwright.protocol.views;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The policy in force; {@code GET /v1/policy}.
 *
 * @param file where it stands; absent where the site has none
 * @param trouble why the file is not what is in force
 * @param paused why nothing automatic is begun now
 * @param rules what the site has said; all else is a dry run of what the advice says
 */
public record PolicyView(
    int schemaVersion,
    Optional<String> file,
    Optional<String> trouble,
    Optional<String> paused,
    List<Rule> rules,
    long settleMs,
    long clearMs,
    long drainDeadlineMs,
    long horizonMs,
    Limits limits,
    Acceptance acceptance) {
  public PolicyView {
    rules = List.copyOf(rules);
  }

  /**
   * @param of {@code rule} or {@code advice}
   */
  public record Rule(String of, String name, String mode, String action) {}

  /**
   * What is wanted of nodes whose equipment was not accepted.
   *
   * @param mode {@code observe}, {@code dry-run} or {@code act}
   * @param test of the site whose pass accepts a node; absent where only people do
   * @param begin whether the test is begun by itself once such a node has no run
   */
  public record Acceptance(String mode, Optional<String> test, boolean begin) {}

  /**
   * @param fleetAtOnce nodes of the fleet as it is now
   */
  public record Limits(
      int nodePerHour,
      double fleetShare,
      int fleetAtOnce,
      OptionalInt fleetPerHour,
      OptionalInt domainAtOnce,
      OptionalInt domainPerHour,
      OptionalInt rackAtOnce,
      OptionalInt rackPerHour,
      OptionalInt feedAtOnce,
      OptionalInt feedPerHour) {}
}
