package io.millwright.collector.rest;

import io.millwright.collector.store.UsageSum;
import io.millwright.collector.store.UsageTable.By;
import io.millwright.collector.usage.UsageDesk;
import io.millwright.protocol.bodies.JsonMistake;
import io.millwright.protocol.bodies.Shown;
import io.millwright.protocol.views.UsageView;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.CompletionStage;

/** What runs have used, by whoever they ran for. For viewers, as jobs are. */
public final class UsageRoutes {
  private static final String ALLOWED =
      "any of user, project, scheduler, node and job, with commas between and each once";

  private final UsageDesk usage;

  public UsageRoutes(UsageDesk usage) {
    this.usage = usage;
  }

  public List<Route> routes() {
    return List.of(Route.ask("/v1/usage", Role.VIEWER, this::usage));
  }

  private CompletionStage<Answer> usage(Request request) {
    List<By> by = by(request.query("by").orElse("user,project"));
    long since = request.query("since").map(UsageRoutes::moment).orElse(0L);
    return usage
        .sums(by, since)
        .handle((sums, failure) ->
            failure == null
                ? Answer.json(sums.stream().map(sum -> view(by, sum)).toList())
                : Answer.problem(503, String.valueOf(failure.getMessage())));
  }

  private static List<By> by(String given) {
    List<By> by = new ArrayList<>();
    for (String word : given.split(",", -1)) {
      By one =
          Arrays.stream(By.values())
              .filter(value -> value.word().equals(word))
              .findFirst()
              .orElseThrow(() -> JsonMistake.refused("by", Shown.quoted(given), ALLOWED));
      if (by.contains(one)) {
        throw JsonMistake.refused("by", Shown.quoted(given), ALLOWED);
      }
      by.add(one);
    }
    return by;
  }

  private static long moment(String given) {
    if (!given.matches("[0-9]{1,15}")) {
      throw JsonMistake.refused("since", Shown.quoted(given), "milliseconds since 1970, from 0");
    }
    return Long.parseLong(given);
  }

  private static UsageView view(List<By> by, UsageSum sum) {
    OptionalDouble idle =
        sum.busySeconds().isPresent() && sum.seenSeconds() > 0
            ? OptionalDouble.of(
                Math.max(0, 1 - sum.busySeconds().getAsDouble() / sum.seenSeconds()))
            : OptionalDouble.empty();
    return new UsageView(
        key(by, sum, By.USER),
        key(by, sum, By.PROJECT),
        key(by, sum, By.SCHEDULER),
        key(by, sum, By.NODE),
        key(by, sum, By.JOB),
        sum.runs(),
        sum.deviceSeconds(),
        sum.joules(),
        sum.energyScope().isEmpty() ? Optional.empty() : Optional.of(sum.energyScope()),
        sum.joulesSeconds(),
        idle,
        sum.seenSeconds(),
        sum.cpuSeconds(),
        sum.errors(),
        sum.power().meanWatts(),
        OptionalDouble.of(sum.power().seconds()),
        sum.power().peakWatts(),
        sum.peakMemoryBytes());
  }

  private static Optional<String> key(List<By> by, UsageSum sum, By wanted) {
    int at = by.indexOf(wanted);
    return at < 0 ? Optional.empty() : Optional.of(sum.key().get(at));
  }
}
