package io.millwright.collector.usage;

import io.millwright.collector.store.PowerSum;
import io.millwright.collector.store.StoreException;
import io.millwright.collector.store.UsageRow;
import io.millwright.collector.store.UsageSum;
import io.millwright.collector.store.UsageTable;
import io.millwright.protocol.bodies.AccountJson;
import io.millwright.protocol.bodies.Json;
import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.clock.Threads;
import io.millwright.protocol.vocabulary.job.DeviceAccount;
import io.millwright.protocol.vocabulary.job.RunAccount;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps accounts of runs, and adds them up.
 *
 * <p><i>Lifecycle:</i> {@link #start}, {@link #close} once. <i>Threading:</i> {@link #keep} on the
 * thread {@code event-store} alone; questions from any thread, answered on the thread {@code
 * usage}. <i>Failure:</i> {@link #keep} throws {@link StoreException}; a question that cannot be
 * answered ends with one.
 */
public final class UsageDesk implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(UsageDesk.class);
  private static final int MOST_QUESTIONS = 16;
  private static final Duration EXPIRE = Duration.ofMinutes(1);
  private static final Duration LOOK = Duration.ofSeconds(1);
  private static final Duration STOP = Duration.ofSeconds(5);

  private final UsageTable table;
  private final Clock clock;
  private final Thread thread;
  private final ArrayBlockingQueue<Question> asked = new ArrayBlockingQueue<>(MOST_QUESTIONS);
  private volatile boolean stopping;
  private long expiredNanos;
  private boolean expiring;
  private boolean stuck;

  private record Question(
      List<UsageTable.By> by, long sinceMs, CompletableFuture<List<UsageSum>> answer) {}

  public UsageDesk(UsageTable table, Clock clock) {
    this.table = table;
    this.clock = clock;
    this.thread = Threads.platform("usage", this::run);
    this.expiredNanos = clock.nanos() - EXPIRE.toNanos();
  }

  public void start() {
    thread.start();
  }

  /**
   * What an agent told.
   *
   * @param node whose agent it is
   */
  public record Told(String node, RunAccount account) {}

  /** Keeps them, durable when this returns; one that is kept already changes nothing. */
  public void keep(List<Told> told) {
    if (told.isEmpty()) {
      return;
    }
    table.store(told.stream().map(UsageDesk::row).toList());
    if (expiring || clock.nanos() - expiredNanos >= EXPIRE.toNanos()) {
      expiredNanos = clock.nanos();
      expiring = expire();
    }
  }

  /** Whether there is more; what cannot go now goes later. */
  private boolean expire() {
    try {
      boolean more = table.expire(clock.wall().toEpochMilli());
      stuck = false;
      return more;
    } catch (StoreException e) {
      if (!stuck) {
        LOG.warn("old accounts cannot be let go of; they stay until they can", e);
      }
      stuck = true;
      return false;
    }
  }

  private static UsageRow row(Told told) {
    RunAccount account = told.account();
    OptionalDouble joules = sum(account, DeviceAccount::joules);
    return new UsageRow(
        told.node(),
        account.run().job(),
        account.run().run(),
        account.scheduler(),
        account.user(),
        account.project(),
        account.beganMs(),
        account.endedMs(),
        account.deviceSeconds(),
        joules,
        joules.isPresent() ? account.devices().getFirst().energyScope() : "",
        sum(account, UsageDesk::busy),
        account.host().cpuSeconds(),
        sum(account, UsageDesk::errors),
        power(account),
        highest(account, DeviceAccount::peakMemoryBytes),
        Json.text(AccountJson.tree(account)));
  }

  /** Empty where one of the devices does not tell it, and for a run without devices. */
  private static OptionalDouble sum(
      RunAccount account, Function<DeviceAccount, OptionalDouble> value) {
    double sum = 0;
    for (DeviceAccount device : account.devices()) {
      OptionalDouble one = value.apply(device);
      if (one.isEmpty()) {
        return one;
      }
      sum += one.getAsDouble();
    }
    return account.devices().isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(sum);
  }

  /** Over the time that samples were seen of; of a shared device nobody knows whose it was. */
  private static PowerSum power(RunAccount account) {
    if (account.shared()) {
      return new PowerSum(OptionalDouble.empty(), 0, OptionalDouble.empty());
    }
    double seen = Math.min(1, account.coverage());
    double wattSeconds = 0;
    double seconds = 0;
    for (DeviceAccount device : account.devices()) {
      if (device.watts().isPresent()) {
        wattSeconds += device.watts().getAsDouble() * device.seconds() * seen;
        seconds += device.seconds() * seen;
      }
    }
    return new PowerSum(
        seconds > 0 ? OptionalDouble.of(wattSeconds) : OptionalDouble.empty(),
        seconds,
        highest(account, DeviceAccount::peakWatts));
  }

  /** Of the devices of which it is known. */
  private static OptionalDouble highest(
      RunAccount account, Function<DeviceAccount, OptionalDouble> value) {
    return account.devices().stream().map(value).flatMapToDouble(OptionalDouble::stream).max();
  }

  private static OptionalDouble busy(DeviceAccount device) {
    return device.utilization().isPresent()
        ? OptionalDouble.of(device.utilization().getAsDouble() * device.seconds())
        : OptionalDouble.empty();
  }

  private static OptionalDouble errors(DeviceAccount device) {
    Map<String, Double> errors = device.grew().get("errors");
    return errors == null
        ? OptionalDouble.empty()
        : OptionalDouble.of(errors.values().stream().mapToDouble(Double::doubleValue).sum());
  }

  // ---- questions

  /** The runs that ended since then, added up by these. */
  public CompletableFuture<List<UsageSum>> sums(List<UsageTable.By> by, long sinceMs) {
    Question question = new Question(by, sinceMs, new CompletableFuture<>());
    if (stopping || !asked.offer(question)) {
      question
          .answer()
          .completeExceptionally(
              new StoreException("usage cannot be asked for now; ask again later"));
    }
    LockSupport.unpark(thread);
    return question.answer();
  }

  private void run() {
    while (!stopping) {
      Question next = asked.poll();
      if (next == null) {
        clock.parkUntil(clock.nanos() + LOOK.toNanos());
      } else {
        answer(next);
      }
    }
  }

  private void answer(Question question) {
    try {
      question.answer().complete(table.sums(question.by(), question.sinceMs()));
    } catch (RuntimeException e) {
      LOG.warn("usage could not be added up", e);
      question.answer().completeExceptionally(e);
    }
  }

  /** After the thread that keeps has ended. */
  @Override
  public void close() {
    stopping = true;
    LockSupport.unpark(thread);
    try {
      if (thread.isAlive()) {
        thread.join(STOP);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    table.close();
  }
}
