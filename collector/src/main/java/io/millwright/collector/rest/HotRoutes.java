package io.millwright.collector.rest;

import io.millwright.collector.hot.Aggregate;
import io.millwright.collector.hot.HotDevice;
import io.millwright.collector.hot.HotFleet;
import io.millwright.collector.hot.HotMetric;
import io.millwright.collector.hot.Point;
import io.millwright.collector.page.HotPage;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.exposition.TextFormat;
import io.millwright.protocol.views.AggregateView;
import io.millwright.protocol.views.HistoryView;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;

/** The hot set: all of it for Prometheus, sums over it, and its last minutes. */
public final class HotRoutes {
  private static final int SCHEMA = 1;
  private static final int LONGEST_SECONDS = 600;

  private final HotFleet hot;
  private final Clock clock;

  public HotRoutes(HotFleet hot, Clock clock) {
    this.hot = hot;
    this.clock = clock;
  }

  public List<Route> routes() {
    return List.of(
        Route.get("/metrics/fleet", Role.ANYBODY, this::page),
        Route.get("/v1/fleet/aggregate", Role.ANYBODY, this::aggregate),
        Route.get("/v1/accelerators/{uuid}/history", Role.ANYBODY, this::history));
  }

  private Answer page(Request request) {
    request
        .query("set")
        .filter(set -> !set.equals("hot"))
        .ifPresent(set -> {
          throw new IllegalArgumentException(
              "set: '%s' is refused; allowed is hot, which is also what comes without it"
                  .formatted(set));
        });
    TextFormat format = PageRoutes.format(request);
    return Answer.page(
        request, format, new HotPage(hot.columns(), request.query("rack"), format, clock));
  }

  // ---- sums

  private Answer aggregate(Request request) {
    HotMetric metric = metric(request);
    boolean byRack =
        request
            .query("by")
            .map(by -> {
              if (!by.equals("rack")) {
                throw new IllegalArgumentException(
                    "by: '%s' is refused; allowed is rack, or nothing".formatted(by));
              }
              return true;
            })
            .orElse(false);
    long now = clock.nanos();
    Optional<Aggregate> all = Aggregate.ofFleet(hot.columns(), metric, now);
    List<AggregateView.Rack> racks = new ArrayList<>();
    if (byRack) {
      Aggregate.ofRacks(hot.columns(), metric, now)
          .forEach((rack, one) ->
              racks.add(
                  new AggregateView.Rack(
                      rack, one.accelerators(), one.sum(), one.least(), one.mean(), one.most())));
    }
    return Answer.json(
        new AggregateView(
            SCHEMA,
            metric.metric().familyName(),
            metric.labels(),
            all.map(Aggregate::accelerators).orElse(0),
            known(all, Aggregate::sum),
            known(all, Aggregate::least),
            known(all, Aggregate::mean),
            known(all, Aggregate::most),
            byRack ? Optional.of(racks) : Optional.empty()));
  }

  private static OptionalDouble known(
      Optional<Aggregate> aggregate, Function<Aggregate, Double> value) {
    return aggregate.map(one -> OptionalDouble.of(value.apply(one))).orElse(OptionalDouble.empty());
  }

  private static HotMetric metric(Request request) {
    String family =
        request
            .query("metric")
            .orElseThrow(
                () -> new IllegalArgumentException("metric is missing; allowed is " + families()));
    Map<String, String> given = new HashMap<>(request.parameters());
    return HotMetric.of(family, given)
        .orElseThrow(() ->
            new IllegalArgumentException(
                "metric: '%s'%s is not in the hot set; allowed is %s"
                    .formatted(
                        family,
                        HotMetric.families().contains(family) ? " with this label" : "",
                        families())));
  }

  private static String families() {
    return String.join(", ", HotMetric.all().stream().map(HotRoutes::words).toList());
  }

  private static String words(HotMetric metric) {
    StringBuilder words = new StringBuilder(metric.metric().familyName());
    metric.labels().forEach((name, value) -> words.append(" (" + name + "=" + value + ")"));
    return words.toString();
  }

  // ---- the last minutes

  private Answer history(Request request) {
    String uuid = request.part("uuid");
    HotMetric metric = metric(request);
    int seconds = number(request, "seconds", LONGEST_SECONDS);
    int step = number(request, "step", 1);
    return hot.device(uuid)
        .map(device -> Answer.json(view(device, metric, seconds, step)))
        .orElseGet(() ->
            Answer.problem(
                404,
                "No accelerator '%s' has told anything of late; /v1/accelerators lists those that were seen."
                    .formatted(uuid)));
  }

  private static int number(Request request, String name, int otherwise) {
    String given = request.query(name).orElse(Integer.toString(otherwise));
    int number = given.matches("[0-9]{1,9}") ? Integer.parseInt(given) : 0;
    if (number < 1 || number > LONGEST_SECONDS) {
      throw new IllegalArgumentException(
          "%s: '%s' is refused; allowed is 1 to %d".formatted(name, given, LONGEST_SECONDS));
    }
    return number;
  }

  private HistoryView view(HotDevice device, HotMetric metric, int seconds, int step) {
    long since = clock.wall().toEpochMilli() - seconds * 1000L;
    List<HistoryView.Step> steps = new ArrayList<>();
    Stepping stepping = new Stepping(step * 1000L, steps);
    for (Point point : hot.history(device, metric, since)) {
      stepping.add(point);
    }
    stepping.end();
    return new HistoryView(
        SCHEMA,
        device.node(),
        device.index(),
        device.uuid(),
        metric.metric().familyName(),
        metric.labels(),
        step,
        steps);
  }

  /** Readings of the same step of the wall clock become one. */
  private static final class Stepping {
    private final long stepMs;
    private final List<HistoryView.Step> steps;
    private long at;
    private int count;
    private double sum;
    private double least;
    private double most;

    Stepping(long stepMs, List<HistoryView.Step> steps) {
      this.stepMs = stepMs;
      this.steps = steps;
    }

    void add(Point point) {
      if (!Double.isFinite(point.value())) {
        return; // JSON has no word for it
      }
      long begins = point.wallMs() - Math.floorMod(point.wallMs(), stepMs);
      if (count > 0 && begins != at) {
        end();
      }
      at = begins;
      sum = count == 0 ? point.value() : sum + point.value();
      least = count == 0 ? point.value() : Math.min(least, point.value());
      most = count == 0 ? point.value() : Math.max(most, point.value());
      count++;
    }

    void end() {
      if (count > 0) {
        steps.add(new HistoryView.Step(at, least, sum / count, most, count));
      }
      count = 0;
    }
  }
}
