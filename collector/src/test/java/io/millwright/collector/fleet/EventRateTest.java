package io.millwright.collector.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventRateTest {
  private static FleetState after(FleetState state, long atMs, String subject, int times) {
    List<Happening> happenings = new ArrayList<>();
    for (int i = 0; i < times; i++) {
      happenings.add(new Happening(atMs, "verdict-changed", subject, "Is failed."));
    }
    return state.with(EventRate.bounded(state.events(), happenings));
  }

  @Test
  void aDeviceThatFlapsDoesNotDriveOutTheFleet() {
    FleetState state = FleetState.EMPTY.with(1000, "node-connected", "n2", "Hello.");
    for (int turn = 0; turn < 50; turn++) {
      state = after(state, 1000 + turn * 1000L, "n1 accelerator 3", 100);
    }
    assertThat(state.events()).hasSize(1 + EventRate.MOST_A_MINUTE);
    assertThat(state.events().getLast().message()).endsWith("is not told.");
    assertThat(after(state, 50_000, "n1 accelerator 4", 1).events())
        .as("another subject is told")
        .hasSize(2 + EventRate.MOST_A_MINUTE);
  }

  @Test
  void isToldAgainAfterAMinute() {
    FleetState state = after(FleetState.EMPTY, 1000, "n1", 100);
    state = after(state, 62_000, "n1", 1);
    assertThat(state.events().getLast().wallMs()).isEqualTo(62_000);
  }
}
