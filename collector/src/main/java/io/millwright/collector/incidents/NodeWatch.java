package io.millwright.collector.incidents;

import io.millwright.collector.fleet.AcceleratorState;
import io.millwright.collector.fleet.FleetState;
import io.millwright.collector.fleet.Link;
import io.millwright.collector.fleet.NodeState;
import io.millwright.collector.racks.Place;
import io.millwright.collector.racks.RackMap;
import io.millwright.collector.racks.Whereabouts;
import io.millwright.protocol.health.RuleCatalogue;
import io.millwright.protocol.vocabulary.Readout;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import io.millwright.protocol.vocabulary.health.Advice;
import io.millwright.protocol.vocabulary.health.Evidence;
import io.millwright.protocol.vocabulary.health.Judgement;
import io.millwright.protocol.vocabulary.health.Scope;
import io.millwright.protocol.vocabulary.health.Subject;
import io.millwright.protocol.vocabulary.health.Verdict;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Makes reports of the nodes that have changed since the last look. One owner thread.
 *
 * <p>A node that is well and stays so costs a comparison.
 */
public final class NodeWatch {
  private static final int MOST_SYMPTOMS = 256;
  private static final int LONGEST = 300;

  /** Channels torn down because of an error elsewhere; whose job had them is told apart. */
  private static final Set<String> SYMPATHETIC = Set.of("45");

  private final RuleCatalogue rules;
  private final Map<String, Seen> seen = new HashMap<>();
  private Optional<RackMap> map = Optional.empty();

  /**
   * How a node was at the last look.
   *
   * @param sick whether anything stood
   */
  private record Seen(NodeState node, Link link, boolean sick, Facts facts) {}

  /** What stands in the labels of a table: who is who, and which counters are of Xids. */
  private record Facts(
      SeriesTable table,
      Map<String, String> serials,
      Map<String, Map<String, Integer>> xids,
      Whereabouts whereabouts,
      boolean told) {}

  public NodeWatch(RuleCatalogue rules) {
    this.rules = rules;
  }

  /** Where the nodes say that they stand, by their names. */
  public Map<String, Whereabouts> whereabouts() {
    Map<String, Whereabouts> told = new LinkedHashMap<>();
    seen.forEach((name, one) -> told.put(name, one.facts().whereabouts()));
    return told;
  }

  /** Which parts are in which node, as of the last look. */
  public Parts parts() {
    Map<String, String> nodes = new HashMap<>();
    Map<String, String> serials = new HashMap<>();
    Set<String> heard = new TreeSet<>();
    seen.forEach((name, one) -> {
      if (one.link() == Link.CONNECTED && one.facts().table().size() > 0) {
        heard.add(name);
        serials.putAll(one.facts().serials());
        one.facts().serials().values().forEach(serial -> nodes.put(serial, name));
      }
    });
    return new Parts(nodes, serials, heard);
  }

  /** Those of which there is something to say. */
  public List<NodeReport> changed(FleetState fleet, RackMap now, long nowNanos) {
    boolean moved = map.isEmpty() || map.get() != now;
    map = Optional.of(now);
    List<NodeReport> reports = new ArrayList<>();
    for (NodeState node : fleet.nodes().values()) {
      Link link = node.link(nowNanos);
      Seen before = seen.get(node.name());
      if (moved || before == null || hasChanged(node, link, before)) {
        reports.add(report(node, link, Optional.ofNullable(before), now));
      }
    }
    return reports;
  }

  @SuppressWarnings("ReferenceEquality") // each change makes a new one; to compare all would cost
  private static boolean hasChanged(NodeState node, Link link, Seen before) {
    if (link != before.link() || node.findings() != before.node().findings()) {
      return true;
    }
    return node != before.node()
        && (before.sick()
            || hasFailed(node)
            || node.sample().table() != before.facts().table()
            || !before.facts().told());
  }

