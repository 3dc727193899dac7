package io.millwright.agent.health;

import io.millwright.agent.health.Looks.Bound;
import io.millwright.protocol.health.Condition;
import io.millwright.protocol.health.Condition.BelowPeers;
import io.millwright.protocol.health.Condition.Load;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.SeriesTable;
import io.millwright.protocol.vocabulary.job.RunId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The series of one kind that devices of one model have, each held against those of the others.
 * Whoever cannot be held against others is not judged.
 */
final class Peers {
  private static final int MODEL = 4;
  private static final double EQUAL_LOAD = 0.1;
  private static final double AGREEING = 0.75;

  private final BelowPeers condition;
  private final List<Member> members = new ArrayList<>();
  private double[] others = {};

  /** One device's series, and as it is at a tick. */
  private static final class Member {
    private final Sight sight;
    private final SeriesTable table;
    private final int index;
    private Optional<DeviceView> seen = Optional.empty();
    private double value;

    Member(Sight sight, SeriesTable table, int index) {
      this.sight = sight;
      this.table = table;
      this.index = index;
    }

    void look(Observation now, Node node) {
      seen = Optional.empty();
      for (Sample sample : now.snapshot().samples()) {
        if (sample.table() == table && sample.measured(index)) {
          seen = Optional.ofNullable(node.devices().get(sight.subject())).filter(Peers::isWhole);
          value = sample.value(index);
        }
      }
    }

    DeviceView.Work work() {
      return seen.orElseThrow().load();
    }
  }

  private Peers(BelowPeers condition) {
    this.condition = condition;
  }

  /** Who is to be held against whom. */
  static List<Peers> of(IdentityHashMap<SeriesTable, Bound[]> bound) {
    Map<List<String>, Peers> groups = new LinkedHashMap<>();
    bound.forEach((table, all) -> {
      for (Bound one : all) {
        if (one.sight().rule().condition() instanceof BelowPeers condition) {
          groups
              .computeIfAbsent(group(one, table), of -> new Peers(condition))
              .members
              .add(new Member(one.sight(), table, one.index()));
        }
      }
    });
    return List.copyOf(groups.values());
  }

  /** The rule, the model and the labels of the series. */
  private static List<String> group(Bound one, SeriesTable table) {
    List<String> labels = table.series(one.index()).labelValues();
    List<String> group = new ArrayList<>(labels.subList(MODEL, labels.size()));
    group.add(one.sight().rule().id());
    return group;
  }

  private static boolean isWhole(DeviceView view) {
    return view.up() && !view.isPart() && !view.load().divided();
  }

  /** Judges each of them. */
  void compare(Observation now, Node node) {
    others = others.length < members.size() ? new double[members.size()] : others;
    for (Member member : members) {
      member.look(now, node);
    }
    for (int own = 0; own < members.size(); own++) {
      judge(own, now);
    }
  }

  private void judge(int own, Observation now) {
    Sight sight = members.get(own).sight;
    boolean limited = false;
    boolean alike = members.get(own).seen.isPresent();
    int count = 0;
    for (int other = 0; alike && other < members.size(); other++) {
      if (isPeer(own, other, now)) {
        limited |= members.get(other).work().limited();
        alike = condition.load() == Load.ANY || equallyBusy(own, other);
        others[count++] = members.get(other).value;
      }
    }
    if (condition.load() == Load.SAME && (limited || isLimited(own))) {
      sight.disturbed(now.nanos(), now.wallMs());
    } else if (alike && count >= Condition.LEAST_PEERS) {
      compare(members.get(own), count, now);
    } else {
      sight.unread(now.nanos(), now.wallMs());
    }
  }

  private boolean isLimited(int own) {
    return members.get(own).seen.filter(view -> view.load().limited()).isPresent();
  }

  private boolean isPeer(int own, int other, Observation now) {
    if (own == other || members.get(other).seen.isEmpty()) {
      return false;
    }
    RunId run = now.holders().get(members.get(own).sight.subject());
    return condition.load() == Load.ANY
        || (run != null && run.equals(now.holders().get(members.get(other).sight.subject())));
  }

  private boolean equallyBusy(int own, int other) {
    DeviceView.Work one = members.get(own).work();
    DeviceView.Work two = members.get(other).work();
    return one.busy()
        && two.busy()
        && Math.abs(one.utilization() - two.utilization()) <= EQUAL_LOAD;
  }

  /** The share that is missing to the median of so many others, where they agree. */
  private void compare(Member own, int count, Observation now) {
    Arrays.sort(others, 0, count);
    double median = Medians.middle(others, count);
    if (median > 0 && agree(count, median)) {
      own.sight.read(1 - own.value / median, 1, now.nanos(), now.wallMs());
    } else {
      own.sight.unread(now.nanos(), now.wallMs());
    }
  }

  private boolean agree(int count, double median) {
    int agreeing = 0;
    for (int i = 0; i < count; i++) {
      if (Math.abs(others[i] - median) <= condition.by() / 2 * median) {
        agreeing++;
      }
    }
    return (double) agreeing >= AGREEING * (double) count;
  }
}
