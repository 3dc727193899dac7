package io.millwright.agent.launcher.root;

import io.millwright.agent.launcher.Facts;
import io.millwright.agent.launcher.HookRule.Moment;
import io.millwright.agent.launcher.Policy;
import io.millwright.protocol.vocabulary.job.Assignment;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What is to be done around one run, as the policy said when it was asked first; on the disk until
 * the last hook after it has ended well.
 *
 * @param before names of hooks, in their order
 * @param after the same of those after it
 * @param uid of the run's user
 * @param devices UUIDs
 * @param instances of MIG, where they are: their UUIDs are the agent's word
 * @param nodes of the devices
 */
record HookWish(
    List<String> before,
    List<String> after,
    long uid,
    List<String> devices,
    List<String> instances,
    List<Path> nodes) {

  HookWish {
    before = List.copyOf(before);
    after = List.copyOf(after);
    devices = List.copyOf(devices);
    instances = List.copyOf(instances);
    nodes = List.copyOf(nodes);
  }

  static HookWish of(JobProperties job) {
    Assignment assignment = job.assignment();
    return new HookWish(
        names(job.policy(), assignment, Moment.BEFORE),
        names(job.policy(), assignment, Moment.AFTER),
        job.user().uid(),
        assignment.devices().uuids(),
        job.instances(),
        job.nodes());
  }

  static List<String> names(Policy policy, Assignment assignment, Moment moment) {
    return policy.hooksOf(assignment.spec(), moment).stream().map(hook -> hook.name()).toList();
  }

  /** What no other run may have before the hooks after this one have ended well. */
  Stream<String> places() {
    return Stream.concat(devices.stream(), instances.stream());
  }

  boolean isNothing() {
    return before.isEmpty() && after.isEmpty();
  }

  List<String> at(Moment moment) {
    return switch (moment) {
      case BEFORE -> before;
      case AFTER -> after;
    };
  }

  static Optional<HookWish> read(Path file) throws IOException {
    return Facts.read(file)
        .map(facts ->
            new HookWish(
                list(facts, "before"),
                list(facts, "after"),
                facts.number("uid").orElseThrow(),
                list(facts, "devices"),
                list(facts, "instances"),
                list(facts, "nodes").stream().map(Path::of).toList()));
  }

  private static List<String> list(Facts facts, String name) {
    return facts.text(name).map(all -> List.of(all.split(","))).orElse(List.of());
  }

  void write(Path file) throws IOException {
    new Facts(
            Map.of(
                "before",
                String.join(",", before),
                "after",
                String.join(",", after),
                "uid",
                Long.toString(uid),
                "devices",
                String.join(",", devices),
                "instances",
                String.join(",", instances),
                "nodes",
                String.join(",", nodes.stream().map(Path::toString).toList())))
        .write(file);
  }
}
