package io.millwright.agent.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.agent.launcher.verb.Answer;
import io.millwright.agent.launcher.verb.Answer.StuckThread;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class StuckTextTest {
  private static final StuckThread WAITS =
      new StuckThread(40, 41, "python3", "D", "uvm_wait", List.of("uvm_wait+0x1", "do_exit+0x2"));

  @Test
  void saysWhatEachWaitsFor() {
    assertThat(StuckText.of(new Answer.Stuck(1, List.of(WAITS))))
        .isEqualTo(
            "1 process is left after the kill: 40/41 (python3) is in state D in uvm_wait"
                + " [uvm_wait+0x1 < do_exit+0x2]");
    assertThat(StuckText.of(new Answer.Stuck(64, Collections.nCopies(64, WAITS)))).hasSize(900);
  }

  @Test
  void saysWhyNothingCouldBeRead() {
    assertThat(StuckText.of(new Answer.Refused("there is no socket")))
        .endsWith("could not be read: there is no socket");
  }
}