  /** An agent that tells verdicts and no evidence is heard too. */
  private static boolean hasFailed(NodeState node) {
    for (AcceleratorState device : node.accelerators()) {
      if (device.told().isPresent() && device.told().get() == Verdict.FAILED) {
        return true;
      }
    }
    return false;
  }

  private NodeReport report(NodeState node, Link link, Optional<Seen> before, RackMap now) {
    Facts facts =
        before
            .map(Seen::facts)
            .filter(known -> known.table() == node.sample().table() && known.told())
            .orElseGet(() -> facts(node.sample().sample()));
    Place place = now.place(node.name()).or(facts.whereabouts().domain());
    List<Symptom> symptoms = symptoms(node, facts);
    seen.put(node.name(), new Seen(node, link, !symptoms.isEmpty(), facts));
    return new NodeReport(node.name(), hearing(node, link), place, devices(node), symptoms);
  }

  /** What was told in a session before says nothing of now. */
  private static NodeReport.Hearing hearing(NodeState node, Link link) {
    if (link == Link.LOST) {
      return NodeReport.Hearing.LOST;
    }
    boolean judged =
        node.findings().session() == node.session()
            || (node.told().isEmpty() && node.sample().table().size() > 0);
    return link == Link.CONNECTED && judged ? NodeReport.Hearing.HEARD : NodeReport.Hearing.UNCLEAR;
  }

  private static Map<String, String> devices(NodeState node) {
    Map<String, String> devices = new HashMap<>();
    for (AcceleratorState device : node.accelerators()) {
      if (!device.instance()) {
        devices.put(device.index(), device.uuid());
      }
    }
    return devices;
  }

  /** Slots and domains are told once they were read, which is after the first sample. */
  private static Facts facts(Sample sample) {
    SeriesTable table = sample.table();
    Map<String, String> serials = new HashMap<>();
    Map<String, Map<String, Integer>> xids = new HashMap<>();
    boolean told = true;
    for (int i = 0; i < table.size(); i++) {
      Series series = table.series(i);
      switch (series.metric()) {
        case ACCELERATOR_INFO -> {
          label(series, "serial").ifPresent(serial -> serials.put(uuid(series), serial));
        }
        case ACCELERATOR_SLOT_INFO, ACCELERATOR_FABRIC_INFO -> told &= sample.measured(i);
        case ACCELERATOR_ERROR_EVENTS_TOTAL -> {
          if (label(series, "source").equals(Optional.of("xid"))) {
            xids.computeIfAbsent(uuid(series), first -> new HashMap<>())
                .put(label(series, "code").orElse(""), i);
          }
        }
        default -> {}
      }
    }
    return new Facts(table, serials, xids, Whereabouts.of(sample), told);
  }

  private static String uuid(Series series) {
    return label(series, "uuid").orElse("");
  }

  private static Optional<String> label(Series series, String name) {
    return Optional.of(series.labelValues().get(series.metric().labels().indexOf(name)))
        .filter(text -> !text.isEmpty());
  }

  // ---- what stands

  private List<Symptom> symptoms(NodeState node, Facts facts) {
    Map<Symptom.Key, Symptom> symptoms = new LinkedHashMap<>();
    node.findings().node().ifPresent(own -> add(node, own, facts, symptoms));
    node.findings().devices().values().forEach(one -> add(node, one, facts, symptoms));
    for (AcceleratorState device : node.accelerators()) {
      boolean unexplained =
          device.told().equals(Optional.of(Verdict.FAILED))
              && node.findings().ofDevice(device.uuid()).isEmpty()
              && !device.instance();
      if (unexplained) {
        Symptom symptom = unexplained(suspect(node, device.index(), device.uuid(), facts));
        symptoms.put(symptom.key(), symptom);
      }
    }
    return symptoms.values().stream().limit(MOST_SYMPTOMS).toList();
  }

