package io.millwright.agent.watch;

import io.millwright.agent.health.Memory;
import io.millwright.agent.health.Memory.KernelTally;
import io.millwright.agent.health.Tally;
import io.millwright.protocol.health.ErrorCode;
import io.millwright.protocol.health.Rule;
import io.millwright.protocol.health.RuleCatalogue;
import io.millwright.protocol.vocabulary.Cadence;
import io.millwright.protocol.vocabulary.Fault;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.SeriesTable;
import io.millwright.protocol.vocabulary.health.Evidence;
import io.millwright.protocol.vocabulary.health.HealthReport;
import io.millwright.protocol.vocabulary.health.Judgement;
import io.millwright.protocol.vocabulary.health.Subject;
import io.millwright.protocol.vocabulary.health.Verdict;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The report and the counted events as series. The table is made anew where a device, a code or a
 * listener is new. The sampler's thread only.
 */
final class HealthSeries {
  private static final int UUID = 2;
  private static final int VENDOR = 3;
  private static final List<Verdict> STATES = List.of(Verdict.values());
  private static final List<String> PATTERNS =
      Arrays.stream(KernelPattern.values()).map(KernelPattern::word).toList();

  private static final String PRESENCE = "presence";
  private static final Set<String> ALWAYS = Set.of(PRESENCE, "driver");

  /** While these speak, it is not known whether the device is there for anybody. */
  private static final Set<String> AWAITED = Set.of("device-awaited", "device-unanswered");

  private final RuleCatalogue rules;
  private final String node;
  private final Map<String, List<String>> checks = new HashMap<>();
  private final Map<ErrorCode, Kind> kinds = new HashMap<>();
  private final Map<String, List<Kind>> fatalKinds = new HashMap<>();
  private Layout layout = new Layout(List.of(), Set.of(), false);
  private Slots slots;
  private Seen seen = Seen.NOTHING;

  /** What the table depends on. */
  private record Layout(List<List<String>> devices, Set<Code> codes, boolean kernel) {}

  /**
   * What the layout was worked out from: tables and counts are compared by identity, which they
   * keep from tick to tick while nothing changes.
   */
  private record Seen(List<SeriesTable> tables, List<Tally> tallies, int watched, boolean kernel) {
    static final Seen NOTHING = new Seen(List.of(), List.of(), -1, false);

    static Seen of(NodeSnapshot snapshot, Memory memory, Set<String> watched, boolean kernel) {
      return new Seen(
          snapshot.samples().stream().map(Sample::table).toList(),
          memory.tallies(),
          watched.size(),
          kernel);
    }

    @SuppressWarnings("ReferenceEquality")
    boolean same(NodeSnapshot snapshot, Memory memory, Set<String> listened, boolean log) {
      List<Sample> samples = snapshot.samples();
      boolean same =
          tallies == memory.tallies()
              && watched == listened.size()
              && kernel == log
              && tables.size() == samples.size();
      for (int i = 0; same && i < samples.size(); i++) {
        same = tables.get(i) == samples.get(i).table();
      }
      return same;
    }
  }

  /** An error counter's labels behind those of the device. */
  private record Kind(String source, String label, String severity) {}

  private record Code(String device, Kind kind) {}

  private record ErrorSlots(int total, int last) {}

  private record DeviceSlots(
      int state, int check, List<String> checks, Map<String, ErrorSlots> errors) {}

  private record Slots(Readings readings, int node, int kernel, Map<String, DeviceSlots> devices) {}

  HealthSeries(RuleCatalogue rules, String node) {
    this.rules = rules;
    this.node = node;
    this.slots = layOut(layout);
  }

  /** What is checked of a vendor's devices, by name. */
  private List<String> checks(String vendor) {
    return checks.computeIfAbsent(
        vendor,
        maker ->
            List.copyOf(
                new TreeSet<>(
                    rules.all().stream()
                        .filter(rule -> rule.ofDevices(maker) && !rule.observeOnly())
                        .map(Rule::check)
                        .toList())));
  }

