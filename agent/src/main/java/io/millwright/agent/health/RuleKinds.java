package io.millwright.agent.health;

import io.millwright.protocol.health.Condition;
import io.millwright.protocol.health.Rule;
import io.millwright.protocol.vocabulary.health.Scope;
import java.util.ArrayList;
import java.util.List;

/** The rules that look at no single reading, by what they look at, so that a tick asks for none. */
final class RuleKinds {
  /** Between a rule and a probe. */
  static final String OF_PROBE = " ";

  private final List<Rule> driverGone = new ArrayList<>();
  private final List<Rule> stuck = new ArrayList<>();
  private final List<Rule> lost = new ArrayList<>();
  private final List<Rule> silent = new ArrayList<>();
  private final List<Rule> awaitedDevice = new ArrayList<>();
  private final List<Rule> awaitedDriver = new ArrayList<>();
  private final List<Rule> xidJobs = new ArrayList<>();
  private final List<Rule> missing = new ArrayList<>();
  private final List<Rule> fewer = new ArrayList<>();
  private final List<Rule> kernel = new ArrayList<>();
  private final List<OfProbe> probes = new ArrayList<>();

  /**
   * A rule and one probe that it asks for.
   *
   * @param key of both
   * @param words what is said of it
   */
  record OfProbe(Rule rule, String probe, String key, String words) {
    static OfProbe of(Rule rule, String probe) {
      return new OfProbe(
          rule, probe, rule.id() + OF_PROBE + probe, "the probe " + probe + " fails");
    }
  }

  RuleKinds(List<Rule> rules) {
    rules.forEach(this::take);
  }

  private void take(Rule rule) {
    switch (rule.condition()) {
      case Condition.DriverGone _ -> driverGone.add(rule);
      case Condition.Stuck _ -> stuck.add(rule);
      case Condition.Lost _ -> lost.add(rule);
      case Condition.Silent _ -> silent.add(rule);
      case Condition.Awaited _ ->
          (rule.scope() == Scope.DEVICE ? awaitedDevice : awaitedDriver).add(rule);
      case Condition.XidJobs _ -> xidJobs.add(rule);
      case Condition.Missing _ -> missing.add(rule);
      case Condition.Fewer _ -> fewer.add(rule);
      case Condition.Kernel _ -> kernel.add(rule);
      case Condition.ProbeFails(var names) ->
          names.stream().sorted().forEach(name -> probes.add(OfProbe.of(rule, name)));
      case Condition.Reading _,
          Condition.Increase _,
          Condition.Share _,
          Condition.PcieReplays _,
          Condition.Turns _,
          Condition.Gone _,
          Condition.Began _,
          Condition.Frozen _,
          Condition.Blind _,
          Condition.BelowPeers _,
          Condition.Unread _,
          Condition.Xid _,
          Condition.Sxid _,
          Condition.NeuronError _ -> {} // looked at by readings, or by what is counted
    }
  }

  List<Rule> driverGone() {
    return driverGone;
  }

  List<Rule> stuck() {
    return stuck;
  }

  List<Rule> lost() {
    return lost;
  }

  List<Rule> silent() {
    return silent;
  }

  /** Of a device that has not answered yet. */
  List<Rule> awaitedDevice() {
    return awaitedDevice;
  }

  /** Of the node whose drivers or devices have not answered yet. */
  List<Rule> awaitedDriver() {
    return awaitedDriver;
  }

  List<Rule> xidJobs() {
    return xidJobs;
  }

  List<Rule> missing() {
    return missing;
  }

  List<Rule> fewer() {
    return fewer;
  }

  List<Rule> kernel() {
    return kernel;
  }

  List<OfProbe> probes() {
    return probes;
  }
}