  private static Symptom unexplained(Suspect suspect) {
    return new Symptom(
        suspect,
        "verdict",
        Nature.OWN,
        Verdict.FAILED,
        Advice.INSPECT,
        "its agent calls it failed and tells no evidence",
        Set.of(),
        false,
        Optional.empty());
  }

  private void add(
      NodeState node, Judgement judgement, Facts facts, Map<Symptom.Key, Symptom> symptoms) {
    Suspect suspect =
        switch (judgement.subject()) {
          case Subject.Node() -> Suspect.node(node.name());
          case Subject.Device(String index, String uuid) -> suspect(node, index, uuid, facts);
        };
    for (Evidence evidence : judgement.evidence()) {
      symptom(suspect, evidence, codes(suspect, evidence, facts, node.sample()))
          .ifPresent(symptom -> symptoms.merge(symptom.key(), symptom, NodeWatch::worse));
    }
  }

  /** A rule that speaks of several codes of a device is one symptom. */
  private static Symptom worse(Symptom one, Symptom other) {
    Symptom worse = one.follows() && !other.follows() ? other : one;
    Set<String> codes = new TreeSet<>(one.codes());
    codes.addAll(other.codes());
    return new Symptom(
        worse.suspect(),
        worse.rule(),
        worse.nature(),
        worse.verdict(),
        worse.advice(),
        worse.observed(),
        codes,
        worse.follows(),
        worse.job().or(other::job));
  }

  private static Suspect suspect(NodeState node, String index, String uuid, Facts facts) {
    return new Suspect(
        node.name(),
        Optional.of(index),
        Optional.of(uuid),
        Optional.ofNullable(facts.serials().get(uuid)));
  }

  /** Codes that were counted on the device and that this rule judges. */
  private Set<String> codes(Suspect suspect, Evidence evidence, Facts facts, Readout sample) {
    Set<String> codes = new TreeSet<>();
    facts
        .xids()
        .getOrDefault(suspect.uuid().orElse(""), Map.of())
        .forEach((code, at) -> {
          if (sample.measured(at) && sample.value(at) > 0 && judges(evidence.rule(), code)) {
            codes.add(code);
          }
        });
    return codes;
  }

  private boolean judges(String rule, String code) {
    return code.matches("[0-9]{1,6}")
        && rules
            .xids()
            .find(Integer.parseInt(code))
            .flatMap(xid -> xid.rule())
            .equals(Optional.of(rule));
  }

  /** Empty for what is only shown and follows from nothing here: a job's own fault is the job's. */
  private Optional<Symptom> symptom(Suspect suspect, Evidence evidence, Set<String> codes) {
    Nature nature = nature(evidence, codes);
    boolean follows = evidence.observeOnly() || nature == Nature.SYMPATHY;
    if (follows && nature != Nature.LINK && nature != Nature.SYMPATHY) {
      return Optional.empty();
    }
    return Optional.of(
        new Symptom(
            suspect,
            evidence.rule(),
            nature,
            evidence.verdict(),
            evidence.advice(),
            shortened(evidence.observed()),
            codes,
            follows,
            evidence.job()));
  }

  private Nature nature(Evidence evidence, Set<String> codes) {
    if (evidence.observeOnly() && SYMPATHETIC.containsAll(codes) && !codes.isEmpty()) {
      return Nature.SYMPATHY;
    }
    if (evidence.rule().contains("imex")) {
      return Nature.LINK; // the daemon of an NVLink domain
    }
    String check = rules.find(evidence.rule()).map(rule -> rule.check()).orElse("");
    return switch (check) {
      case "link", "fabric" -> evidence.scope() == Scope.NODE ? Nature.OWN : Nature.LINK;
      case "power" -> Nature.POWER;
      case "thermal" -> Nature.THERMAL;
      default -> Nature.OWN;
    };
  }

  private static String shortened(String text) {
    StringBuilder words = new StringBuilder();
    text.codePoints().limit(LONGEST).forEach(words::appendCodePoint);
    return words.length() < text.length() ? words.append('…').toString() : text;
  }
}
