package io.millwright.protocol.vocabulary.job;

import java.util.Optional;

/**
 * One node's share of a placement.
 *
 * @param node that is to run it
 * @param term of the collector that granted it
 * @param generation of the node's desired state in which it first stood
 * @param devices what the process gets
 * @param group of a run over several nodes; empty of a run on one, and where the members do not
 *     know each other
 * @param channel that the run alone has, where its job asks for one
 */
public record Assignment(
    RunId id,
    String node,
    Term term,
    long generation,
    JobSpec spec,
    DeviceSet devices,
    Optional<Group> group,
    Optional<ImexChannel> channel) {
  private static final int LONGEST_NODE = 253;

  public Assignment {
    Wording.between("generation", generation, 0, Long.MAX_VALUE);
    if (!spec.name().equals(id.job())) {
      throw Wording.refused("id", id.text(), "a run of " + spec.name());
    }
    Wording.text("node", node, LONGEST_NODE);
    if (devices.kind() != spec.devices().kind()) {
      throw Wording.refused(
          "devices", devices.kind().toString(), "the kind asked for, " + spec.devices().kind());
    }
    if (devices.uuids().size() != spec.devices().count()) {
      throw Wording.refused(
          "devices",
          devices.uuids().size() + " devices",
          "the %d asked for".formatted(spec.devices().count()));
    }
    group.ifPresent(of -> {
      if (of.size() != spec.nodes()) {
        throw Wording.refused(
            "group.size", Integer.toString(of.size()), "the nodes asked for, " + spec.nodes());
      }
    });
    if (channel.isPresent() && !spec.devices().imex()) {
      throw Wording.refused(
          "channel", Integer.toString(channel.get().number()), "none without devices.imex");
    }
  }

  /** Without a channel. */
  public Assignment(
      RunId id,
      String node,
      Term term,
      long generation,
      JobSpec spec,
      DeviceSet devices,
      Optional<Group> group) {
    this(id, node, term, generation, spec, devices, group, Optional.empty());
  }

  /** Of a member that knows no other. */
  public Assignment(
      RunId id, String node, Term term, long generation, JobSpec spec, DeviceSet devices) {
    this(id, node, term, generation, spec, devices, Optional.empty(), Optional.empty());
  }

  /** The same for an agent that knows nothing of groups. */
  public Assignment withoutGroup() {
    return new Assignment(id, node, term, generation, spec, devices, Optional.empty(), channel);
  }
}
