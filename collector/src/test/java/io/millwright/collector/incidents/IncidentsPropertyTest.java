package io.millwright.collector.incidents;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.collector.racks.RackMap;
import io.millwright.protocol.vocabulary.health.Advice;
import io.millwright.protocol.vocabulary.health.Verdict;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What holds for any fleet and any order. */
class IncidentsPropertyTest {
  private static final int ROUNDS = 60;
  private static final int STEPS = 25;
  private static final int RACKS = 4;
  private static final int TRAYS = 4;
  private static final int DEVICES = 3;
  private static final RackMap MAP = map();

  private static RackMap map() {
    List<String> lines = new ArrayList<>(List.of("node,rack,switch,feed,domain"));
    for (int i = 0; i < RACKS * TRAYS; i++) {
      int rack = i / TRAYS;
      lines.add("n%d,r%d,s%d,f%d,d%d".formatted(i, rack, rack, rack / 2, rack));
    }
    return RackMap.of(lines);
  }

  private static Symptom symptom(String node, int device, Random random) {
    String uuid = "G-%s-%d".formatted(node, device);
    Suspect suspect =
        new Suspect(
            node,
            Optional.of(Integer.toString(device)),
            Optional.of(uuid),
            Optional.of("S" + uuid));
    return switch (random.nextInt(5)) {
      case 0 -> of(suspect, "xid-link", Nature.LINK, Verdict.FAILED, Set.of("149"), false);
      case 1 ->
          of(suspect, "xid-link-warning", Nature.LINK, Verdict.DEGRADED, Set.of("145"), false);
      case 2 -> of(suspect, "xid-job", Nature.SYMPATHY, Verdict.OK, Set.of("45"), true);
      case 3 -> of(suspect, "remap-failed", Nature.OWN, Verdict.FAILED, Set.of(), false);
      default ->
          of(suspect, "throttle-power-brake", Nature.POWER, Verdict.DEGRADED, Set.of(), false);
    };
  }

  private static Symptom of(
      Suspect suspect,
      String rule,
      Nature nature,
      Verdict verdict,
      Set<String> codes,
      boolean follows) {
    return new Symptom(
        suspect, rule, nature, verdict, Advice.INSPECT, "seen", codes, follows, Optional.empty());
  }

  private static NodeReport report(String node, Random random) {
    Map<String, String> devices = new HashMap<>();
    Map<Symptom.Key, Symptom> symptoms = new TreeMap<>();
    for (int device = 0; device < DEVICES; device++) {
      devices.put(Integer.toString(device), "G-%s-%d".formatted(node, device));
      while (random.nextInt(3) == 0) {
        Symptom one = symptom(node, device, random);
        symptoms.put(one.key(), one);
      }
    }
    NodeReport.Hearing hearing =
        switch (random.nextInt(4)) {
          case 0 -> NodeReport.Hearing.LOST;
          case 1 -> NodeReport.Hearing.UNCLEAR;
          default -> NodeReport.Hearing.HEARD;
        };
    return new NodeReport(node, hearing, MAP.place(node), devices, List.copyOf(symptoms.values()));
  }

  private static List<NodeReport> reports(Random random) {
    List<NodeReport> reports = new ArrayList<>();
    for (int i = 0; i < RACKS * TRAYS; i++) {
      if (random.nextInt(3) == 0) {
        reports.add(report("n" + i, random));
      }
    }
    return reports;
  }

  private static Incidents fresh() {
    return Incidents.restored(List.of(), List.of(), MAP, 0);
  }

  /** What belongs together, whatever it is called. */
  private static Set<String> partition(Incidents incidents) {
    Set<String> partition = new TreeSet<>();
    for (Incident one : incidents.all()) {
      Set<String> members = new TreeSet<>();
      one.members()
          .forEach(member -> members.add(member.symptom().key() + " " + member.clearedMs()));
      partition.add("%s %s %s %s".formatted(one.cause(), one.open(), one.root(), members));
    }
    return partition;
  }

  @Test
  void holdForAnyFacts() {
    long seed = Long.getLong("seed", new Random().nextLong());
    System.out.println("IncidentsPropertyTest -Dseed=" + seed);
    Random random = new Random(seed);
    for (int round = 0; round < ROUNDS; round++) {
      Incidents incidents = fresh();
      Incidents shuffled = fresh();
      Map<String, NodeReport> last = new HashMap<>();
      long now = 1_800_000_000_000L;
      for (int step = 0; step < STEPS; step++) {
        now +=
            switch (random.nextInt(3)) {
              case 0 -> 1_000;
              case 1 -> 30_000;
              default -> 1_200_000;
            };
        List<NodeReport> reports = reports(random);
        Incidents.Turn turn = incidents.step(reports, MAP, Quiet.NEVER, now);
        List<NodeReport> other = new ArrayList<>(reports);
        Collections.shuffle(other, random);
        shuffled.step(other, MAP, Quiet.NEVER, now);
        String of = "seed %d round %d step %d".formatted(seed, round, step);
        assertThat(partition(shuffled)).as(of).isEqualTo(partition(incidents));
        reports.forEach(report -> last.merge(report.node(), report, IncidentsPropertyTest::stood));
        eachFailureIsOfExactlyOne(incidents, last, of);
        onlyWhatIsClearIsClosed(incidents, turn, of);
        incidents = restarted(incidents, now, random, of);
      }
    }
  }

  /** What stood while the node was not heard, stands. */
  private static NodeReport stood(NodeReport before, NodeReport now) {
    return switch (now.hearing()) {
      case HEARD -> now;
      case UNCLEAR -> before;
      case LOST ->
          new NodeReport(
              now.node(),
              now.hearing(),
              now.place(),
              now.devices(),
              before.hearing() == NodeReport.Hearing.UNCLEAR ? List.of() : before.symptoms());
    };
  }

  private static void eachFailureIsOfExactlyOne(
      Incidents incidents, Map<String, NodeReport> last, String of) {
    Map<Symptom.Key, Integer> held = new HashMap<>();
    for (Incident one : incidents.all()) {
      for (Incident.Member member : one.members()) {
        if (member.clearedMs().isEmpty()) {
          assertThat(one.open()).as(of).isTrue();
          held.merge(member.symptom().key(), 1, Integer::sum);
        }
      }
    }
    held.forEach((key, count) -> assertThat(count).as(of + " " + key).isEqualTo(1));
    for (NodeReport report : last.values()) {
      for (Symptom symptom : report.symptoms()) {
        if (report.hearing() == NodeReport.Hearing.HEARD && symptom.calls()) {
          assertThat(held).as(of).containsKey(symptom.key());
        }
      }
    }
  }

  private static void onlyWhatIsClearIsClosed(Incidents incidents, Incidents.Turn turn, String of) {
    for (Incident one : incidents.all()) {
      if (!one.open()) {
        assertThat(one.members()).as(of).allMatch(member -> member.clearedMs().isPresent());
      }
    }
    for (Notice notice : turn.notices()) {
      if (notice.page()) {
        assertThat(notice.incident().severity()).as(of).isEqualTo(Incident.Severity.CRITICAL);
      }
    }
  }

  /** From what was stored the same is made. */
  private static Incidents restarted(Incidents before, long now, Random random, String of) {
    if (random.nextInt(5) > 0) {
      return before;
    }
    Incidents after = Incidents.restored(before.all(), List.of(), MAP, now);
    assertThat(partition(after)).as(of).isEqualTo(partition(before));
    return before;
  }
}
