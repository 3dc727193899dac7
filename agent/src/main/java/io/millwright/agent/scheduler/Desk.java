package io.millwright.agent.scheduler;

import io.millwright.agent.accounting.AccountKeeper;
import io.millwright.agent.accounting.Beginning;
import io.millwright.protocol.vocabulary.Metric;
import io.millwright.protocol.vocabulary.NodeSnapshot;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.Series;
import io.millwright.protocol.vocabulary.health.HealthReport;
import io.millwright.protocol.vocabulary.job.RunAccount;
import io.millwright.protocol.vocabulary.job.RunId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Answers what is asked at the door.
 *
 * <p><i>Threading:</i> any, which waits for readings no longer than {@link #LONGEST}.
 */
public final class Desk implements Function<Ask, Reply> {
  private static final Duration LONGEST = Duration.ofSeconds(3);
  private static final int UUID = 2;

  private final AccountKeeper accounts;
  private final Supplier<NodeSnapshot> snapshot;
  private final Supplier<HealthReport> health;

  public Desk(
      AccountKeeper accounts, Supplier<NodeSnapshot> snapshot, Supplier<HealthReport> health) {
    this.accounts = accounts;
    this.snapshot = snapshot;
    this.health = health;
  }

  @Override
  public Reply apply(Ask ask) {
    return switch (ask) {
      case Ask.Begin begin -> begin(begin);
      case Ask.End(String job, OptionalInt run) -> end(job, run);
      case Ask.Look() -> look();
    };
  }

  private Reply begin(Ask.Begin ask) {
    RunId run = new RunId(ask.job(), ask.run());
    Map<String, String> known = minors();
    List<String> unknown = ask.devices().stream().filter(one -> !known.containsKey(one)).toList();
    Set<String> uuids = new LinkedHashSet<>();
    ask.devices().stream().filter(known::containsKey).map(known::get).forEach(uuids::add);
    Optional<String> unfit = ask.anyway() ? Optional.empty() : Unfit.reason(health.get(), uuids);
    if (unfit.isPresent()) {
      return new Reply.Refused(unfit.get());
    }
    Beginning beginning =
        new Beginning(run, ask.scheduler(), ask.user(), ask.project(), new ArrayList<>(uuids));
    boolean followed = awaited(accounts.begin(beginning)).orElse(false);
    if (!followed) {
      return new Reply.Done("the account of " + ask.job() + " is not kept");
    }
    return new Reply.Done(
        unknown.isEmpty()
            ? ""
            : "no accelerator has the minor number %s here; %s is accounted without it"
                .formatted(String.join(", ", unknown), ask.job()));
  }

  /** The UUID of each accelerator by the number of its device file. */
  private Map<String, String> minors() {
    Map<String, String> minors = new HashMap<>();
    int label = Metric.ACCELERATOR_INFO.labels().indexOf("minor");
    for (Sample sample : snapshot.get().samples()) {
      for (int i = 0; i < sample.table().size(); i++) {
        Series series = sample.table().series(i);
        if (series.metric() == Metric.ACCELERATOR_INFO) {
          minors.put(series.labelValues().get(label), series.labelValues().get(UUID));
        }
      }
    }
    return minors;
  }

  private Reply end(String job, OptionalInt run) {
    RunId named = new RunId(job, run.orElse(1)); // or it is no name
    CompletableFuture<Optional<RunAccount>> ended =
        run.isPresent() ? accounts.end(named, "") : accounts.endNewest(job);
    boolean known = awaited(ended).flatMap(account -> account).isPresent();
    return new Reply.Done(known ? "" : "nothing is known of " + job);
  }

  private Reply look() {
    HealthReport report = health.get();
    List<Reply.Running> runs =
        awaited(accounts.soFar()).orElse(List.of()).stream()
            .map(open -> new Reply.Running(open.account(), open.unsure()))
            .toList();
    return new Reply.Seen(Unfit.of(report), Unfit.reason(report).orElse(""), runs);
  }

  private static <T> Optional<T> awaited(CompletableFuture<T> answer) {
    try {
      return Optional.of(answer.get(LONGEST.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    } catch (ExecutionException | TimeoutException e) {
      return Optional.empty();
    }
  }
}
