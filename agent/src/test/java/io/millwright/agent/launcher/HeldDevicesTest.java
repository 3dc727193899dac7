package io.millwright.agent.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.agent.launcher.HeldDevices.Look;
import io.millwright.agent.launcher.verb.Answer;
import io.millwright.agent.launcher.verb.Answer.Holder;
import io.millwright.agent.launcher.verb.Answer.Holding;
import io.millwright.agent.page.StillClock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** When the devices of a run that has ended are free. */
class HeldDevicesTest {
  private static final List<String> NODES = List.of("nvidia0", "nvidia1");
  private static final Answer NOBODY =
      new Answer.Holdings(List.of(new Holding("nvidia0", 0, List.of())), true);

  private final StillClock clock = new StillClock();
  private final Deque<Consumer<Answer>> asked = new ArrayDeque<>();
  private final HeldDevices held =
      new HeldDevices(
          (question, told) -> asked.add(told), new Strangers(uid -> uid >= 1000), clock);

  private static Answer holder(String device, long uid) {
    Holder holder = new Holder(4711, "nvtop", uid, 1);
    return new Answer.Holdings(List.of(new Holding(device, 1, List.of(holder))), true);
  }

  @Test
  void withoutDevicesNobodyIsAsked() {
    assertThat(held.look(List.of(), clock.nanos())).isEqualTo(new Look.Free());
    assertThat(asked).isEmpty();
  }

  @Test
  void theyAreFreeOnceNobodyHoldsThem() {
    long gone = clock.nanos();
    assertThat(held.look(NODES, gone)).isEqualTo(new Look.Awaited());
    assertThat(held.look(NODES, gone)).isEqualTo(new Look.Awaited());
    asked.remove().accept(NOBODY);
    assertThat(asked).isEmpty();
    assertThat(held.look(NODES, gone)).isEqualTo(new Look.Free());
  }

  @Test
  void whoHoldsOneIsToldUntilHeLetsGo() {
    long gone = clock.nanos();
    held.look(NODES, gone);
    asked.remove().accept(holder("nvidia1", 2001));
    assertThat(held.look(NODES, gone))
        .isInstanceOfSatisfying(
            Look.Held.class,
            look ->
                assertThat(look.sentence())
                    .startsWith("devices: nvidia1 is still held by process 4711 (nvtop)"));
    clock.advance(Duration.ofSeconds(3));
    assertThat(held.look(NODES, gone)).isInstanceOf(Look.Held.class);
    asked.remove().accept(NOBODY);
    assertThat(held.look(NODES, gone)).isEqualTo(new Look.Free());
  }

  @Test
  void othersDevicesAndServicesKeepNone() {
    long gone = clock.nanos();
    held.look(NODES, gone);
    asked.remove().accept(holder("nvidia7", 2001));
    assertThat(held.look(NODES, gone)).isEqualTo(new Look.Free());
    clock.advance(Duration.ofSeconds(3));
    held.look(NODES, gone);
    asked.remove().accept(holder("nvidia0", 990));
    assertThat(held.look(NODES, gone)).isEqualTo(new Look.Free());
  }

  /** What was seen before the run's own processes were gone says nothing. */
  @Test
  void anEarlierLookFreesNothing() {
    held.look(NODES, clock.nanos());
    asked.remove().accept(NOBODY);
    clock.advance(Duration.ofSeconds(1));
    long gone = clock.nanos();
    assertThat(held.look(NODES, gone)).isEqualTo(new Look.Awaited());
    assertThat(asked).as("not asked again so soon").isEmpty();
    clock.advance(Duration.ofSeconds(2));
    assertThat(held.look(NODES, gone)).isEqualTo(new Look.Awaited());
    asked.remove().accept(holder("nvidia0", 2001));
    assertThat(held.look(NODES, gone)).isInstanceOf(Look.Held.class);
  }

  @Test
  void whereNobodyCanLookTheyAreFree() {
    long gone = clock.nanos();
    held.look(NODES, gone);
    asked.remove().accept(new Answer.Refused("there is no socket"));
    assertThat(held.look(NODES, gone)).isEqualTo(new Look.Free());
  }

  @Test
  void aLookThatDoesNotComeIsNotAwaitedForEver() {
    long gone = clock.nanos();
    held.look(NODES, gone);
    asked.remove().accept(new Answer.Later("too often"));
    assertThat(held.look(NODES, gone)).isEqualTo(new Look.Awaited());
    clock.advance(Duration.ofSeconds(30));
    assertThat(held.look(NODES, gone)).isEqualTo(new Look.Free());
  }

  /** The program that looks may be busy for long. */
  @Test
  void whatIsHeldIsNotFreeBecauseNobodyLookedAgain() {
    long gone = clock.nanos();
    held.look(NODES, gone);
    asked.remove().accept(holder("nvidia1", 2001));
    for (int i = 0; i < 20; i++) {
      clock.advance(Duration.ofSeconds(3));
      assertThat(held.look(NODES, gone)).isInstanceOf(Look.Held.class);
      asked.remove().accept(new Answer.Later("too often"));
    }
    assertThat(held.look(NODES, gone)).isInstanceOf(Look.Held.class);
    clock.advance(Duration.ofSeconds(3));
    held.look(NODES, gone);
    asked.remove().accept(NOBODY);
    assertThat(held.look(NODES, gone)).isEqualTo(new Look.Free());
  }

  @Test
  void whereNobodyCanLookAnyMoreItIsFreeAfterAWhile() {
    long gone = clock.nanos();
    held.look(NODES, gone);
    asked.remove().accept(holder("nvidia1", 2001));
    clock.advance(Duration.ofSeconds(3));
    held.look(NODES, gone);
    asked.remove().accept(new Answer.Refused("there is no socket"));
    assertThat(held.look(NODES, gone)).isInstanceOf(Look.Held.class);
    clock.advance(Duration.ofSeconds(27));
    assertThat(held.look(NODES, gone)).isEqualTo(new Look.Free());
  }
}
