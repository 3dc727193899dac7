package io.millwright.protocol.views;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * One run of a job; {@code GET /v1/jobs}.
 *
 * @param id of the run, as in {@code hello-r1}
 * @param state word of the table of job words, as in {@code running}
 * @param argv program and arguments; in a list the program alone
 * @param deviceKind {@code gpu} or {@code neuron}
 * @param deviceCount wanted on each node
 * @param nodeCount wanted
 * @param nodes that have a share of it; none while it is queued
 * @param devices UUIDs of its accelerators on all nodes; none while it is queued
 * @param startedMs when it was first seen running on all its nodes
 * @param outcome how it ended, as in {@code completed} or {@code exit(7)}; absent while it goes on
 * @param stopping why somebody wants its end, and who
 * @param waiting why it has no place; absent once it has one
 * @param restart which restart it is, as in {@code restart 1 of 3 after train-r1}; absent of others
 * @param next run in its place, which was queued as it failed; absent where there is none
 * @param notRestarted why there is none, of a job that asks for restarts and failed
 * @param wallMs from the start of its process to its end; absent before
 * @param deviceSeconds wall time times devices
 * @param joules difference of its devices' energy counters; absent where one was not read
 * @param energyScope what those counters measure, as in {@code gpu}
 * @param members its shares, one a node
 */
public record JobView(
    int schemaVersion,
    String job,
    int run,
    String id,
    String state,
    String user,
    String project,
    int priority,
    List<String> argv,
    String deviceKind,
    int deviceCount,
    int nodeCount,
    List<String> nodes,
    List<String> devices,
    long submittedMs,
    OptionalLong startedMs,
    OptionalLong endedMs,
    Optional<String> outcome,
    Optional<String> stopping,
    Optional<String> waiting,
    Optional<String> restart,
    OptionalInt next,
    Optional<String> notRestarted,
    OptionalLong wallMs,
    OptionalDouble deviceSeconds,
    OptionalDouble joules,
    Optional<String> energyScope,
    List<Member> members) {
  public JobView {
    argv = List.copyOf(argv);
    nodes = List.copyOf(nodes);
    devices = List.copyOf(devices);
    members = List.copyOf(members);
  }

  /**
   * What the run has on one node.
   *
   * @param detail why it is in that state, as its node says; absent where that has nothing to say
   * @param checks what the checks around it came to; absent before there are any
   */
  public record Member(
      String node,
      String state,
      List<String> devices,
      Optional<String> outcome,
      OptionalLong wallMs,
      OptionalDouble joules,
      Optional<String> detail,
      Optional<List<Check>> checks) {
    public Member {
      devices = List.copyOf(devices);
      checks = checks.map(List::copyOf);
    }
  }

  /**
   * What one check around it came to.
   *
   * @param moment {@code before} or {@code after}
   * @param result {@code passed}, {@code failed}, {@code unknown} or {@code skipped}
   * @param found what was seen, in one sentence
   */
  public record Check(String moment, String check, String result, String found) {}
}
