package io.millwright.collector.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.protocol.vocabulary.Readings;
import io.millwright.protocol.vocabulary.Sample;
import io.millwright.protocol.vocabulary.SeriesTable;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

/** What facts make of the fleet. */
class FleetReducerTest {
  private static final long SECOND = Duration.ofSeconds(1).toNanos();
  private static final Sample SAMPLE = new Readings(SeriesTable.builder().build()).sample();

  private static Fact connected(long session, long seconds) {
    return new Fact.Connected("n1", session, "1.0", seconds * SECOND, seconds * 1000);
  }

  private static Fact sampled(long session, long seconds, boolean up) {
    return sampled(session, seconds, up, "GPU-0");
  }

  private static Fact sampled(long session, long seconds, boolean up, String uuid) {
    AcceleratorState device =
        new AcceleratorState(
            "0",
            uuid,
            "nvidia",
            "B200",
            true,
            up,
            up ? Optional.empty() : Optional.of("nvmlX"),
            OptionalDouble.of(500),
            OptionalDouble.empty(),
            OptionalDouble.empty(),
            OptionalDouble.empty(),
            OptionalDouble.empty(),
            OptionalDouble.empty());
    return new Fact.Sampled(
        "n1", session, seconds * SECOND, seconds * 1000, 7, SAMPLE, List.of(device));
  }

  private static FleetState after(Fact... facts) {
    return FleetReducer.apply(FleetState.EMPTY, List.of(facts));
  }

  private static List<String> kinds(FleetState fleet) {
    return fleet.events().stream().map(FleetEvent::kind).toList();
  }

  @Test
  void aSessionAndItsSampleAreANode() {
    NodeState node = after(connected(1, 1), sampled(1, 2, true)).node("n1").orElseThrow();
    assertThat(node.clockOffsetMs()).isEqualTo(7);
    assertThat(node.accelerators()).hasSize(1);
    assertThat(node.simulated()).isTrue();
    assertThat(node.link(3 * SECOND)).isEqualTo(Link.CONNECTED);
    assertThat(node.link(8 * SECOND)).isEqualTo(Link.STALE);
    assertThat(node.link(32 * SECOND)).isEqualTo(Link.LOST);
  }

  @Test
  void aSampleOfAnOlderSessionIsNone() {
    FleetState fleet = after(connected(1, 1), connected(2, 2), sampled(1, 3, true));
    assertThat(fleet.node("n1").orElseThrow().accelerators()).isEmpty();
    assertThat(after(sampled(1, 1, true)).nodes()).isEmpty();
  }

  @Test
  void aNewSessionMakesOldReadingsNoNewer() {
    FleetState fleet = after(connected(1, 1), sampled(1, 2, true), connected(2, 60));
    assertThat(fleet.node("n1").orElseThrow().link(60 * SECOND)).isEqualTo(Link.LOST);
    FleetState told = FleetReducer.apply(fleet, List.of(sampled(2, 61, true)));
    assertThat(told.node("n1").orElseThrow().link(61 * SECOND)).isEqualTo(Link.CONNECTED);
  }

  @Test
  void theEndOfAnOlderSessionEndsNothing() {
    Fact end = new Fact.Disconnected("n1", 1, 3 * SECOND, 3000, "gone");
    assertThat(after(connected(1, 1), connected(2, 2), end).node("n1").orElseThrow().session())
        .isEqualTo(2);
    FleetState ended = after(connected(1, 1), sampled(1, 2, true), end);
    assertThat(ended.node("n1").orElseThrow().link(3 * SECOND)).isEqualTo(Link.STALE);
    assertThat(ended.node("n1").orElseThrow().accelerators()).hasSize(1);
    assertThat(kinds(ended)).containsExactly("node-connected", "node-disconnected");
  }

  @Test
  void aDeviceThatTurnsIsAnEvent() {
    FleetState fleet =
        after(
            connected(1, 1),
            sampled(1, 2, true),
            sampled(1, 3, false),
            sampled(1, 4, false),
            sampled(1, 5, true));
    assertThat(kinds(fleet))
        .containsExactly("node-connected", "accelerator-down", "accelerator-up");
    assertThat(fleet.events().get(1).message())
        .isEqualTo("GPU-0 does not answer: nvmlX does not return.");
    assertThat(fleet.events()).extracting(FleetEvent::sequence).containsExactly(1L, 2L, 3L);
  }

  @Test
  void aDeviceThatIsNotToldOfAnyMoreIsAnEvent() {
    Fact none = new Fact.Sampled("n1", 1, 3 * SECOND, 3000, 0, SAMPLE, List.of());
    assertThat(kinds(after(connected(1, 1), sampled(1, 2, true), none)))
        .as("an agent that has just begun")
        .containsExactly("node-connected");
    Fact another = sampled(1, 3, true, "GPU-9");
    assertThat(kinds(after(connected(1, 1), sampled(1, 2, true), another, another)))
        .containsExactly("node-connected", "accelerator-gone");
  }

  @Test
  void oldEventsAreLetGoOf() {
    FleetState fleet = FleetState.EMPTY;
    for (int i = 0; i < FleetState.MOST_EVENTS + 5; i++) {
      fleet = fleet.with(i, "kind", "subject", "message");
    }
    assertThat(fleet.events()).hasSize(FleetState.MOST_EVENTS);
    assertThat(fleet.events().getLast().sequence()).isEqualTo(FleetState.MOST_EVENTS + 5);
  }
}
