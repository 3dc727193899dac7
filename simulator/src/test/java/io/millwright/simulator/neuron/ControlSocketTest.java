package io.millwright.simulator.neuron;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.millwright.protocol.clock.Clock;
import io.millwright.protocol.clock.Threads;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** A real socket, served by a thread of the test's. */
class ControlSocketTest {
  private static final int LINES = 30_000;
  private static final String LINE = "x".repeat(100);

  private static List<String> run(String line) throws IOException {
    return switch (line) {
      case "much" -> Collections.nCopies(LINES, LINE);
      case "unchecked" ->
          throw new UncheckedIOException("writing kmsg", new NoSuchFileException("kmsg"));
      case "checked" -> throw new NoSuchFileException("leaf");
      default -> List.of(line);
    };
  }

  /** 3 MB are more than a socket holds: the client comes back for them after another was served. */
  @Test
  void aLargeAnswerIsWholeAndOthersAreServedMeanwhile() throws Exception {
    Path directory = Files.createTempDirectory("mw-control");
    Path path = directory.resolve("s");
    AtomicBoolean ended = new AtomicBoolean();
    NeuronModel model =
        new NeuronModel(
            NeuronProfile.TRN3, NeuronProfile.TRN3.driver(), 1, "n1", Clock.system(), text -> {});
    try (ControlSocket socket =
        ControlSocket.open(
            path, () -> new MonitorSession(model, Clock.system()), (line, session) -> run(line))) {
      Thread serving = Threads.platform("control-test", () -> serve(socket, ended));
      serving.start();
      try (ControlClient slow = ControlClient.connect(path);
          ControlClient other = ControlClient.connect(path)) {
        slow.tell("much");
        assertThat(other.ask("hello")).containsExactly("hello");
        assertThatIllegalArgumentException()
            .isThrownBy(() -> other.ask("unchecked"))
            .withMessageContaining("error: writing kmsg")
            .withMessageContaining("NoSuchFileException");
        assertThatIllegalArgumentException()
            .isThrownBy(() -> other.ask("checked"))
            .withMessageContaining("leaf");
        assertThat(other.ask("again")).containsExactly("again");
        assertThat(slow.answer("much")).hasSize(LINES).containsOnly(LINE);
        assertThat(slow.ask("more")).containsExactly("more");
      } finally {
        ended.set(true);
        assertThat(serving.join(Duration.ofSeconds(20))).isTrue();
      }
    }
    Files.delete(directory);
  }

  private static void serve(ControlSocket socket, AtomicBoolean ended) {
    try {
      while (!ended.get()) {
        socket.serve(20);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("serving", e);
    }
  }
}
