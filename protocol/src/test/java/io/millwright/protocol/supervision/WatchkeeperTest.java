package io.millwright.protocol.supervision;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.clock.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What systemd hears of a service, in which order. */
class WatchkeeperTest {
  private static final long PID = 7;
  private static final Map<String, String> UNDER_SYSTEMD =
      Map.of("NOTIFY_SOCKET", "/run/notify", "WATCHDOG_USEC", "40000", "WATCHDOG_PID", "7");

  private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> trouble = new LinkedBlockingQueue<>();
  private final Service service = new Service();
  private Watchkeeper watchkeeper = watchkeeper(UNDER_SYSTEMD);

  private static final class Service implements Watched {
    volatile Optional<String> missing = Optional.of("no snapshot was taken yet");
    volatile Optional<String> still = Optional.empty();
    volatile String status = "8 accelerators";

    @Override
    public Optional<String> missing() {
      return missing;
    }

    @Override
    public Optional<String> standingStill() {
      return still;
    }

    @Override
    public String status() {
      return status;
    }
  }

  private Watchkeeper watchkeeper(Map<String, String> environment) {
    Supervision supervision =
        Supervision.of(
            environment,
            PID,
            () -> (address, text) -> heard.add(new String(text, UTF_8)),
            Clock.system());
    return new Watchkeeper(supervision, service, trouble::add, Clock.system());
  }

  @AfterEach
  void stop() {
    watchkeeper.stop();
  }

  private static String next(BlockingQueue<String> queue) throws InterruptedException {
    String word = queue.poll(60, TimeUnit.SECONDS);
    assertThat(word).as("nothing came within 10 s").isNotNull();
    return String.valueOf(word);
  }

  /** Skips until one fits. */
  private String await(Predicate<String> wanted) throws InterruptedException {
    String word = next(heard);
    while (!wanted.test(word)) {
      word = next(heard);
    }
    return word;
  }

  @Test
  void isReadyOnceNothingIsMissingAndNotBefore() throws InterruptedException {
    CountDownLatch looked = new CountDownLatch(3);
    Watched waiting =
        new Watched() {
          @Override
          public Optional<String> missing() {
            looked.countDown();
            return service.missing();
          }

          @Override
          public Optional<String> standingStill() {
            return Optional.empty();
          }

          @Override
          public String status() {
            return service.status();
          }
        };
    Supervision supervision =
        Supervision.of(
            UNDER_SYSTEMD,
            PID,
            () -> (address, text) -> heard.add(new String(text, UTF_8)),
            Clock.system());
    watchkeeper = new Watchkeeper(supervision, waiting, trouble::add, Clock.system());
    watchkeeper.start();
    assertThat(looked.await(60, TimeUnit.SECONDS)).isTrue();
    assertThat(heard).isEmpty();
    service.missing = Optional.empty();
    assertThat(next(heard)).isEqualTo("READY=1\nSTATUS=8 accelerators");
    assertThat(next(heard)).isEqualTo("WATCHDOG=1");
  }

  @Test
  void feedsTheWatchdogOnlyWhileTheLoopsTurn() throws InterruptedException {
    service.missing = Optional.empty();
    watchkeeper.start();
    await("WATCHDOG=1"::equals);
    service.still = Optional.of("the thread edge stands still");
    assertThat(next(trouble)).isEqualTo("the thread edge stands still");
    heard.clear();
    assertThat(heard.poll(200, TimeUnit.MILLISECONDS)).isNull();
    assertThat(trouble).as("told of once").isEmpty();
    service.still = Optional.empty();
    await("WATCHDOG=1"::equals);
  }

  @Test
  void tellsOfAChangedStatusOnceInOneLine() throws InterruptedException {
    service.missing = Optional.empty();
    watchkeeper.start();
    await("WATCHDOG=1"::equals);
    service.status = "7 accelerators\nREADY=0";
    assertThat(await(word -> !word.equals("WATCHDOG=1")))
        .isEqualTo("STATUS=7 accelerators READY=0");
    await("WATCHDOG=1"::equals);
    await("WATCHDOG=1"::equals);
    assertThat(List.copyOf(heard)).noneMatch(word -> word.startsWith("STATUS="));
  }

  @Test
  void aReloadStandsBetweenItsTwoWordsAndARefusalInTheStatus() throws InterruptedException {
    service.missing = Optional.empty();
    watchkeeper.start();
    await(word -> word.startsWith("READY=1"));
    watchkeeper.reload(() -> Optional.of("nod is not a key; did you mean node?"));
    assertThat(await(word -> !word.equals("WATCHDOG=1")))
        .matches("RELOADING=1\nMONOTONIC_USEC=[0-9]+");
    assertThat(await(word -> !word.equals("WATCHDOG=1")))
        .isEqualTo("READY=1\nSTATUS=8 accelerators; refused: nod is not a key; did you mean node?");
    watchkeeper.reload(Optional::empty);
    assertThat(await(word -> word.startsWith("READY=1")))
        .isEqualTo("READY=1\nSTATUS=8 accelerators");
  }

  @Test
  void aReloadBeforeTheFirstSnapshotDoesNotSayReady() {
    watchkeeper.start();
    watchkeeper.reload(Optional::empty);
    assertThat(heard).isEmpty();
  }

  @Test
  void saysThatAnOrderlyStopBegins() throws InterruptedException {
    watchkeeper.start();
    watchkeeper.stop();
    assertThat(next(heard)).isEqualTo("STOPPING=1\nSTATUS=stopping");
  }

  @Test
  void saysNothingWhereNobodyHears() {
    service.missing = Optional.empty();
    Watchkeeper alone = watchkeeper(Map.of("WATCHDOG_USEC", "40000"));
    alone.start();
    alone.reload(Optional::empty);
    alone.stop();
    assertThat(heard).isEmpty();
  }

  @Test
  void theWatchdogOfAnotherProcessIsNotOurs() {
    Map<String, String> others =
        Map.of("NOTIFY_SOCKET", "@x", "WATCHDOG_USEC", "40000", "WATCHDOG_PID", "8");
    assertThat(Supervision.of(others, PID, () -> (address, text) -> {}, Clock.system()).watchdog())
        .isEmpty();
  }

  @Test
  void aLoopThatTakesNoTaskHasNoPulse() {
    BlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
    Pulse pulse = new Pulse(tasks::add);
    assertThat(pulse.felt()).isTrue();
    assertThat(pulse.felt()).as("the task of before has not run").isFalse();
    tasks.remove().run();
    assertThat(pulse.felt()).isTrue();
  }
}