  /**
   * @param watched devices whose errors somebody tells of, so that they count from 0
   * @param kernel whether the kernel log is read
   */
  Sample of(
      NodeSnapshot snapshot,
      HealthReport report,
      Memory memory,
      Set<String> watched,
      boolean kernel) {
    if (!seen.same(snapshot, memory, watched, kernel)) {
      List<List<String>> devices = devices(snapshot);
      Layout now = new Layout(devices, codes(memory, watched, devices, kernel), kernel);
      if (!now.equals(layout)) {
        layout = now;
        slots = layOut(now);
      }
      seen = Seen.of(snapshot, memory, watched, kernel);
    }
    Readings readings = slots.readings();
    readings.at(snapshot.takenAtNanos());
    states(slots.node(), report.verdict());
    for (Judgement judgement : report.judgements()) {
      if (judgement.subject() instanceof Subject.Device(String index, String uuid)) {
        Optional.ofNullable(slots.devices().get(uuid)).ifPresent(own -> write(own, judgement));
      }
    }
    for (Map.Entry<String, DeviceSlots> one : slots.devices().entrySet()) {
      one.getValue().errors().values().forEach(error -> readings.measured(error.total(), 0));
    }
    for (Tally tally : memory.tallies()) {
      write(tally);
    }
    if (kernel) {
      kernel(memory);
    }
    return readings.sample();
  }

  private static List<List<String>> devices(NodeSnapshot snapshot) {
    List<List<String>> devices = new ArrayList<>();
    for (Sample sample : snapshot.samples()) {
      for (int i = 0; i < sample.table().size(); i++) {
        Series series = sample.table().series(i);
        if (series.metric() == Metric.ACCELERATOR_UP) {
          devices.add(series.labelValues());
        }
      }
    }
    return devices;
  }

  private Set<Code> codes(
      Memory memory, Set<String> watched, List<List<String>> devices, boolean kernel) {
    Set<Code> codes = new HashSet<>();
    for (Tally tally : memory.tallies()) {
      codes.add(new Code(tally.device(), kinds.computeIfAbsent(tally.code(), this::kind)));
    }
    for (List<String> device : devices) {
      if (isWatched(device, watched, kernel)) {
        for (Kind fatal : fatalKinds.computeIfAbsent(device.get(VENDOR), this::fatalKinds)) {
          codes.add(new Code(device.get(UUID), fatal));
        }
      }
    }
    return codes;
  }

  /** Errors of Neuron devices are told of by the kernel log alone. */
  private static boolean isWatched(List<String> device, Set<String> watched, boolean kernel) {
    return watched.contains(device.get(UUID))
        || (kernel && device.get(VENDOR).equals(ErrorCode.Source.NEURON.vendor()));
  }

  /** Codes that share a label share its severity: what is not known is judged by one rule. */
  private Kind kind(ErrorCode code) {
    return new Kind(code.source().word(), rules.label(code), rules.severity(code));
  }

  private List<Kind> fatalKinds(String vendor) {
    return rules.fatalCodes(vendor).stream().map(this::kind).toList();
  }

  private void states(int first, Verdict verdict) {
    for (int i = 0; i < STATES.size(); i++) {
      slots.readings().measured(first + i, STATES.get(i) == verdict ? 1 : 0);
    }
  }

