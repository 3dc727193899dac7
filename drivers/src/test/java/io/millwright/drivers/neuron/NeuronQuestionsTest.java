package io.millwright.drivers.neuron;

import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.drivers.CallWatch;
import io.millwright.drivers.neuron.binding.DeviceFile;
import io.millwright.drivers.neuron.binding.IoctlLayout.Core;
import io.millwright.drivers.neuron.binding.PassiveCall;
import io.millwright.drivers.nvml.binding.NativeBlock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The questions, through the C library to files that are no Neuron device, and to answers that were
 * written by hand. Nothing here was asked of a Neuron driver.
 */
class NeuronQuestionsTest {
  private static final int ENOENT = 2;
  private static final int ENODEV = 19;
  private static final int ENOTTY = 25;

  @TempDir Path root;
  private final UnknownCalls unknown = new UnknownCalls();

  /** Through the C library to one path, whatever that is; what came of it. */
  private record Through(String path, List<Integer> codes) implements NeuronCalls {
    @Override
    public int call(int device, PassiveCall call, NativeBlock block) {
      int code =
          switch (DeviceFile.open(path)) {
            case DeviceFile.Result.Refused(int errno) -> errno;
            case DeviceFile.Result.Opened(DeviceFile file) -> {
              try (file) {
                yield file.call(call, block);
              }
            }
          };
      codes.add(code);
      return code;
    }

    @Override
    public void close() {}
  }

  /**
   * All seven, of which the place in an UltraServer is asked by the newer call and by the older.
   */
  private static void askAll(NeuronQuestions questions) {
    assertThat(questions.basic(0)).isEmpty();
    assertThat(questions.bdf(0)).isEmpty();
    assertThat(questions.driver(0)).isEmpty();
    assertThat(questions.rids(0)).isEmpty();
    assertThat(questions.cores(0)).isEmpty();
    assertThat(questions.pod(0)).isEmpty();
  }

  @Test
  void whatNoDriverOfNeuronAnswersIsNeverAskedAgain() throws IOException {
    Path file = Files.createFile(root.resolve("plain"));
    for (String path : List.of("/dev/null", file.toString())) {
      List<Integer> codes = new ArrayList<>();
      unknown.attached("driver of " + path);
      try (NeuronQuestions questions =
          new NeuronQuestions(new Through(path, codes), unknown, CallWatch.NONE)) {
        askAll(questions);
        assertThat(codes).as(path).hasSize(7).containsOnly(ENOTTY);
        assertThat(questions.unknown(PassiveCall.POD_STATUS)).isTrue();
        askAll(questions);
        assertThat(codes).as(path).hasSize(7);
      }
    }
  }

  @Test
  void whatIsNotThereIsAskedAgain() {
    List<Integer> codes = new ArrayList<>();
    String absent = root.resolve("absent").toString();
    try (NeuronQuestions questions =
        new NeuronQuestions(new Through(absent, codes), unknown, CallWatch.NONE)) {
      askAll(questions);
      askAll(questions);
      assertThat(codes).hasSize(14).containsOnly(ENOENT);
    }
  }

  /** A file in the device's place, and one whose driver is another, are not even opened. */
  @Test
  void aFileThatIsNotTheDriversIsNotOpened() throws IOException {
    Files.createDirectories(root.resolve("dev"));
    Files.createDirectories(root.resolve("proc"));
    Files.writeString(
        root.resolve("proc/devices"),
        "Character devices:\n  1 mem\n239 neuron\n\nBlock devices:\n  8 neuron\n");
    Files.createFile(root.resolve("dev/neuron0"));
    Files.createSymbolicLink(root.resolve("dev/neuron1"), Path.of("/dev/null"));
    try (NativeBlock block = new NativeBlock(64);
        DeviceCalls calls = new DeviceCalls(root)) {
      for (int device = 0; device < 3; device++) {
        assertThat(calls.call(device, PassiveCall.BASIC_INFO, block)).isEqualTo(ENODEV);
      }
    }
    assertThat(new DriverNodes(root).major()).hasValue(239);
    assertThat(new DriverNodes(root.resolve("dev")).major()).isEmpty();
  }

  @Test
  void aSimulatedTreeAnswersWhatItsFileHolds() throws IOException {
    Files.writeString(
        root.resolve(SimulatedCalls.FILE),
        """
        # call, device, bytes
        BASIC_INFO\t*\t0400000001000000
        BASIC_INFO\t1\t0300000001000000
        LOGICAL_TO_PHYSICAL_NC_MAP\t*\t02000000000000000400000000000000050000\
        00
        BDF_EXT\t0\tnonsense
        """);
    try (NeuronQuestions questions =
        new NeuronQuestions(new SimulatedCalls(root), unknown, CallWatch.NONE)) {
      assertThat(questions.basic(0))
          .hasValueSatisfying(b -> assertThat(b.architecture()).isEqualTo(4));
      assertThat(questions.basic(1))
          .hasValueSatisfying(b -> assertThat(b.architecture()).isEqualTo(3));
      assertThat(questions.cores(0)).hasValue(List.of(new Core(0, 4), new Core(0, 5)));
      assertThat(questions.bdf(0)).isEmpty();
      assertThat(questions.unknown(PassiveCall.BDF_EXT)).isTrue();
    }
  }
}