  private void write(DeviceSlots own, Judgement judgement) {
    states(own.state(), judgement.verdict());
    Set<String> failing = new HashSet<>();
    boolean blind = judgement.verdict() == Verdict.UNKNOWN;
    boolean awaited = false;
    for (Evidence evidence : judgement.evidence()) {
      blind |= rules.blinds(evidence.rule());
      awaited |= AWAITED.contains(evidence.rule());
      if (!evidence.observeOnly()) {
        failing.add(rules.rule(evidence.rule()).check());
      }
    }
    for (int i = 0; i < own.checks().size(); i++) {
      String check = own.checks().get(i);
      boolean always = ALWAYS.contains(check) && !(awaited && check.equals(PRESENCE));
      if (blind && !always) {
        slots.readings().unavailable(own.check() + i, Fault.TIMEOUT);
      } else {
        slots.readings().measured(own.check() + i, failing.contains(check) ? 0 : 1);
      }
    }
  }

  private void write(Tally tally) {
    Optional.ofNullable(slots.devices().get(tally.device()))
        .map(own -> own.errors().get(tally.label()))
        .ifPresent(error -> {
          slots.readings().measured(error.total(), (double) tally.count());
          slots.readings().measured(error.last(), tally.lastMs() / 1e3);
        });
  }

  private void kernel(Memory memory) {
    for (int i = 0; i < PATTERNS.size(); i++) {
      slots.readings().measured(slots.kernel() + i, 0);
    }
    for (KernelTally tally : memory.kernel()) {
      int place = PATTERNS.indexOf(tally.pattern());
      if (place >= 0) {
        slots.readings().measured(slots.kernel() + place, (double) tally.count());
      }
    }
  }

  // ---- the table

  private Slots layOut(Layout now) {
    SeriesTable.Builder table = SeriesTable.builder();
    int first = -1;
    for (Verdict state : STATES) {
      int at = table.add(Cadence.FAST, Series.of(Metric.NODE_HEALTH_STATE, node, state.word()));
      first = first < 0 ? at : first;
    }
    int kernel = -1;
    for (String pattern : now.kernel() ? PATTERNS : List.<String>of()) {
      int at =
          table.add(Cadence.FAST, Series.of(Metric.NODE_KERNEL_LOG_EVENTS_TOTAL, node, pattern));
      kernel = kernel < 0 ? at : kernel;
    }
    Map<String, DeviceSlots> devices = new LinkedHashMap<>();
    for (List<String> labels : now.devices()) {
      devices.put(labels.get(UUID), layOut(table, labels, now));
    }
    return new Slots(new Readings(table.build()), first, kernel, devices);
  }

  private DeviceSlots layOut(SeriesTable.Builder table, List<String> labels, Layout now) {
    int state = -1;
    for (Verdict one : STATES) {
      int at = table.add(Cadence.FAST, series(Metric.ACCELERATOR_HEALTH_STATE, labels, one.word()));
      state = state < 0 ? at : state;
    }
    int check = -1;
    List<String> checked = checks(labels.get(VENDOR));
    for (String one : checked) {
      int at = table.add(Cadence.FAST, series(Metric.ACCELERATOR_HEALTH_CHECK, labels, one));
      check = check < 0 ? at : check;
    }
    Map<String, ErrorSlots> errors = new HashMap<>();
    now.codes().stream()
        .filter(code -> code.device().equals(labels.get(UUID)))
        .map(Code::kind)
        .sorted(Comparator.comparing(Kind::label))
        .forEach(kind -> errors.put(kind.label(), layOut(table, labels, kind)));
    return new DeviceSlots(state, check, checked, errors);
  }

  private static ErrorSlots layOut(SeriesTable.Builder table, List<String> labels, Kind kind) {
    String[] own = {kind.source(), kind.label(), kind.severity()};
    return new ErrorSlots(
        table.add(Cadence.FAST, series(Metric.ACCELERATOR_ERROR_EVENTS_TOTAL, labels, own)),
        table.add(
            Cadence.FAST,
            series(Metric.ACCELERATOR_ERROR_EVENT_LAST_TIMESTAMP_SECONDS, labels, own)));
  }

  private static Series series(Metric metric, List<String> device, String... own) {
    List<String> values = new ArrayList<>(device);
    values.addAll(List.of(own));
    return new Series(metric, values, false);
  }
}
